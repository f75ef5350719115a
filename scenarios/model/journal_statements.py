"""Statements on the journal: openings and adjustments, each once under its key."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from inventory_core.domain import Opening
from inventory_core.steps import sql
from inventory_core.steps.errors import ConstraintBroken
from inventory_core.steps.sql import CellRow
from inventory_core.steps.step import Step
from scenarios.model.rows import JournalRow, RowKey, cell_key, journal_key
from scenarios.model.statement import Statement

NewRow = tuple[RowKey, CellRow | JournalRow]


def _record_adjustment(here: Statement, step: sql.RecordAdjustment) -> int | None:
    key = journal_key(step.key)
    here.lock(key)
    row: JournalRow | None = here.newest(key)
    new = JournalRow(step.cell.sku, step.cell.place, step.delta)
    here.write(key, row or new)  # one that is there is written as it is: who came is counted
    return row and row.delta


def _opened(openings: Sequence[Opening]) -> tuple[NewRow, ...]:
    entries: list[NewRow] = []
    cells: list[NewRow] = []
    for opening in openings:
        cell, quantity = opening.cell, opening.quantity
        entry = JournalRow(cell.sku, cell.place, quantity)
        entries.append((journal_key(f"opening:{cell}"), entry))
        cells.append((cell_key(cell), CellRow(quantity, 0)))
    return (*entries, *cells)


def _open_cells(here: Statement, step: sql.OpenCells) -> None:
    rows = here.noted(lambda: _opened(step.openings))
    for key, row in here.rows_left(rows):
        here.claim(key)
        if here.newest(key) is not None:
            raise ConstraintBroken
        here.write(key, row)


PROGRAMS: Mapping[type[Step[Any]], Callable[[Statement, Any], Any]] = {
    sql.RecordAdjustment: _record_adjustment,
    sql.OpenCells: _open_cells,
}
"""How each statement on the journal is carried out."""
