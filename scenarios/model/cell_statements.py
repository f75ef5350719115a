"""Statements on the counters: take, give back, read, lock, write, compare and set."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from inventory_core.domain import Cell
from inventory_core.steps import sql
from inventory_core.steps.errors import ConstraintBroken, LockTimeout
from inventory_core.steps.sql import CellRow
from inventory_core.steps.step import Step
from scenarios.model.rows import cell_key
from scenarios.model.statement import Statement

UNKNOWN = CellRow(0, 0)
"""What an unknown cell reads as."""


def legal(sellable: int) -> bool:
    """No cell goes below zero.

    As part of a condition it is judged before the lock: PostgreSQL checks the row that it would
    write from what it sees, and fails without waiting; after a wait it checks again.
    """
    if sellable < 0:
        raise ConstraintBroken
    return True


def put(here: Statement, cell: Cell, before: CellRow, sellable: int) -> None:
    """Write a locked cell; every write raises its version."""
    here.write(cell_key(cell), CellRow(sellable, before.version + 1))


def add(here: Statement, cell: Cell, quantity: int) -> None:
    """Add units to a cell, if there is such a cell."""
    row = here.target(cell_key(cell), lambda row: legal(row.sellable + quantity))
    if row is not None:
        put(here, cell, row, row.sellable + quantity)


def _take_if_enough(here: Statement, step: sql.TakeIfEnough) -> bool:
    row = here.target(cell_key(step.cell), lambda row: row.sellable >= step.quantity)
    if row is None:
        return False
    put(here, step.cell, row, row.sellable - step.quantity)
    return True


def _take_of_all(here: Statement, step: sql.TakeOfAll) -> bool:
    """One cell after the other, in the order of their keys."""
    rows = here.connection.snapshot or here.model.rows
    keys, hit = here.noted(lambda: (tuple(sorted(rows.of_kind("cell"))), False))
    for key in here.rows_left(keys):
        row = here.target(key, lambda row: row.sellable >= step.quantity)
        if row is not None:
            put(here, Cell(str(key[1]), str(key[2])), row, row.sellable - step.quantity)
            hit = True
            here.connection.notes = keys, hit
    return hit


def _give_back(here: Statement, step: sql.GiveBack) -> None:
    add(here, step.cell, step.quantity)


def _read_cell(here: Statement, step: sql.ReadCell) -> CellRow:
    return here.see(cell_key(step.cell)) or UNKNOWN


def _read_cells(here: Statement, step: sql.ReadCells) -> tuple[int, ...]:
    return tuple((here.see(cell_key(cell)) or UNKNOWN).sellable for cell in step.cells)


def _read_cell_locked(here: Statement, step: sql.ReadCellLocked) -> CellRow:
    return here.target(cell_key(step.cell)) or UNKNOWN


def _read_cell_nowait(here: Statement, step: sql.ReadCellNowait) -> CellRow:
    key = cell_key(step.cell)
    if here.see(key) is not None and not here.free(key):
        raise LockTimeout
    return here.target(key) or UNKNOWN


def _lock_name(here: Statement, step: sql.LockName) -> None:
    here.lock(("name", step.name))


def _read_cells_locked(here: Statement, step: sql.ReadCellsLocked) -> tuple[CellRow, ...]:
    found: tuple[CellRow, ...] = here.noted(tuple)
    for cell in here.rows_left(step.cells):
        found = here.connection.notes = (*found, here.target(cell_key(cell)) or UNKNOWN)
    return found


def _write_cell(here: Statement, step: sql.WriteCell) -> None:
    row = here.target(cell_key(step.cell), lambda _: legal(step.sellable))
    if row is not None:
        put(here, step.cell, row, step.sellable)


def _write_cell_if_version(here: Statement, step: sql.WriteCellIfVersion) -> bool:
    row = here.target(
        cell_key(step.cell), lambda row: row.version == step.version and legal(step.sellable)
    )
    if row is None:
        return False
    put(here, step.cell, row, step.sellable)
    return True


def _draw_token(here: Statement, step: sql.DrawToken) -> CellRow:
    row = here.target(cell_key(step.cell))
    if row is None:
        return UNKNOWN
    put(here, step.cell, row, row.sellable)
    return CellRow(row.sellable, row.version + 1)


PROGRAMS: Mapping[type[Step[Any]], Callable[[Statement, Any], Any]] = {
    sql.TakeIfEnough: _take_if_enough,
    sql.TakeOfAll: _take_of_all,
    sql.GiveBack: _give_back,
    sql.ReadCell: _read_cell,
    sql.ReadCells: _read_cells,
    sql.ReadCellLocked: _read_cell_locked,
    sql.ReadCellNowait: _read_cell_nowait,
    sql.ReadCellsLocked: _read_cells_locked,
    sql.LockName: _lock_name,
    sql.WriteCell: _write_cell,
    sql.WriteCellIfVersion: _write_cell_if_version,
    sql.DrawToken: _draw_token,
}
"""How each statement on a counter is carried out."""
