"""Only write down what is sold while there is plenty; lock and count below the low water mark.

The idea: far from the last unit nobody has to know exactly how many are left, so nobody has to
write the hot row. A deduction leaves a task; a merger takes the tasks out of the counter in bulk.

    A: lane 3: 900 left, plenty -- task: -1 -- commit
    B: lane 5:    900 left, plenty -- task: -2 -- commit            merger: row 900 -> 897
    C: 70 left: too few -- every lane, the row -- 70 -> 69 -- commit

How many are left is read while others sell, so plenty must cover whatever they may be selling
unseen. That is bounded, not guessed: who sells in plenty holds one of `parts` lanes until his
commit and takes at most `few` units, so the mark is `parts * few`. Who counts exactly holds every
lane, and is alone.

What it costs: in plenty six short round trips and no hot row, the first a look without a lock, so
that a lane is taken only where it helps; near the end a lock a lane. A sale of few units never sees
the good part.
What breaks it: a mark that is lower than what can be in flight (oversold). A merger that stands
still costs speed, because the tasks that wait are added up by every reader.
Source: the "safety stock threshold" of flash sale designs; lanes as in big-reader locks.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from inventory_core.domain import Cell, Line, Order, Outcome
from inventory_core.steps import clock, sql
from inventory_core.strategy import Daemon, Needs, Promises, RowHolds
from inventory_core.strategy.merging_tasks import merge_tasks


class LowWaterLock(RowHolds):
    """Insert in plenty, lock below the mark."""

    family: ClassVar = "ledger"
    needs: ClassVar = Needs.SQL
    promises: ClassVar = Promises(settles_within_s=1.0)

    @property
    def mark(self) -> int:
        """The units that may be sold unseen at one time."""
        return self.limits.parts * self.limits.few

    async def deduct(self, order: Order) -> Outcome:
        cells = tuple(take.cell for take in order.takes)
        plenty = all(left >= self.mark for left in await sql.ReadUnmerged(cells))
        for exactly in (False, True) if plenty else (True,):
            async with sql.transaction() as here:
                claim = await sql.ClaimOrder(order)
                if not claim.fresh:
                    return claim.answer_to(order)
                if not exactly and not await self._in_plenty(order):
                    await here.give_up()  # waiting for every lane in one of them waits in a circle
                    continue
                if not exactly:
                    changes = tuple((take.cell, -take.quantity) for take in order.takes)
                    await sql.AddTasks(order.number, 1, changes)
                    return Outcome.DEDUCTED
                for take in order.takes:
                    if not await self.take(order.number, 1, take):
                        return await self.refuse(order, take)
        return Outcome.DEDUCTED

    async def _in_plenty(self, order: Order) -> bool:
        """Take a lane of every cell, and see whether it is far from the mark."""
        for take in order.takes:
            lane = await clock.Draw(self.limits.parts)
            await sql.LockName(_lane(take.cell, lane))
            (left,) = await sql.ReadUnmerged((take.cell,))
            if take.quantity > self.limits.few or left < self.mark:
                return False
        return True

    async def _alone(self, cell: Cell) -> tuple[int, int]:
        """Keep everybody else out of a cell; its counter, and what it will be after the tasks."""
        for lane in range(self.limits.parts):
            await sql.LockName(_lane(cell, lane))
        counter = (await sql.ReadCellLocked(cell)).sellable
        (left,) = await sql.ReadUnmerged((cell,))
        return counter, left

    async def take(self, owner: str, generation: int, take: Line) -> bool:
        counter, left = await self._alone(take.cell)
        if left < take.quantity:
            return False
        await sql.WriteCell(take.cell, counter - take.quantity)
        return True

    async def empty(self, cell: Cell) -> int:
        counter, left = await self._alone(cell)
        await sql.WriteCell(cell, counter - left)  # the tasks that wait need the rest
        return left

    async def read(self, cells: Sequence[Cell]) -> tuple[int, ...]:
        return await sql.ReadUnmerged(tuple(cells))

    async def work(self) -> bool:
        """One turn of the merger."""
        return (await merge_tasks(self.limits.batch)).done > 0

    def daemons(self) -> tuple[Daemon, ...]:
        return (*super().daemons(), Daemon("merger", self.work))


def _lane(cell: Cell, lane: int) -> str:
    return f"lane {lane} of {cell}"
