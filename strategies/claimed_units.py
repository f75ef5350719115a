"""One row a unit, and everybody takes others: `FOR UPDATE SKIP LOCKED`.

The idea: buyers of one article do not want the same unit, so let each lock units that nobody else
has locked, and wait for nobody.

    A: lock unit 1 ------------- owned by A, commit
    B:      skips unit 1, locks unit 2 -- owned by B, commit

What it costs: a row write a unit, so quantities cost; a pool of rows, which is why it is capped.
What breaks it: whoever skips a locked unit that comes back (its buyer's basket is refused, or his
client dies) has been told "sold out" for nothing (undersold).
Source: PostgreSQL manual, "The Locking Clause"; the job queues that are built on it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from inventory_core.domain import Cell, Order, Outcome
from inventory_core.records.engines import StockUnit
from inventory_core.steps import rows, sql
from inventory_core.strategy import ALL, Needs, Promise, Promises, UnitRows, free_units


class ClaimedUnits(UnitRows):
    """Units that nobody else has locked."""

    family: ClassVar = "unit"
    needs: ClassVar = Needs.SQL
    promises: ClassVar = Promises(kept=ALL - {Promise.NO_FALSE_SOLD_OUT, Promise.LINEARIZABLE})

    async def deduct(self, order: Order) -> Outcome:
        async with sql.transaction():
            claim = await sql.ClaimOrder(order)
            if not claim.fresh:
                return claim.answer_to(order)
            for take in order.takes:
                if not await self.take(order.number, 1, take):
                    return await self.refuse(order, take)
        return Outcome.DEDUCTED

    async def pick(self, cell: Cell, quantity: int) -> Sequence[StockUnit] | None:
        return await rows.Select(StockUnit, free_units(cell), limit=quantity, lock_free=True)
