"""Statements on counters: take, give back, read, write. Every write raises the row's version."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Select, Update, and_, func, select, update

from inventory_core.steps import sql
from inventory_core.steps.sql import CellRow
from inventory_core.stores.sql.encoding import Result, nothing, took, whole
from inventory_core.stores.sql.statement import (
    ONE,
    ZERO,
    Fields,
    Statement,
    a_number,
    a_word,
    rows_from,
    some_words,
)
from inventory_core.stores.sql.tables import Tables

SKU = a_word(lambda step: step.cell.sku)
PLACE = a_word(lambda step: step.cell.place)
QUANTITY = a_number(lambda step: step.quantity)
SELLABLE = a_number(lambda step: step.sellable)


def cell_statements(tables: Tables) -> dict[type[Any], Statement]:
    """Every statement on one cell, and the read of many."""
    return {
        sql.TakeIfEnough: _take_if_enough(tables),
        sql.GiveBack: _give_back(tables),
        sql.ReadCell: _read(tables, sql.ReadCell),
        sql.ReadCellLocked: _read(tables, sql.ReadCellLocked),
        sql.WriteCell: _write(tables),
        sql.WriteCellIfVersion: _write_if_version(tables),
        sql.DrawToken: _draw_token(tables),
        sql.ReadCells: _read_cells(tables),
    }


def row_or_nothing(result: Result) -> CellRow:
    """The row; an unknown cell has no unit and no version."""
    if not result.ntuples:
        return CellRow(0, 0)
    return CellRow(whole(result, 0, 0), whole(result, 0, 1))


def _here(tables: Tables, fields: Fields) -> Any:
    cell = tables.cell.c
    return and_(cell.sku == fields["sku"], cell.place == fields["place"])


def _write_here(tables: Tables, fields: Fields, **values: Any) -> Update:
    """An update of the cell that raises its version."""
    raised = tables.cell.c.version + ONE
    return update(tables.cell).where(_here(tables, fields)).values(version=raised, **values)


def _take_if_enough(tables: Tables) -> Statement:
    fields = Fields(sku=SKU, place=PLACE, quantity=QUANTITY)
    left, wanted = tables.cell.c.sellable, fields["quantity"]
    clause = _write_here(tables, fields, sellable=left - wanted).where(left >= wanted)
    return fields.statement(sql.TakeIfEnough, clause, took)


def _give_back(tables: Tables) -> Statement:
    fields = Fields(sku=SKU, place=PLACE, quantity=QUANTITY)
    sellable = tables.cell.c.sellable + fields["quantity"]
    return fields.statement(sql.GiveBack, _write_here(tables, fields, sellable=sellable), nothing)


def _read(tables: Tables, step: type[sql.ReadCell] | type[sql.ReadCellLocked]) -> Statement:
    fields = Fields(sku=SKU, place=PLACE)
    clause: Select[Any] = select(tables.cell.c.sellable, tables.cell.c.version)
    clause = clause.where(_here(tables, fields))
    if step is sql.ReadCellLocked:
        clause = clause.with_for_update()
    return fields.statement(step, clause, row_or_nothing)


def _write(tables: Tables) -> Statement:
    fields = Fields(sku=SKU, place=PLACE, sellable=SELLABLE)
    clause = _write_here(tables, fields, sellable=fields["sellable"])
    return fields.statement(sql.WriteCell, clause, nothing)


def _write_if_version(tables: Tables) -> Statement:
    version = a_number(lambda step: step.version)
    fields = Fields(sku=SKU, place=PLACE, sellable=SELLABLE, version_read=version)
    clause = _write_here(tables, fields, sellable=fields["sellable"])
    clause = clause.where(tables.cell.c.version == fields["version_read"])
    return fields.statement(sql.WriteCellIfVersion, clause, took)


def _draw_token(tables: Tables) -> Statement:
    fields = Fields(sku=SKU, place=PLACE)
    clause = _write_here(tables, fields).returning(tables.cell.c.sellable, tables.cell.c.version)
    return fields.statement(sql.DrawToken, clause, row_or_nothing)


def _read_cells(tables: Tables) -> Statement:
    fields = Fields(
        skus=some_words(lambda step: [cell.sku for cell in step.cells]),
        places=some_words(lambda step: [cell.place for cell in step.cells]),
    )
    asked, cell = rows_from(fields, sku="skus", place="places"), tables.cell
    match = and_(cell.c.sku == asked.c.sku, cell.c.place == asked.c.place)
    units = func.coalesce(cell.c.sellable, ZERO)
    clause = select(units).select_from(asked.outerjoin(cell, match)).order_by(asked.c.line)
    return fields.statement(sql.ReadCells, clause, _every_unit)


def _every_unit(result: Result) -> tuple[int, ...]:
    return tuple([whole(result, row, 0) for row in range(result.ntuples)])
