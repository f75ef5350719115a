"""Split the hot row into several and pick one at random.

The idea: buyers who pick different parts do not wait for each other.

    A: part 3: 2 -> 1                         C: part 5 has 1, wants 2: refused,
    B:        part 7: 4 -> 3, at once            with 4 units left in the cell

What it costs: as much as a conditional update; a hot row's tail becomes that of a part.
What breaks it: fragments. Near the end some parts are empty and others not, and whoever picks
an empty one is told "sold out" with stock left (undersold); an order for more than any part holds
is refused from the start.
Source: vivo's "stock splitting"; sharded counters (Google App Engine).
"""

from __future__ import annotations

from typing import ClassVar

from inventory_core.domain import Order, Outcome
from inventory_core.steps import sql
from inventory_core.strategy import ALL, Needs, Promise, Promises, SplitParts


class SplitRows(SplitParts):
    """One try at one part."""

    family: ClassVar = "split"
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
