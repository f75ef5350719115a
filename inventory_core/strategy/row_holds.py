"""The life of a hold when its truth lies in rows: the shared default of the SQL strategies.

One lock order for everybody: first the hold, then its cells in their order. Whoever holds the
hold's row decides; the second resolver waits, reads the decision, and gets a typed answer.

Where the units are is the strategy's own affair: `load`, `take`, `give`, `empty` and `read` speak
of the cell's counter here, and a strategy that counts elsewhere says these five anew.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from inventory_core.domain import Cell, HoldState, Line, Opening, Order, Outcome, add_up
from inventory_core.domain.outcomes import RESOLVED_BEFORE
from inventory_core.steps import sql
from inventory_core.strategy.contract import Strategy


@dataclass(frozen=True)
class RowHolds(Strategy):
    """Everything but `deduct`, for a strategy whose counters and holds are rows."""

    # ------------------------------------------------------------------------ where the units are

    async def load(self, openings: Sequence[Opening]) -> None:
        await sql.OpenCells(tuple(openings))

    async def take(self, owner: str, generation: int, take: Line) -> bool:
        """Take units for an order (or for a correction: generation 0), all or none.

        Inside the caller's transaction, as are `give` and `empty`.
        """
        return await sql.TakeIfEnough(take.cell, take.quantity)

    async def give(self, owner: str, generation: int, take: Line) -> None:
        """Put back what an order took as that generation, or put in what a correction brings."""
        await sql.GiveBack(take.cell, take.quantity)

    async def paid(self, order_number: str, generation: int) -> None:
        """What else becomes of the units of an order when it is paid: nothing, for most."""

    async def empty(self, cell: Cell) -> int:
        """Take out everything that is left, and say how much it was."""
        left = (await sql.ReadCellLocked(cell)).sellable
        await sql.WriteCell(cell, 0)
        return left

    async def read(self, cells: Sequence[Cell]) -> tuple[int, ...]:
        return await sql.ReadCells(tuple(cells))

    # --------------------------------------------------------------------------- the life of a hold

    async def refuse(self, order: Order, refused: Line) -> Outcome:
        """Give back what came before the refused take, and keep the refusal.

        For who took by `take`; who took from counters alone asks `sql.Refuse`, in one round trip.
        """
        for take in order.takes[: order.takes.index(refused)]:
            await self.give(order.number, 1, take)
        await sql.Settle(order.number, HoldState.REFUSED)
        return Outcome.REFUSED

    async def roll_back(self, order_number: str) -> Outcome:
        async with sql.transaction():
            stored = await sql.Bury(order_number)
            if stored.fresh:
                return Outcome.TOMBSTONED
            if stored.state not in (HoldState.HELD, HoldState.PAID):
                return RESOLVED_BEFORE[stored.state]
            await self._give_back(order_number, stored.generation)
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
            await self._give_back(order_number, stored.generation)
            await sql.Settle(order_number, HoldState.EXPIRED)
        return Outcome.EXPIRED

    async def pay(self, order_number: str) -> Outcome:
        async with sql.transaction() as here:
            stored = await sql.LockOrder(order_number)
            if stored is None:
                return Outcome.NOT_FOUND
            if stored.state is HoldState.HELD:
                await self.paid(order_number, stored.generation)
                await sql.Settle(order_number, HoldState.PAID)
                return Outcome.PAID
            if stored.state is not HoldState.EXPIRED:
                return RESOLVED_BEFORE[stored.state]
            again = stored.generation + 1
            for take in add_up(await sql.ReadLog(order_number)):
                if not await self.take(order_number, again, take):
                    await here.give_up()
                    return Outcome.REFUNDED
            await sql.Reopen(order_number, again, HoldState.PAID)
            await self.paid(order_number, again)
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
            if delta > 0:
                await self.give(key, 0, Line(cell, delta))
            elif delta < 0 and not await self.take(key, 0, Line(cell, -delta)):
                await here.give_up()
                return Outcome.REFUSED
        return Outcome.ADJUSTED

    async def drain(self, key: str, cell: Cell) -> int:
        async with sql.transaction() as here:
            left = await self.empty(cell)
            before = await sql.RecordAdjustment(key, cell, -left, "drained")
            if before is not None:
                await here.give_up()
                return -before
        return left

    async def sweep(self) -> bool:
        due = await sql.DueHolds(self.limits.batch)
        for order_number in due:
            await self.expire(order_number)
        return bool(due)

    async def _give_back(self, order_number: str, generation: int) -> None:
        for take in add_up(await sql.ReadLog(order_number)):
            await self.give(order_number, generation, take)
