"""Write the counters of a batch of stock tasks, each counter once: the turn of a merging worker."""

from __future__ import annotations

from inventory_core.domain import Cell
from inventory_core.steps import sql


async def merge_tasks(batch: int) -> bool:
    """Add so many tasks up by cell, and write each cell once; whether there were any."""
    async with sql.transaction():
        tasks = await sql.TakeTasks(batch)
        merged: dict[Cell, int] = {}
        for task in tasks:
            merged[task.cell] = merged.get(task.cell, 0) + task.delta
        late = {cell for cell, delta in sorted(merged.items()) if not await _write(cell, delta)}
        done = [task for task in tasks if task.cell not in late]
        for task in done:
            await sql.FinishTask(task.task_id)
    return bool(done)


async def _write(cell: Cell, delta: int) -> bool:
    """Change a counter; False: what must come in first has not come in yet."""
    if delta < 0:
        return await sql.TakeIfEnough(cell, -delta)
    if delta:
        await sql.GiveBack(cell, delta)
    return True
