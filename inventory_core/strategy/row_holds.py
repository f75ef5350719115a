"""The life of a hold when its truth lies in rows: the shared default of the SQL strategies.

One lock order for everybody: first the hold, then its cells in their order. Whoever holds the
hold's row decides; the second resolver waits, reads the decision, and gets a typed answer.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from inventory_core.domain import Cell, HoldState, Opening, Outcome, add_up
from inventory_core.domain.outcomes import RESOLVED_BEFORE
from inventory_core.steps import sql
from inventory_core.strategy.contract import Strategy


@dataclass(frozen=True)
class RowHolds(Strategy):
    """Everything but `deduct`, for a strategy whose counters and holds are rows."""

    async def load(self, openings: Sequence[Opening]) -> None:
        await sql.OpenCells(tuple(openings))

    async def roll_back(self, order_number: str) -> Outcome:
        async with sql.transaction():
            stored = await sql.Bury(order_number)
            if stored.fresh:
                return Outcome.TOMBSTONED
            if stored.state not in (HoldState.HELD, HoldState.PAID):
                return RESOLVED_BEFORE[stored.state]
            await self._give_back(order_number)
            await sql.Settle(order_number, HoldState.ROLLED_BACK)
        paid = stored.state is HoldState.PAID
        return Outcome.REFUNDED if paid else Outcome.ROLLED_BACK

    async def expire(self, order_number: str) -> Outcome:
        async with sql.transaction():
            stored = await sql.LockOrder(order_number)
            if stored is None:
                return Outcome.NOT_FOUND
            if stored.state is not HoldState.HELD:
                return RESOLVED_BEFORE[stored.state]
            if not stored.overdue:
                return Outcome.NOT_DUE
            await self._give_back(order_number)
            await sql.Settle(order_number, HoldState.EXPIRED)
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
                return RESOLVED_BEFORE[stored.state]
            for take in add_up(await sql.ReadLog(order_number)):
                if not await sql.TakeIfEnough(take.cell, take.quantity):
                    await here.give_up()
                    return Outcome.REFUNDED
            await sql.Reopen(order_number, stored.generation + 1, HoldState.PAID)
        return Outcome.PAID_LATE

    async def ship(self, order_number: str) -> Outcome:
        async with sql.transaction():
            stored = await sql.LockOrder(order_number)
            if stored is None:
                return Outcome.NOT_FOUND
            if stored.state is HoldState.HELD:
                return Outcome.NOT_PAID
            if stored.state is not HoldState.PAID:
                return RESOLVED_BEFORE[stored.state]
            await sql.Settle(order_number, HoldState.SHIPPED)
        return Outcome.SHIPPED

    async def adjust(self, key: str, cell: Cell, delta: int, reason: str) -> Outcome:
        async with sql.transaction() as here:
            if await sql.RecordAdjustment(key, cell, delta, reason) is not None:
                return Outcome.ALREADY_ADJUSTED
            if delta >= 0:
                await sql.GiveBack(cell, delta)
            elif not await sql.TakeIfEnough(cell, -delta):
                await here.give_up()
                return Outcome.REFUSED
        return Outcome.ADJUSTED

    async def read(self, cells: Sequence[Cell]) -> tuple[int, ...]:
        return await sql.ReadCells(tuple(cells))

    async def drain(self, key: str, cell: Cell) -> int:
        async with sql.transaction():
            left = (await sql.ReadCellLocked(cell)).sellable
            before = await sql.RecordAdjustment(key, cell, -left, "drained")
            if before is not None:
                return -before
            await sql.WriteCell(cell, 0)
        return left

    async def sweep(self) -> bool:
        due = await sql.DueHolds(self.limits.batch)
        for order_number in due:
            await self.expire(order_number)
        return bool(due)

    async def _give_back(self, order_number: str) -> None:
        for take in add_up(await sql.ReadLog(order_number)):
            await sql.GiveBack(take.cell, take.quantity)
