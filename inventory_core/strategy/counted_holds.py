"""The life of a hold when keys count and rows remember: the shared default of the paired stores.

The hold's row decides, as for `RowHolds`; the counter in the key-value store follows after the
commit, and a worker applies stock tasks to the counter rows. Whoever dies between the two leaves
units in the key-value store that no row owns. `recover` finds them: it claims the order's own row
first (a live buyer's transaction is waited for), burns the generation, and only then gives the
units back, so a request that comes late finds its generation closed.

Nobody is told that a hold is closed before its units are back in the keys: whoever finds it closed
makes sure of that first. Else a buyer who comes after that answer would be refused a free unit.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from inventory_core.domain import Cell, HoldState, Line, Opening, Outcome, add_up
from inventory_core.domain.outcomes import RESOLVED_BEFORE
from inventory_core.steps import kv, sql
from inventory_core.strategy.contract import Daemon
from inventory_core.strategy.merging_tasks import Applied, finish
from inventory_core.strategy.row_holds import RowHolds


@dataclass(frozen=True)
class CountedHolds(RowHolds):
    """Everything but `deduct`, for a strategy that counts in keys and remembers in rows."""

    counts_within: ClassVar[bool] = False
    """Does an order count in the keys inside the transaction that remembers it? Then whoever waits
    for every transaction that is open waits for everything that was counted and is not in rows."""

    async def load(self, openings: Sequence[Opening]) -> None:
        await sql.OpenCells(tuple(openings))
        await kv.OpenCells(tuple(openings))

    async def roll_back(self, order_number: str) -> Outcome:
        async with sql.transaction():
            stored = await sql.Bury(order_number)
            if not stored.fresh and stored.state not in (HoldState.HELD, HoldState.PAID):
                return await self._told_closed(order_number, stored)
            if not stored.fresh:
                await self._close(order_number, stored.generation, HoldState.ROLLED_BACK)
        if stored.fresh:  # a deduction may have died after it counted, or be on its way still
            await kv.Resolve(order_number, "roll_back")
            return Outcome.TOMBSTONED
        await kv.ReturnHold(order_number, stored.generation, "rolled_back")
        paid = stored.state is HoldState.PAID
        return Outcome.REFUNDED if paid else Outcome.ROLLED_BACK

    async def expire(self, order_number: str) -> Outcome:
        async with sql.transaction():
            stored = await sql.LockOrder(order_number)
            if stored is None:
                return Outcome.NOT_FOUND
            if stored.state is not HoldState.HELD:
                return await self._told_closed(order_number, stored)
            if not stored.overdue:
                return Outcome.NOT_DUE
            await self._close(order_number, stored.generation, HoldState.EXPIRED)
        await kv.ReturnHold(order_number, stored.generation, "expired")
        return Outcome.EXPIRED

    async def pay(self, order_number: str) -> Outcome:
        async with sql.transaction() as here:
            stored = await sql.LockOrder(order_number)
            if stored is None:
                return Outcome.NOT_FOUND
            if stored.state is HoldState.HELD:
                await sql.Settle(order_number, HoldState.PAID)
                return Outcome.PAID
            if stored.state is not HoldState.EXPIRED:
                return await self._told_closed(order_number, stored)
            again = stored.generation + 1
            lines = await sql.ReadLog(order_number)
            counted = await kv.Retake(order_number, again)
            if counted not in (Outcome.DEDUCTED, Outcome.REPLAYED):
                await here.give_up()
                return Outcome.REFUNDED
            await sql.Reopen(order_number, again, HoldState.PAID)
            await self.leave_tasks(order_number, again, add_up(lines), -1)
        return Outcome.PAID_LATE

    async def ship(self, order_number: str) -> Outcome:
        outcome = await super().ship(order_number)
        if outcome is Outcome.SHIPPED:
            await kv.Forget(order_number)
        return outcome

    async def adjust(self, key: str, cell: Cell, delta: int, reason: str) -> Outcome:
        async with sql.transaction() as here:
            if await sql.RecordAdjustment(key, cell, delta, reason) is not None:
                return Outcome.ALREADY_ADJUSTED
            counted = await kv.Adjust(key, cell, delta)
            if counted is Outcome.REFUSED:
                await here.give_up()
                return Outcome.REFUSED
            if counted is Outcome.ALREADY_ADJUSTED and await kv.Drain(key, cell) != -delta:
                await here.give_up()  # a drain under this key took another number, and then died
                return Outcome.ALREADY_ADJUSTED
            await sql.AddTasks(key, 0, ((cell, delta),))
        return Outcome.ADJUSTED

    async def read(self, cells: Sequence[Cell]) -> tuple[int, ...]:
        return await kv.ReadCells(tuple(cells))

    async def drain(self, key: str, cell: Cell) -> int:
        async with sql.transaction():
            left = await kv.Drain(key, cell)
            if await sql.RecordAdjustment(key, cell, -left, "drained") is None:
                await sql.AddTasks(key, 0, ((cell, -left),))
        return left

    async def work(self) -> bool:
        """One turn of the worker."""
        return (await self.apply_some()).done > 0

    async def apply_some(self) -> Applied:
        """Apply a batch of tasks to the counter rows."""
        async with sql.transaction():
            tasks = await sql.TakeTasks(self.limits.batch)
            late = [task for task in tasks if not await self._apply(task)]
            await finish(tasks, late)
        return Applied(len(tasks) - len(late), tuple(late))

    async def recover(self) -> None:
        """Give back what keys hold for orders that no row owns, and catch up the journal."""
        start, batch = 0, self.limits.recovery_batch
        for _ in range(self.limits.recovery_batches):
            holds = await kv.OpenHolds(batch, start)
            for held in holds:
                start += await self._owned_or_returned(held)  # a returned one leaves the list
            if len(holds) < batch:
                break
        for entry in await kv.ReadJournal():
            async with sql.transaction():
                new = await sql.RecordAdjustment(entry.key, entry.cell, entry.delta, "recovered")
                if new is None:
                    await sql.AddTasks(entry.key, 0, ((entry.cell, entry.delta),))

    async def _owned_or_returned(self, held: kv.OpenHold) -> bool:
        """Does a row own this hold? If not, its units are back when this answers."""
        async with sql.transaction():
            stored = await sql.Bury(held.order_number)
            if stored.generation < held.generation:  # burn what was never written
                assert not stored.state.owns_units, f"{held} is ahead of {stored}"
                await sql.Settle(held.order_number, stored.state, held.generation)
        if stored.state.owns_units:
            return True
        await kv.ReturnHold(held.order_number, held.generation, _CLOSED[stored.state])
        return False

    def daemons(self) -> tuple[Daemon, ...]:
        return (*super().daemons(), Daemon("worker", self.work))

    async def _told_closed(self, order_number: str, stored: sql.StoredOrder) -> Outcome:
        """What the second resolver is told; if the hold is closed, its units are back by then."""
        await self.make_sure_returned(order_number, stored)
        return RESOLVED_BEFORE[stored.state]

    async def make_sure_returned(self, order_number: str, stored: sql.StoredOrder) -> None:
        """Give back what a hold that is closed may still have in the keys."""
        if stored.state is HoldState.TOMBSTONE:
            await kv.Resolve(order_number, "roll_back")
        elif stored.state in _CLOSED:
            await kv.ReturnHold(order_number, stored.generation, _CLOSED[stored.state])

    async def _close(self, order_number: str, generation: int, state: HoldState) -> None:
        takes = add_up(await sql.ReadLog(order_number))
        await self.leave_tasks(order_number, generation, takes, 1)
        await sql.Settle(order_number, state)

    async def leave_tasks(
        self, order_number: str, generation: int, takes: Sequence[Line], sign: int
    ) -> None:
        """Leave the worker a task a take: -1 for what was taken, 1 for what came back."""
        changes = tuple((take.cell, sign * take.quantity) for take in takes)
        await sql.AddTasks(order_number, generation, changes)

    async def _apply(self, task: sql.Task) -> bool:
        if task.delta >= 0:
            await sql.GiveBack(task.cell, task.delta)
            return True
        return await sql.TakeIfEnough(task.cell, -task.delta)  # else a give-back must come first


_CLOSED = {
    HoldState.ROLLED_BACK: "rolled_back",
    HoldState.TOMBSTONE: "rolled_back",
    HoldState.REFUSED: "rolled_back",
    HoldState.EXPIRED: "expired",
}
