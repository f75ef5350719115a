"""Steps on stock tasks and on the journal."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from inventory_core.domain import Cell
from inventory_core.steps import sql
from inventory_core.steps.sql import Task
from inventory_core.steps.step import Step
from inventory_core.stores.sql.task_statements import OPENED


def insert_all(part: Any, table: str, columns: str, given: list[tuple[Any, ...]]) -> None:
    """Several rows in one statement; none at all is no statement."""
    if given:
        each = f"({', '.join(['%s'] * len(given[0]))})"
        values = [value for row in given for value in row]
        part.say(
            f"INSERT INTO {table} ({columns}) VALUES {', '.join([each] * len(given))}", *values
        )


def _add(part: Any, step: sql.AddTasks) -> None:
    who = step.order_number, step.generation
    given = [(*who, cell.sku, cell.place, delta) for cell, delta in step.changes]
    insert_all(part, "stock_task", "order_number, generation, sku, place, delta", given)


def _take(part: Any, step: sql.TakeTasks) -> tuple[Task, ...]:
    text = """SELECT id, sku, place, delta FROM stock_task WHERE NOT done ORDER BY id LIMIT %s
              FOR UPDATE SKIP LOCKED"""
    return tuple(Task(i, Cell(sku, place), d) for i, sku, place, d in part.say(text, step.limit)[1])


def _finish(part: Any, step: sql.FinishTask) -> None:
    part.say("UPDATE stock_task SET done = TRUE WHERE id = %s", step.task_id)


def _read_unmerged(part: Any, step: sql.ReadUnmerged) -> tuple[int, ...]:
    """In one statement, so that counter and tasks are of one moment."""
    units = """COALESCE((SELECT sellable FROM cell WHERE sku = %s AND place = %s), 0)
               + COALESCE((SELECT SUM(delta) FROM stock_task
                           WHERE NOT done AND sku = %s AND place = %s), 0)"""
    keys = [(cell.sku, cell.place) for cell in step.cells]
    values = [value for key in keys for value in (*key, *key)]
    found = part.say(f"SELECT {', '.join([units] * len(keys))}", *values)[1] if keys else [()]
    return tuple(int(one) for one in found[0])


def _record(part: Any, step: sql.RecordAdjustment) -> int | None:
    part.say(
        """INSERT INTO adjustment (adjustment_key, sku, place, delta, reason, attempts)
           VALUES (%s, %s, %s, %s, %s, 1) ON DUPLICATE KEY UPDATE attempts = attempts + 1""",
        *(step.key, step.cell.sku, step.cell.place, step.delta, step.reason),
    )
    text = "SELECT delta, attempts FROM adjustment WHERE adjustment_key = %s FOR UPDATE"
    delta, attempts = part.say(text, step.key)[1][0]
    return None if attempts == 1 else int(delta)


def _open_cells(part: Any, step: sql.OpenCells) -> None:
    cells = [(one.cell.sku, one.cell.place, one.quantity) for one in step.openings]
    insert_all(part, "cell", "sku, place, sellable, version", [(*cell, 0) for cell in cells])
    entries = [
        (f"opening:{one.cell}", *cell, OPENED, 1)
        for one, cell in zip(step.openings, cells, strict=True)
    ]
    columns = "adjustment_key, sku, place, delta, reason, attempts"
    insert_all(part, "adjustment", columns, entries)


STEPS: Mapping[type[Step[Any]], Callable[[Any, Any], Any]] = {
    sql.AddTasks: _add,
    sql.TakeTasks: _take,
    sql.FinishTask: _finish,
    sql.ReadUnmerged: _read_unmerged,
    sql.RecordAdjustment: _record,
    sql.OpenCells: _open_cells,
}
