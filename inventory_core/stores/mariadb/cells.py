"""Steps on counters: take, give back, read, write. Every write raises the row's version."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from inventory_core.steps import sql
from inventory_core.steps.sql import CellRow
from inventory_core.steps.step import Step

HERE = "WHERE sku = %s AND place = %s"


def read_cell(part: Any, cell: Any, locking: str = "") -> CellRow:
    """A cell; an unknown one reads as (0, 0)."""
    text = f"SELECT sellable, version FROM cell {HERE}{locking}"
    found = part.say(text, cell.sku, cell.place)[1]
    return CellRow(*found[0]) if found else CellRow(0, 0)


def _change(part: Any, cell: Any, what: str, *values: object, also: str = "") -> bool:
    """An update of the cell, with one value before its key; whether it met its condition."""
    text = f"UPDATE cell SET sellable = {what}, version = version + 1 {HERE}{also}"
    return bool(part.say(text, values[0], cell.sku, cell.place, *values[1:])[0])


def take(part: Any, step: sql.TakeIfEnough) -> bool:
    """Take, if there is enough."""
    units, enough = step.quantity, " AND sellable >= %s"
    return _change(part, step.cell, "sellable - %s", units, units, also=enough)


def give_back(part: Any, cell: Any, quantity: int) -> None:
    """Add units."""
    _change(part, cell, "sellable + %s", quantity)


def _take_of_all(part: Any, step: sql.TakeOfAll) -> bool:
    text = """UPDATE cell SET sellable = sellable - %s, version = version + 1
              WHERE sellable >= %s"""
    return bool(part.say(text, step.quantity, step.quantity)[0])


def _write(part: Any, step: sql.WriteCell) -> None:
    _change(part, step.cell, "%s", step.sellable)


def _write_if(part: Any, step: sql.WriteCellIfVersion) -> bool:
    return _change(part, step.cell, "%s", step.sellable, step.version, also=" AND version = %s")


def _draw_token(part: Any, step: sql.DrawToken) -> CellRow:
    cell = step.cell
    part.say(f"UPDATE cell SET version = version + 1 {HERE}", cell.sku, cell.place)
    return read_cell(part, cell, " FOR UPDATE")


def _read_cells(part: Any, step: sql.ReadCells) -> tuple[int, ...]:
    if not step.cells:
        return ()
    each = ", ".join(["(%s, %s)"] * len(step.cells))
    values = [text for cell in step.cells for text in (cell.sku, cell.place)]
    query = f"SELECT sku, place, sellable FROM cell WHERE (sku, place) IN ({each})"
    found = {(sku, place): units for sku, place, units in part.say(query, *values)[1]}
    return tuple(found.get((cell.sku, cell.place), 0) for cell in step.cells)


def _read_cells_locked(part: Any, step: sql.ReadCellsLocked) -> tuple[CellRow, ...]:
    """One after the other, in their order: the order of the locks is certain."""
    return tuple(read_cell(part, cell, " FOR UPDATE") for cell in step.cells)


STEPS: Mapping[type[Step[Any]], Callable[[Any, Any], Any]] = {
    sql.TakeIfEnough: take,
    sql.TakeOfAll: _take_of_all,
    sql.GiveBack: lambda part, step: give_back(part, step.cell, step.quantity),
    sql.ReadCell: lambda part, step: read_cell(part, step.cell),
    sql.ReadCellLocked: lambda part, step: read_cell(part, step.cell, " FOR UPDATE"),
    sql.ReadCellNowait: lambda part, step: read_cell(part, step.cell, " FOR UPDATE NOWAIT"),
    sql.ReadCells: _read_cells,
    sql.ReadCellsLocked: _read_cells_locked,
    sql.WriteCell: _write,
    sql.WriteCellIfVersion: _write_if,
    sql.DrawToken: _draw_token,
}
