"""Every pair of SQL steps at once: who waits, what each answers, who still has which lock.

A: begin  first .............. end      first again (waits if B has the row) ... commit
B:               begin  second ... goes on                        commit
"""

import pytest

from inventory_core.steps import Step, sql
from tests.conformance.steps.catalogue import BEFORE, STEPS, FinishTaken
from tests.conformance.steps.conftest import Compare
from tests.conformance.steps.script import Move
from tests.conformance.steps.twins import ModelTwin, Waits

pytestmark = [pytest.mark.live, pytest.mark.slow]

READ_COMMITTED, REPEATABLE_READ, _ = sql.Isolation


def together(
    first: Step[object], second: Step[object], isolation: sql.Isolation, end: Step[object]
) -> list[Move]:
    """Two transactions, each with one step (and a task in hand if it wants to finish one)."""
    taken: list[Move] = [(1, sql.ReadCells(()))]  # the snapshot, if there is one
    if FinishTaken in (type(first), type(second)):
        taken.append((0, sql.TakeTasks(1)))
    begin = [(0, sql.Begin()), (1, sql.Begin(isolation)), *taken]
    again = [(0, sql.Begin()), (0, first), (1, sql.Commit()), (0, sql.Commit())]
    return [*begin, (0, first), (1, second), (0, end), *again]


def waits(first: Step[object], second: Step[object]) -> bool:
    """Does the second wait for the first? (That this is so in truth, every pair is tested for.)"""
    twin = ModelTwin(2)
    for step in BEFORE:
        twin.ask(0, step)
    moves = together(first, second, READ_COMMITTED, sql.Commit())
    asked = moves[: moves.index((1, second)) + 1]
    return Waits in [twin.ask(session, step) for session, step in asked]


@pytest.mark.parametrize("isolation", sql.Isolation)
@pytest.mark.parametrize("first", STEPS)
def test_a_step_beside_every_other(compare: Compare, first: str, isolation: sql.Isolation) -> None:
    for second in STEPS.values():
        compare().run(together(STEPS[first], second, isolation, sql.Commit()))


@pytest.mark.parametrize("first", STEPS)
def test_a_step_that_is_undone_beside_one_that_waits_for_it(compare: Compare, first: str) -> None:
    for second in STEPS.values():
        if waits(STEPS[first], second):
            compare().run(together(STEPS[first], second, READ_COMMITTED, sql.Rollback()))


@pytest.mark.parametrize("first", STEPS)
def test_a_step_beside_one_that_waits_and_commits_by_itself(compare: Compare, first: str) -> None:
    for second in STEPS.values():
        if waits(STEPS[first], second):
            compare().run([(0, sql.Begin()), (0, STEPS[first]), (1, second), (0, sql.Commit())])
