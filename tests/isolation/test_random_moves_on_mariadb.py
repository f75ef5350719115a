"""Random transactions of two clients, with waits, failures and deadlocks, on model and MariaDB."""

import os
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from inventory_core.domain import Opening
from inventory_core.steps import Conflict, Deadlock, sql
from scenarios.model import SqlModel
from scenarios.model.dialects import MARIADB, MARIADB_SNAPSHOT, Dialect
from tests.conformance.steps.catalogue import STEPS, A, B
from tests.conformance.steps.script import Comparison, Move
from tests.conformance.steps.twins import ModelTwin
from tests.isolation.mariadb_twin import BOOKED, MariadbTwin

pytestmark = [pytest.mark.live, pytest.mark.slow]

EXAMPLES = int(os.environ.get("STOCKPROOF_EXAMPLES", "0"))
"""More than the suite's own, and other ones every time: for a hunt."""

READ_COMMITTED, REPEATABLE_READ, SERIALIZABLE = sql.Isolation
BEFORE = (
    sql.OpenCells((Opening(A, 2), Opening(B, 1))),
    STEPS["claim a held order"],
    STEPS["record a new adjustment"],
)
NAMED = (
    "claim a new order",
    "claim a held order",
    "bury a new order",
    "find a new order",
    "find a held order",
    "lock a held order",
    "settle a held order",
    "refuse a held order",
    "take what is there",
    "take all",
    "take too much",
    "take of an unknown cell",
    "give back",
    "give back too little",
    "read a cell",
    "read a cell locked",
    "write a cell",
    "write a cell below zero",
    "write a cell of this version",
    "write a cell of the next version",
    "draw a token",
    "record a new adjustment",
    "read cells",
    "holds that are due",
)
KNOWN: list[Any] = [STEPS[name] for name in NAMED] + [sql.TakeIfEnough(B, 1), sql.WriteCell(B, 3)]


def moves_at(level: sql.Isolation) -> st.SearchStrategy[list[Move]]:
    """Any moves of two clients whose transactions run at this level."""
    bounds = [sql.Begin(level), sql.Begin(level), sql.Commit(), sql.Commit(), sql.Rollback()]
    step = st.one_of(st.sampled_from(KNOWN), st.sampled_from(bounds))
    return st.lists(st.tuples(st.integers(0, 1), step), min_size=4, max_size=30)


RANDOM = settings(
    max_examples=EXAMPLES or 100,
    derandomize=not EXAMPLES,
    database=None,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)


class BookedTwin(ModelTwin):
    """The model, of which only those tables are compared that the server has."""

    def rows(self) -> set[tuple[str, ...]]:
        return {row for row in super().rows() if row[0] in BOOKED}


def compare(real: MariadbTwin, dialect: Dialect, level: sql.Isolation, moves: list[Move]) -> None:
    real.clear()
    model = BookedTwin(2, lambda sessions: SqlModel(sessions, dialect))
    comparison = Comparison(model, real, ends=(Conflict, Deadlock))
    begin: list[Move] = [(0, sql.Begin(level)), (1, sql.Begin(level))]
    comparison.run([*((0, step) for step in BEFORE), *begin, *moves])


@RANDOM
@given(moves=moves_at(READ_COMMITTED))
def test_any_moves_at_read_committed(on_mariadb: MariadbTwin, moves: list[Move]) -> None:
    compare(on_mariadb, MARIADB, READ_COMMITTED, moves)


@RANDOM
@given(moves=moves_at(REPEATABLE_READ))
def test_any_moves_at_repeatable_read(on_mariadb: MariadbTwin, moves: list[Move]) -> None:
    compare(on_mariadb, MARIADB, REPEATABLE_READ, moves)


@RANDOM
@given(moves=moves_at(REPEATABLE_READ))
def test_any_moves_at_repeatable_read_with_snapshots(
    on_mariadb_with_snapshots: MariadbTwin, moves: list[Move]
) -> None:
    compare(on_mariadb_with_snapshots, MARIADB_SNAPSHOT, REPEATABLE_READ, moves)


@RANDOM
@given(moves=moves_at(SERIALIZABLE))
def test_any_moves_at_serializable(on_mariadb: MariadbTwin, moves: list[Move]) -> None:
    compare(on_mariadb, MARIADB, SERIALIZABLE, moves)
