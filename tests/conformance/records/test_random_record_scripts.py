"""Random transactions of two clients on records, with waits, failures and deadlocks."""

import os

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from inventory_core.steps import sql
from tests.conformance.records.catalogue import BEFORE, STEPS
from tests.conformance.records.twins import ModelRecords, RealRecords
from tests.conformance.steps.script import Comparison, Move, TooFree

pytestmark = [pytest.mark.live, pytest.mark.slow]

EXAMPLES = int(os.environ.get("STOCKPROOF_EXAMPLES", "0"))
"""More than the suite's own, and other ones every time: for a hunt."""

ENDS = (sql.Commit(), sql.Commit(), sql.Rollback())
REPEATABLE, SERIALIZABLE = (
    sql.Begin(sql.Isolation.REPEATABLE_READ),
    sql.Begin(sql.Isolation.SERIALIZABLE),
)


def moves_of(*begins: sql.Begin) -> st.SearchStrategy[list[Move]]:
    """Any moves of two clients whose transactions begin like this."""
    step = st.one_of(st.sampled_from(list(STEPS.values())), st.sampled_from((*begins, *ENDS)))
    return st.lists(st.tuples(st.integers(0, 1), step), min_size=4, max_size=30)


OPENED = [(0, sql.Begin()), (1, sql.Begin())]
OPENED_SERIAL = [(0, SERIALIZABLE), (1, SERIALIZABLE)]
RANDOM = settings(
    max_examples=EXAMPLES or 150,
    derandomize=not EXAMPLES,
    database=None,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)


@RANDOM
@given(moves=moves_of(sql.Begin(), REPEATABLE))
def test_any_moves_of_two_clients(real_records: RealRecords, moves: list[Move]) -> None:
    real_records.clear()
    comparison = Comparison(ModelRecords(2), real_records)
    comparison.run([*((0, step) for step in BEFORE), *OPENED, *moves])


@RANDOM
@given(moves=moves_of(SERIALIZABLE, SERIALIZABLE, sql.Begin()))
def test_any_serializable_moves_of_two_clients(
    real_records: RealRecords, moves: list[Move]
) -> None:
    """PostgreSQL may fail more than the model must, and never less."""
    real_records.clear()
    comparison = Comparison(ModelRecords(2), real_records)
    try:
        comparison.run([*((0, step) for step in BEFORE), *OPENED_SERIAL, *moves])
    except TooFree:
        return
