"""One lock by name instead of the row's: `pg_advisory_xact_lock`, `GET_LOCK`.

The idea: the lock is taken before anything is read, so whatever stands inside, reads included, is
done by one buyer at a time, and plain reads and writes are enough.

    A: lock "a" -- read 1 -- write 0 -- commit, unlock
    B: lock "a": waits for A ....................... read 0: refused

What it costs: a round trip a cell more than `row_lock`, with the lock held until the commit.
What breaks it: everybody must take it. Rollbacks and restocks that write the row without it come in
between, so here they take it too. And the queue, as with every lock (the tail).
Source: PostgreSQL manual, "Advisory Locks"; MariaDB `GET_LOCK`, which must outlive the COMMIT.
"""

from __future__ import annotations

from typing import ClassVar

from inventory_core.domain import Cell, Line, Order, Outcome
from inventory_core.steps import sql
from inventory_core.strategy import Needs, Promises, RowHolds


class AdvisoryLock(RowHolds):
    """A named lock around plain reads and writes."""

    family: ClassVar = "row"
    needs: ClassVar = Needs.SQL
    promises: ClassVar = Promises()

    async def deduct(self, order: Order) -> Outcome:
        async with sql.transaction():
            claim = await sql.ClaimOrder(order)
            if not claim.fresh:
                return claim.answer_to(order)
            for take in order.takes:
                if not await self.take(order.number, 1, take):
                    return await self.refuse(order, take)
        return Outcome.DEDUCTED

    async def take(self, owner: str, generation: int, take: Line) -> bool:
        await sql.LockName(f"cell {take.cell}")
        left = (await sql.ReadCell(take.cell)).sellable
        if left < take.quantity:
            return False
        await sql.WriteCell(take.cell, left - take.quantity)
        return True

    async def give(self, owner: str, generation: int, take: Line) -> None:
        await sql.LockName(f"cell {take.cell}")
        await sql.GiveBack(take.cell, take.quantity)

    async def empty(self, cell: Cell) -> int:
        await sql.LockName(f"cell {cell}")
        return await super().empty(cell)
