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
from scenarios.model.rows import TaskRow, task_key
from scenarios.model.statement import Statement


def _new_id(here: Statement, row: TaskRow) -> int:
    task_id = crc32(repr(tuple(row)).encode())
    while task_id in here.model.tasks:  # the same task twice, or a collision: few, so it ends
        task_id += 1
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
    connection = here.connection
    if connection.notes is None:
        visible = [task_id for task_id in here.model.tasks if here.see(task_key(task_id))]
        connection.notes = (tuple(visible), ())
    left: tuple[int, ...]
    taken: tuple[sql.Task, ...]
    left, taken = connection.notes
    while left and len(taken) < step.limit:
        task_id = left[0]
        row = here.newest(task_key(task_id))
        if row is not None and here.free(task_key(task_id)):
            here.lock(task_key(task_id))
            taken = (*taken, sql.Task(task_id, Cell(row.sku, row.place), row.delta))
        left = left[1:]
        connection.notes = (left, taken)
    return taken


def _finish_task(here: Statement, step: sql.FinishTask) -> None:
    if here.target(task_key(step.task_id)) is not None:
        here.write(task_key(step.task_id), None)


PROGRAMS: Mapping[type[Step[Any]], Callable[[Statement, Any], Any]] = {
    sql.AddTasks: _add_tasks,
    sql.TakeTasks: _take_tasks,
    sql.FinishTask: _finish_task,
}
"""How each statement on a task is carried out."""
