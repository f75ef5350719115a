"""Locks that several sessions hold at once, in the model of MariaDB at serializable."""

from __future__ import annotations

from inventory_core.domain import Opening
from inventory_core.steps import Deadlock, sql
from inventory_core.steps.sql import CellRow
from scenarios.model import SqlModel
from scenarios.model.dialects import MARIADB
from tests.model.asking import A, B, error_of, value_of, waits

READ, WRITE, COMMIT = sql.ReadCell(A), sql.WriteCell(A, 7), sql.Commit()


def shop(sessions: int) -> SqlModel:
    """Two cells, and transactions that are open."""
    model = SqlModel(sessions, MARIADB)
    value_of(model, 0, sql.OpenCells((Opening(A, 2), Opening(B, 1))))
    for session in range(sessions):
        value_of(model, session, sql.Begin(sql.Isolation.SERIALIZABLE))
    return model


def test_readers_share_a_row_and_a_writer_waits_for_all_of_them() -> None:
    model = shop(3)
    assert value_of(model, 0, READ) == value_of(model, 1, READ) == CellRow(2, 0)
    assert waits(model, 2, WRITE)
    value_of(model, 0, COMMIT)
    assert waits(model, 2, WRITE)
    value_of(model, 1, COMMIT)
    value_of(model, 2, WRITE)


def test_a_reader_stands_behind_a_writer_that_waits() -> None:
    model = shop(3)
    value_of(model, 0, READ)
    assert waits(model, 1, WRITE)
    assert waits(model, 2, READ)
    value_of(model, 0, COMMIT)
    value_of(model, 1, WRITE)
    value_of(model, 1, COMMIT)
    assert value_of(model, 2, READ) == CellRow(7, 1)


def test_readers_that_waited_for_a_writer_do_not_wait_for_each_other() -> None:
    model = shop(3)
    for session in (1, 2):  # who has no lock is not remembered while it waits
        value_of(model, session, sql.ReadCellLocked(B) if session == 1 else sql.LockOrder("1"))
    value_of(model, 0, WRITE)
    assert waits(model, 1, READ)
    assert waits(model, 2, READ)
    value_of(model, 0, COMMIT)
    assert value_of(model, 1, READ) == value_of(model, 2, READ) == CellRow(7, 1)


def test_who_has_a_row_alone_waits_for_nobody() -> None:
    model = shop(2)
    value_of(model, 0, sql.FindOrder("1"))  # the gap
    assert value_of(model, 0, sql.Bury("1")).fresh
    assert waits(model, 1, sql.Bury("1"))
    assert not value_of(model, 0, sql.Bury("1")).fresh


def test_two_readers_who_both_write_are_a_deadlock() -> None:
    model = shop(2)
    for session in (0, 1):
        value_of(model, session, READ)
    assert waits(model, 0, WRITE)
    assert waits(model, 1, WRITE)
    assert error_of(model, 1, WRITE) == Deadlock()
    value_of(model, 0, WRITE)
