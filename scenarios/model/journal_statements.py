"""Statements on the journal: openings and adjustments, each once under its key."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from inventory_core.steps import sql
from inventory_core.steps.errors import ConstraintBroken
from inventory_core.steps.sql import CellRow
from inventory_core.steps.step import Step
from scenarios.model.rows import JournalRow, RowKey, cell_key, journal_key
from scenarios.model.statement import Statement


def _record_adjustment(here: Statement, step: sql.RecordAdjustment) -> int | None:
    key = journal_key(step.key)
    here.lock(key)
    row: JournalRow | None = here.newest(key)
    if row is not None:
        return row.delta
    here.write(key, JournalRow(step.cell.sku, step.cell.place, step.delta))
    return None


def _open_cells(here: Statement, step: sql.OpenCells) -> None:
    new: list[tuple[RowKey, CellRow | JournalRow]] = []
    for opening in step.openings:
        cell, quantity = opening.cell, opening.quantity
        new.append((cell_key(cell), CellRow(quantity, 0)))
        entry = JournalRow(cell.sku, cell.place, quantity)
        new.append((journal_key(f"opening:{cell}"), entry))
    for key, row in here.rows_left(new):
        here.lock(key)
        if here.newest(key) is not None:
            raise ConstraintBroken
        here.write(key, row)


PROGRAMS: Mapping[type[Step[Any]], Callable[[Statement, Any], Any]] = {
    sql.RecordAdjustment: _record_adjustment,
    sql.OpenCells: _open_cells,
}
"""How each statement on the journal is carried out."""
