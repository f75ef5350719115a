"""Statements on stock tasks and on the journal: openings, adjustments, each once under its key."""

from __future__ import annotations

from typing import Any

from sqlalchemy import BigInteger, and_, false, func, select, true, update
from sqlalchemy.dialects.postgresql import insert

from inventory_core.domain import Cell
from inventory_core.steps import sql
from inventory_core.steps.sql import Task
from inventory_core.stores.sql.cell_statements import columns_of_cells, every_unit
from inventory_core.stores.sql.encoding import (
    Result,
    nothing,
    number,
    numbers,
    whole,
    word,
    words,
    written,
)
from inventory_core.stores.sql.statement import (
    NUMBER,
    NUMBERS,
    ONE,
    WORD,
    WORDS,
    ZERO,
    Fields,
    Parameters,
    Statement,
    rows_from,
    words_of,
)
from inventory_core.stores.sql.tables import Tables

OPENED = "opened"
"""The reason in the journal for what a cell opens with."""


def task_statements(tables: Tables) -> dict[type[Any], Statement]:
    """Every statement on tasks and journal entries."""
    return {
        sql.AddTasks: _add_tasks(tables),
        sql.TakeTasks: _take_tasks(tables),
        sql.FinishTask: _finish_task(tables),
        sql.ReadUnmerged: _read_unmerged(tables),
        sql.RecordAdjustment: _record_adjustment(tables),
        sql.OpenCells: _open_cells(tables),
    }


# ----------------------------------------------------------------------- what goes and comes back


def _changes(step: sql.AddTasks) -> Parameters:
    skus = words([cell.sku for cell, _ in step.changes])
    places = words([cell.place for cell, _ in step.changes])
    deltas = numbers([delta for _, delta in step.changes])
    return word(step.order_number), number(step.generation), skus, places, deltas


def _limit(step: sql.TakeTasks) -> Parameters:
    return (number(step.limit),)


def _task_id(step: sql.FinishTask) -> Parameters:
    return (number(step.task_id),)


def _entry(step: sql.RecordAdjustment) -> Parameters:
    cell = step.cell
    what = word(step.key), word(cell.sku), word(cell.place)
    return (*what, number(step.delta), word(step.reason))


def _openings(step: sql.OpenCells) -> Parameters:
    cells = [opening.cell for opening in step.openings]
    keys = words([f"opening:{cell}" for cell in cells])
    skus, places = words([cell.sku for cell in cells]), words([cell.place for cell in cells])
    return keys, skus, places, numbers([opening.quantity for opening in step.openings])


def _tasks(result: Result) -> tuple[Task, ...]:
    return tuple(
        Task(
            whole(result, row, 0),
            Cell(written(result, row, 1), written(result, row, 2)),
            whole(result, row, 3),
        )
        for row in range(result.ntuples)
    )


def _delta_of_an_earlier_one(result: Result) -> int | None:
    return None if whole(result, 0, 0) == 1 else whole(result, 0, 1)


# ---------------------------------------------------------------------------------- what is asked


def _add_tasks(tables: Tables) -> Statement:
    fields = Fields(order_number=WORD, generation=NUMBER, skus=WORDS, places=WORDS, deltas=NUMBERS)
    row = rows_from(fields, sku="skus", place="places", delta="deltas").c
    rows = select(fields["order_number"], fields["generation"], row.sku, row.place, row.delta)
    columns = ["order_number", "generation", "sku", "place", "delta"]
    clause = insert(tables.stock_task).from_select(columns, rows.order_by(row.line))
    return fields.statement(sql.AddTasks, clause, _changes, nothing)


def _take_tasks(tables: Tables) -> Statement:
    fields, task = Fields(at_most=NUMBER), tables.stock_task.c
    waiting = select(task.id, task.sku, task.place, task.delta).where(task.done == false())
    oldest = waiting.order_by(task.id).limit(fields["at_most"])
    clause = oldest.with_for_update(skip_locked=True)
    return fields.statement(sql.TakeTasks, clause, _limit, _tasks)


def _finish_task(tables: Tables) -> Statement:
    fields, task = Fields(task_id=NUMBER), tables.stock_task
    clause = update(task).where(task.c.id == fields["task_id"]).values(done=true())
    return fields.statement(sql.FinishTask, clause, _task_id, nothing)


def _read_unmerged(tables: Tables) -> Statement:
    fields, cell, task = Fields(skus=WORDS, places=WORDS), tables.cell.c, tables.stock_task.c
    asked = rows_from(fields, sku="skus", place="places")
    waiting = select(func.sum(task.delta).cast(BigInteger)).where(
        task.done == false(), task.sku == asked.c.sku, task.place == asked.c.place
    )
    here = and_(cell.sku == asked.c.sku, cell.place == asked.c.place)
    units = func.coalesce(cell.sellable, ZERO) + func.coalesce(waiting.scalar_subquery(), ZERO)
    clause = select(units).select_from(asked.outerjoin(tables.cell, here)).order_by(asked.c.line)
    return fields.statement(sql.ReadUnmerged, clause, columns_of_cells, every_unit)


def _record_adjustment(tables: Tables) -> Statement:
    """Counting who came (`attempts`) tells exactly whether this statement wrote the entry."""
    fields = Fields(adjustment_key=WORD, sku=WORD, place=WORD, delta=NUMBER, reason=WORD)
    names = ("adjustment_key", "sku", "place", "delta", "reason")
    entry = tables.adjustment
    new = insert(entry).values(attempts=ONE, **{name: fields[name] for name in names})
    upsert = new.on_conflict_do_update(
        index_elements=[entry.c.adjustment_key], set_={"attempts": entry.c.attempts + ONE}
    )
    clause = upsert.returning(entry.c.attempts, entry.c.delta)
    return fields.statement(sql.RecordAdjustment, clause, _entry, _delta_of_an_earlier_one)


def _open_cells(tables: Tables) -> Statement:
    """Counters first, then the entries that say so; a cell that exists breaks its unique key."""
    fields = Fields(keys=WORDS, skus=WORDS, places=WORDS, quantities=NUMBERS)
    columns = {"sku": "skus", "place": "places", "quantity": "quantities"}
    row = rows_from(fields, **columns).c
    cells = select(row.sku, row.place, row.quantity, ZERO)
    opened = insert(tables.cell).from_select(["sku", "place", "sellable", "version"], cells)
    entry = rows_from(fields, key="keys", **columns).c
    entries = select(entry.key, entry.sku, entry.place, entry.quantity, words_of(OPENED), ONE)
    names = ["adjustment_key", "sku", "place", "delta", "reason", "attempts"]
    clause = insert(tables.adjustment).from_select(names, entries).add_cte(opened.cte("opened"))
    return fields.statement(sql.OpenCells, clause, _openings, nothing)
