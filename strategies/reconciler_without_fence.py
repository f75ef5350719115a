"""A job that sets the counter to what the books say. A control: it writes what it read a while ago.

The idea: "counters drift, so set them right": read the books, write the counter. Nothing drifts
here, until the job itself makes it.

    job:    books: 1 -------------------------- counter := 1
    buyer:            takes 1, books 0, commit                  and another buyer gets the same unit

What it costs: a scan now and then. What breaks it: every sale between its read and its write is
undone in the counter, and its unit sold again. A fence (the row's version left with the read, as in
`redis_lock_fenced`) or the lock of the row would tell.
Source: the nightly "stock repair" script.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from inventory_core.domain import Cell, Line, Opening, Order, Outcome
from inventory_core.records.engines import Account
from inventory_core.steps import rows, sql
from inventory_core.strategy import Daemon, Needs, Promise, Promises, RowHolds


class ReconcilerWithoutFence(RowHolds):
    """A sound deduction, and a repair that is not. The books are what an account has posted."""

    family: ClassVar = "control"
    control: ClassVar = True
    needs: ClassVar = Needs.SQL
    promises: ClassVar = Promises(
        kept=frozenset({Promise.EXACTLY_ONCE, Promise.ALL_OR_NOTHING, Promise.NO_FALSE_SOLD_OUT})
    )

    async def deduct(self, order: Order) -> Outcome:
        async with sql.transaction():
            claim = await sql.ClaimOrder(order)
            if not claim.fresh:
                return claim.answer_to(order)
            for take in order.takes:
                if not await self.take(order.number, 1, take):
                    return await self.refuse(order, take)
        return Outcome.DEDUCTED

    async def load(self, openings: Sequence[Opening]) -> None:
        books = [Account(o.cell.sku, o.cell.place, 0, posted=o.quantity) for o in openings]
        async with sql.transaction():
            await super().load(openings)
            await rows.InsertAll(tuple(books))

    async def take(self, owner: str, generation: int, take: Line) -> bool:
        if not await super().take(owner, generation, take):
            return False
        await _book(take.cell, -take.quantity)
        return True

    async def give(self, owner: str, generation: int, take: Line) -> None:
        await super().give(owner, generation, take)
        await _book(take.cell, take.quantity)

    async def empty(self, cell: Cell) -> int:
        left = await super().empty(cell)
        await _book(cell, -left)
        return left

    async def reconcile(self) -> bool:
        """Set every counter right; there is never anything left to do."""
        for account in await rows.Select(Account, limit=self.limits.batch):
            await sql.WriteCell(Cell(account.sku, account.place), account.posted)
        return False

    def daemons(self) -> tuple[Daemon, ...]:
        return (*super().daemons(), Daemon("reconciler", self.reconcile, pause_s=0.02))


async def _book(cell: Cell, delta: int) -> None:
    await rows.Add(Account, (cell.sku, cell.place), (("posted", delta),))
