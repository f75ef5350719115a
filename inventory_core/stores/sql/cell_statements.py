"""Statements on counters: take, give back, read, write. Every write raises the row's version."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Select, Update, and_, func, select, update

from inventory_core.steps import sql
from inventory_core.steps.sql import CellRow
from inventory_core.stores.sql.encoding import (
    Result,
    nothing,
    number,
    took,
    whole,
    word,
    words,
    wrote,
)
from inventory_core.stores.sql.statement import (
    NUMBER,
    ONE,
    WORD,
    WORDS,
    ZERO,
    Fields,
    Parameters,
    Statement,
    rows_from,
)
from inventory_core.stores.sql.tables import Tables


def cell_statements(tables: Tables) -> dict[type[Any], Statement]:
    """Every statement on one cell, and the read of many."""
    return {
        sql.TakeIfEnough: _take_if_enough(tables),
        sql.TakeOfAll: _take_of_all(tables),
        sql.GiveBack: _give_back(tables),
        sql.ReadCell: _read(tables, sql.ReadCell),
        sql.ReadCellLocked: _read(tables, sql.ReadCellLocked),
        sql.ReadCellNowait: _read(tables, sql.ReadCellNowait),
        sql.LockName: _lock_name(tables),
        sql.WriteCell: _write(tables),
        sql.WriteCellIfVersion: _write_if_version(tables),
        sql.DrawToken: _draw_token(tables),
        sql.ReadCells: _read_cells(tables),
        sql.ReadCellsLocked: _read_cells_locked(tables),
    }


# ----------------------------------------------------------------------- what goes and comes back


def _cell(
    step: sql.ReadCell | sql.ReadCellLocked | sql.ReadCellNowait | sql.DrawToken,
) -> Parameters:
    return word(step.cell.sku), word(step.cell.place)


def _cell_and_quantity(step: sql.TakeIfEnough | sql.GiveBack) -> Parameters:
    return word(step.cell.sku), word(step.cell.place), number(step.quantity)


def _cell_and_units(step: sql.WriteCell) -> Parameters:
    return word(step.cell.sku), word(step.cell.place), number(step.sellable)


def _cell_units_and_version(step: sql.WriteCellIfVersion) -> Parameters:
    cell = step.cell
    return word(cell.sku), word(cell.place), number(step.sellable), number(step.version)


def columns_of_cells(
    step: sql.ReadCells | sql.ReadCellsLocked | sql.ReadUnmerged,
) -> Parameters:
    """Cells as two arrays: SKUs and places."""
    cells = step.cells
    return words([cell.sku for cell in cells]), words([cell.place for cell in cells])


def row_or_nothing(result: Result) -> CellRow:
    """The row; an unknown cell has no unit and no version."""
    if not result.ntuples:
        return CellRow(0, 0)
    return CellRow(whole(result, 0, 0), whole(result, 0, 1))


def _every_row(result: Result) -> tuple[CellRow, ...]:
    return tuple(
        [CellRow(whole(result, row, 0), whole(result, row, 1)) for row in range(result.ntuples)]
    )


def every_unit(result: Result) -> tuple[int, ...]:
    """A whole number a row."""
    return tuple([whole(result, row, 0) for row in range(result.ntuples)])


# ---------------------------------------------------------------------------------- what is asked


def _here(tables: Tables, fields: Fields) -> Any:
    cell = tables.cell.c
    return and_(cell.sku == fields["sku"], cell.place == fields["place"])


def _write_here(tables: Tables, fields: Fields, **values: Any) -> Update:
    """An update of the cell that raises its version."""
    raised = tables.cell.c.version + ONE
    return update(tables.cell).where(_here(tables, fields)).values(version=raised, **values)


def _take_if_enough(tables: Tables) -> Statement:
    fields = Fields(sku=WORD, place=WORD, quantity=NUMBER)
    left, wanted = tables.cell.c.sellable, fields["quantity"]
    clause = _write_here(tables, fields, sellable=left - wanted).where(left >= wanted)
    return fields.statement(sql.TakeIfEnough, clause, _cell_and_quantity, took)


def _take_of_all(tables: Tables) -> Statement:
    fields = Fields(quantity=NUMBER)
    cell, wanted = tables.cell.c, fields["quantity"]
    taken = {"sellable": cell.sellable - wanted, "version": cell.version + ONE}
    clause = update(tables.cell).values(taken).where(cell.sellable >= wanted)
    return fields.statement(sql.TakeOfAll, clause, lambda step: (number(step.quantity),), wrote)


def _give_back(tables: Tables) -> Statement:
    fields = Fields(sku=WORD, place=WORD, quantity=NUMBER)
    sellable = tables.cell.c.sellable + fields["quantity"]
    clause = _write_here(tables, fields, sellable=sellable)
    return fields.statement(sql.GiveBack, clause, _cell_and_quantity, nothing)


def _read(
    tables: Tables,
    step: type[sql.ReadCell] | type[sql.ReadCellLocked] | type[sql.ReadCellNowait],
) -> Statement:
    fields = Fields(sku=WORD, place=WORD)
    clause: Select[Any] = select(tables.cell.c.sellable, tables.cell.c.version)
    clause = clause.where(_here(tables, fields))
    if step is not sql.ReadCell:
        clause = clause.with_for_update(nowait=step is sql.ReadCellNowait)
    return fields.statement(step, clause, _cell, row_or_nothing)


def _lock_name(tables: Tables) -> Statement:
    """Names are hashed: two that fall together only wait for each other in vain."""
    fields = Fields(lock_name=WORD)
    lock = func.pg_advisory_xact_lock(func.hashtextextended(fields["lock_name"], ZERO))
    return fields.statement(
        sql.LockName,
        select(lock),
        lambda step: (word(f"{tables.schema} {step.name}"),),
        nothing,
    )


def _write(tables: Tables) -> Statement:
    fields = Fields(sku=WORD, place=WORD, sellable=NUMBER)
    clause = _write_here(tables, fields, sellable=fields["sellable"])
    return fields.statement(sql.WriteCell, clause, _cell_and_units, nothing)


def _write_if_version(tables: Tables) -> Statement:
    fields = Fields(sku=WORD, place=WORD, sellable=NUMBER, version_read=NUMBER)
    clause = _write_here(tables, fields, sellable=fields["sellable"])
    clause = clause.where(tables.cell.c.version == fields["version_read"])
    return fields.statement(sql.WriteCellIfVersion, clause, _cell_units_and_version, took)


def _draw_token(tables: Tables) -> Statement:
    fields = Fields(sku=WORD, place=WORD)
    clause = _write_here(tables, fields).returning(tables.cell.c.sellable, tables.cell.c.version)
    return fields.statement(sql.DrawToken, clause, _cell, row_or_nothing)


def _read_cells(tables: Tables) -> Statement:
    fields = Fields(skus=WORDS, places=WORDS)
    asked, cell = rows_from(fields, sku="skus", place="places"), tables.cell
    match = and_(cell.c.sku == asked.c.sku, cell.c.place == asked.c.place)
    units = func.coalesce(cell.c.sellable, ZERO)
    clause = select(units).select_from(asked.outerjoin(cell, match)).order_by(asked.c.line)
    return fields.statement(sql.ReadCells, clause, columns_of_cells, every_unit)


def _read_cells_locked(tables: Tables) -> Statement:
    """The rows are locked as they come out of the sort, in the order of the cells."""
    fields = Fields(skus=WORDS, places=WORDS)
    wanted, cell = rows_from(fields, sku="skus", place="places"), tables.cell
    here = and_(cell.c.sku == wanted.c.sku, cell.c.place == wanted.c.place)
    locked = (
        select(wanted.c.line, cell.c.sellable, cell.c.version)
        .select_from(wanted.join(cell, here))
        .order_by(cell.c.sku, cell.c.place)
        .with_for_update(of=cell)
        .cte("locked")
    )
    asked = rows_from(fields, sku="skus", place="places")
    clause = (
        select(func.coalesce(locked.c.sellable, ZERO), func.coalesce(locked.c.version, ZERO))
        .select_from(asked.outerjoin(locked, locked.c.line == asked.c.line))
        .order_by(asked.c.line)
    )
    return fields.statement(sql.ReadCellsLocked, clause, columns_of_cells, _every_row)
