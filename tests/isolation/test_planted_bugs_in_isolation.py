"""A model that lies about an isolation level is caught, lie by lie; else comparing is idle."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from inventory_core.domain import Opening
from inventory_core.steps import Step, StepError, sql
from scenarios.model import SqlModel
from scenarios.model.certifier import Certifier
from scenarios.model.dialects import MARIADB, MARIADB_SNAPSHOT, Dialect
from scenarios.model.innodb import InnodbStatement
from scenarios.model.rows import RowKey
from scenarios.model.statement import Statement
from tests.conformance.steps.catalogue import STEPS, A, B
from tests.conformance.steps.script import Comparison, Mismatch, Move
from tests.conformance.steps.twins import ModelTwin, RealTwin
from tests.isolation.mariadb_twin import MariadbTwin
from tests.isolation.play import SESSIONS, BookedTwin

pytestmark = pytest.mark.live

READ_COMMITTED, REPEATABLE_READ, SERIALIZABLE = sql.Isolation
COMMIT = sql.Commit()
TAKE = sql.TakeIfEnough(A, 1)
OPEN = sql.OpenCells((Opening(A, 2), Opening(B, 2)))


class KeepsRefused(InnodbStatement):
    """A refused row stays locked at every level."""

    __slots__ = ()

    def _let_go(self, key: RowKey) -> None:
        """Keep it."""


class LetsGo(InnodbStatement):
    """A refused row is let go at every level."""

    __slots__ = ()

    def target(self, key: RowKey, condition: Callable[[Any], bool] = lambda _: True) -> Any:
        found = super().target(key, condition)
        if found is None and key in self.connection.mine:
            self._let_go(key)
        return found


class WithoutGaps(InnodbStatement):
    """What is not there cannot be locked."""

    __slots__ = ()

    def target(self, key: RowKey, condition: Callable[[Any], bool] = lambda _: True) -> Any:
        found = super().target(key, condition)
        self.connection.shares -= {key}
        return found


class SeesTheNewest(InnodbStatement):
    """Plain reads at repeatable read have no snapshot."""

    __slots__ = ()

    def see(self, key: RowKey) -> Any:
        return self.newest(key)


def at(level: sql.Isolation, *moves: tuple[int, Step[Any]]) -> list[Move]:
    """Moves of two transactions at a level."""
    return [(0, sql.Begin(level)), (1, sql.Begin(level)), *moves]


REFUSED = ((0, sql.TakeIfEnough(A, 9)), (1, sql.GiveBack(A, 1)), (0, COMMIT), (1, COMMIT))
READ_AT_LAST = ((0, sql.ReadCell(A)), (0, COMMIT))
CLAIMED_IN_A_GAP = (
    (0, STEPS["lock a new order"]),
    (1, STEPS["claim a new order"]),
    (0, COMMIT),
    (1, COMMIT),
)
STALE = ((0, sql.ReadCell(B)), (1, TAKE), (1, COMMIT), (0, sql.ReadCellLocked(A)), (0, COMMIT))
LIES: dict[str, tuple[Dialect, Dialect, list[Move]]] = {
    "a refused row stays locked at read committed": (
        MARIADB,
        replace(MARIADB, statement=KeepsRefused),
        at(READ_COMMITTED, *REFUSED),
    ),
    "a refused row is let go at repeatable read": (
        MARIADB,
        replace(MARIADB, statement=LetsGo),
        at(REPEATABLE_READ, *REFUSED),
    ),
    "a condition is judged before the lock": (
        MARIADB,
        replace(MARIADB, statement=Statement),
        at(READ_COMMITTED, (0, TAKE), (1, sql.TakeIfEnough(A, 9)), (0, COMMIT), (1, COMMIT)),
    ),
    "the snapshot is taken by any statement": (
        MARIADB,
        replace(MARIADB, snapshot_at_once=True),
        at(REPEATABLE_READ, (0, sql.ReadCellLocked(B)), (1, TAKE), (1, COMMIT), *READ_AT_LAST),
    ),
    "plain reads see what is newest": (
        MARIADB,
        replace(MARIADB, statement=SeesTheNewest),
        at(REPEATABLE_READ, (0, sql.ReadCell(B)), (1, TAKE), (1, COMMIT), (0, sql.ReadCell(A))),
    ),
    "a row that is not there cannot be locked": (
        MARIADB,
        replace(MARIADB, statement=WithoutGaps),
        at(REPEATABLE_READ, *CLAIMED_IN_A_GAP),
    ),
    "a broken constraint ends the transaction": (
        MARIADB,
        replace(MARIADB, ends=(StepError,)),
        at(READ_COMMITTED, (0, TAKE), (0, sql.WriteCell(A, -1)), (1, TAKE), (0, COMMIT)),
    ),
    "snapshot isolation is without conflict": (
        MARIADB_SNAPSHOT,
        replace(MARIADB_SNAPSHOT, conflicts=False),
        at(REPEATABLE_READ, *STALE),
    ),
    "there are conflicts without snapshot isolation": (
        MARIADB,
        replace(MARIADB, conflicts=True),
        at(REPEATABLE_READ, *STALE),
    ),
    "serializable is repeatable read": (
        MARIADB,
        replace(MARIADB, statement=Statement, snapshot_at_once=True),
        at(SERIALIZABLE, (0, sql.ReadCell(A)), (1, TAKE), (0, COMMIT), (1, COMMIT)),
    ),
}


def run(real: RealTwin, dialect: Dialect, ends: tuple[type[StepError], ...], moves: Any) -> None:
    real.clear()
    model = BookedTwin(SESSIONS, lambda sessions: SqlModel(sessions, dialect))
    Comparison(model, real, ends=ends).run([(0, OPEN), *moves])


@pytest.mark.parametrize("lie", LIES)
def test_a_lie_about_mariadb_is_caught(
    on_mariadb: MariadbTwin, on_mariadb_with_snapshots: MariadbTwin, lie: str
) -> None:
    honest, liar, moves = LIES[lie]
    real = on_mariadb_with_snapshots if honest.conflicts else on_mariadb
    run(real, honest, honest.ends, moves)  # the honest model passes: it is the lie that is caught
    with pytest.raises((Mismatch, AssertionError)):
        run(real, liar, honest.ends, moves)


def test_a_model_that_never_fails_at_serializable_is_caught(
    on_postgresql: RealTwin, monkeypatch: pytest.MonkeyPatch
) -> None:
    reads = [(session, sql.ReadCells((A, B))) for session in (0, 1)]
    writes = [(0, sql.WriteCell(A, 0)), (1, sql.WriteCell(B, 0)), (0, COMMIT), (1, COMMIT)]
    moves = [(0, OPEN), *at(SERIALIZABLE, *reads, *writes)]
    for never in (False, True):
        on_postgresql.clear()
        comparison = Comparison(ModelTwin(SESSIONS), on_postgresql)
        if not never:
            comparison.run(moves)
            continue
        monkeypatch.setattr(Certifier, "must_fail", lambda *_: False)
        monkeypatch.setattr(Certifier, "may_fail", lambda *_: False)
        with pytest.raises(Mismatch):
            comparison.run(moves)
