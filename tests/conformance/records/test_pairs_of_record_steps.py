"""Every pair of steps on records at once: who waits, what each answers, who still has which lock.

A: begin  first .............. end      first again (waits if B has the row) ... commit
B:               begin  second ... goes on                        commit
"""

import pytest

from inventory_core.steps import Step, rows, sql
from tests.conformance.records.catalogue import BEFORE, STEPS
from tests.conformance.records.conftest import Compare
from tests.conformance.records.twins import ModelRecords
from tests.conformance.steps.script import Move
from tests.conformance.steps.twins import Waits

pytestmark = [pytest.mark.live, pytest.mark.slow]

WRITES = (
    *(rows.Insert, rows.InsertAll, rows.Lock, rows.Put, rows.PutAll, rows.Add),
    rows.Remove,
)
MATTERS = [
    name
    for name, step in STEPS.items()
    if isinstance(step, WRITES) or (isinstance(step, rows.Select) and step.lock_free)
]
"""Steps that lock or write; beside any other, nobody can wait."""


def together(first: Step[object], second: Step[object], end: Step[object]) -> list[Move]:
    """Two transactions, each with one step; then the first once more."""
    begin = [(0, sql.Begin()), (1, sql.Begin())]
    again = [(0, sql.Begin()), (0, first), (1, sql.Commit()), (0, sql.Commit())]
    return [*begin, (0, first), (1, second), (0, end), *again]


def waits(first: Step[object], second: Step[object]) -> bool:
    """Does the second wait for the first? (That this is so in truth, every pair is tested for.)"""
    twin = ModelRecords(2)
    for step in BEFORE:
        twin.ask(0, step)
    moves = together(first, second, sql.Commit())
    return Waits in [twin.ask(session, step) for session, step in moves[:4]]


@pytest.mark.parametrize("first", MATTERS)
def test_a_step_beside_every_other(compare: Compare, first: str) -> None:
    for second in STEPS.values():
        compare().run(together(STEPS[first], second, sql.Commit()))


@pytest.mark.parametrize("first", MATTERS)
def test_a_step_that_is_undone_beside_one_that_waits_for_it(compare: Compare, first: str) -> None:
    for second in STEPS.values():
        if waits(STEPS[first], second):
            compare().run(together(STEPS[first], second, sql.Rollback()))
