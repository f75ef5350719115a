"""Random transactions of two clients, with waits, failures and deadlocks, on model and server."""

import os

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from inventory_core.steps import Step, sql
from tests.conformance.steps.catalogue import BEFORE, STEPS
from tests.conformance.steps.script import Comparison, Move, TooFree
from tests.conformance.steps.twins import ModelTwin, RealTwin

pytestmark = [pytest.mark.live, pytest.mark.slow]

EXAMPLES = int(os.environ.get("STOCKPROOF_EXAMPLES", "0"))
"""More than the suite's own, and other ones every time: for a hunt."""

ENDS = (sql.Commit(), sql.Commit(), sql.Rollback())
SERIALIZABLE = sql.Begin(sql.Isolation.SERIALIZABLE)


def moves_of(*begins: sql.Begin) -> st.SearchStrategy[list[Move]]:
    """Any moves of two clients whose transactions begin like this."""
    bounds: list[Step[object]] = [*begins, *ENDS]
    step = st.one_of(st.sampled_from(list(STEPS.values())), st.sampled_from(bounds))
    return st.lists(st.tuples(st.integers(0, 1), step), min_size=4, max_size=30)


MOVES = moves_of(sql.Begin(), sql.Begin(sql.Isolation.REPEATABLE_READ))
SERIAL_MOVES = moves_of(SERIALIZABLE, SERIALIZABLE, sql.Begin())
OPENED = [(0, sql.Begin()), (1, sql.Begin())]
OPENED_SERIAL: list[Move] = [(0, SERIALIZABLE), (1, SERIALIZABLE)]
RANDOM = settings(
    max_examples=EXAMPLES or 200,
    derandomize=not EXAMPLES,
    database=None,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)


@RANDOM
@given(moves=MOVES)
def test_any_moves_of_two_clients(real_twin: RealTwin, moves: list[Move]) -> None:
    real_twin.clear()
    comparison = Comparison(ModelTwin(2), real_twin)
    comparison.run([*((0, step) for step in BEFORE), *OPENED, *moves])
    comparison.audit()


@RANDOM
@given(moves=SERIAL_MOVES)
def test_any_serializable_moves_of_two_clients(real_twin: RealTwin, moves: list[Move]) -> None:
    """PostgreSQL may fail more than the model must, and never less."""
    real_twin.clear()
    comparison = Comparison(ModelTwin(2), real_twin)
    try:
        comparison.run([*((0, step) for step in BEFORE), *OPENED_SERIAL, *moves])
    except TooFree:
        return
    comparison.audit()
