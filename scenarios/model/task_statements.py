"""Statements on stock tasks: leave them, take the oldest that nobody has locked, finish one.

A task's id is made from what the task says, so that states which differ only in the order in
which ids were drawn are one state. Which task is older is kept apart, in `SqlModel.tasks`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any
from zlib import crc32

from inventory_core.domain import Cell
from inventory_core.steps import sql
from inventory_core.steps.step import Step
from scenarios.model.cell_statements import UNKNOWN
from scenarios.model.rows import TaskRow, cell_key, task_key
from scenarios.model.statement import Statement


def _new_id(here: Statement, row: TaskRow) -> int:
    task_id = crc32(repr(tuple(row)).encode())
    rows, locks = here.model.rows.by_key, here.model.locks
    while task_key(task_id) in rows or task_key(task_id) in locks:
        task_id += 1  # the same task once more, or a collision: few, so this ends
    return task_id


def _add_tasks(here: Statement, step: sql.AddTasks) -> None:
    for cell, delta in step.changes:
        row = TaskRow(step.order_number, step.generation, cell.sku, cell.place, delta)
        task_id = _new_id(here, row)
        here.model.tasks[task_id] = None
        here.connection.new_tasks += (task_id,)
        here.write_unseen(task_key(task_id), row)


def _take_tasks(here: Statement, step: sql.TakeTasks) -> tuple[sql.Task, ...]:
    """Lock one after the other; what it has looked at and what it has, it keeps in its notes."""
    left: tuple[int, ...]
    taken: tuple[sql.Task, ...]
    left, taken = here.noted(lambda: (_waiting(here), ()))
    while left and len(taken) < step.limit:
        key = task_key(left[0])
        if here.free(key):
            here.lock(key)
            row: TaskRow = here.newest(key)
            if _waits(row):
                taken = (*taken, sql.Task(left[0], Cell(row.sku, row.place), row.delta))
        left = left[1:]
        here.connection.notes = (left, taken)
    return taken


def _waiting(here: Statement) -> tuple[int, ...]:
    return tuple([one for one in here.tasks() if _waits(here.find(task_key(one)))])


def _waits(row: TaskRow | None) -> bool:
    return row is not None and not row.done


def _finish_task(here: Statement, step: sql.FinishTask) -> None:
    key = task_key(step.task_id)
    row: TaskRow | None = here.target(key)
    if row is not None:
        here.write(key, row._replace(done=True))


def _read_unmerged(here: Statement, step: sql.ReadUnmerged) -> tuple[int, ...]:
    rows = here.scanned("task")
    keys = dict.fromkeys(key for key in (*rows.by_key, *here.connection.mine) if key[0] == "task")
    waiting: list[TaskRow] = [row for key in keys if _waits(row := here.see(key))]
    found = []
    for cell in step.cells:
        counter = here.see(cell_key(cell)) or UNKNOWN
        deltas = [row.delta for row in waiting if (row.sku, row.place) == (cell.sku, cell.place)]
        found.append(counter.sellable + sum(deltas))
    return tuple(found)


PROGRAMS: Mapping[type[Step[Any]], Callable[[Statement, Any], Any]] = {
    sql.AddTasks: _add_tasks,
    sql.TakeTasks: _take_tasks,
    sql.FinishTask: _finish_task,
    sql.ReadUnmerged: _read_unmerged,
}
"""How each statement on a task is carried out."""
