"""Stock tasks: what a turn of a worker has made of them; and turns that write each counter once."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import NamedTuple

from inventory_core.domain import Cell
from inventory_core.steps import sql


class Applied(NamedTuple):
    """What became of a batch of tasks: so many are done; the `late` ones wait for units."""

    done: int
    late: tuple[sql.Task, ...]


async def merge_tasks(batch: int) -> Applied:
    """Add so many tasks up by cell, and write each cell once."""
    async with sql.transaction():
        tasks = await sql.TakeTasks(batch)
        merged: dict[Cell, int] = {}
        for task in tasks:
            merged[task.cell] = merged.get(task.cell, 0) + task.delta
        short = {cell for cell, delta in sorted(merged.items()) if not await _write(cell, delta)}
        late = [task for task in tasks if task.cell in short]
        await finish(tasks, late)
    return Applied(len(tasks) - len(late), tuple(late))


async def finish(tasks: Sequence[sql.Task], late: Collection[sql.Task]) -> None:
    """Mark those that are not late as done."""
    left = {task.task_id for task in late}
    for task in tasks:
        if task.task_id not in left:
            await sql.FinishTask(task.task_id)


async def _write(cell: Cell, delta: int) -> bool:
    """Change a counter; False: what must come in first has not come in yet."""
    if delta < 0:
        return await sql.TakeIfEnough(cell, -delta)
    if delta:
        await sql.GiveBack(cell, delta)
    return True
