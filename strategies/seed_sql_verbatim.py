"""The statement as many articles print it: `UPDATE ... WHERE sellable >= q`. A control: no SKU.

The idea: "check and write in one statement, and the database cannot oversell", and it cannot. But
the statement that was copied names no article, so it takes from every one.

    order 1 wants 1 of a:   a 10 -> 9,  b 10 -> 9,  c 10 -> 9

What it costs: a lock on every row of the table. What breaks it: the first order. Of what it takes,
one article's units are the buyer's; the others are nobody's, and never come back.
Source: the listing in vivo's article on inventory, taken at its word.
"""

from __future__ import annotations

from typing import ClassVar

from inventory_core.domain import Order, Outcome
from inventory_core.steps import sql
from inventory_core.strategy import Needs, Promise, Promises, RowHolds


class SeedSqlVerbatim(RowHolds):
    """A conditional update of everything."""

    family: ClassVar = "control"
    control: ClassVar = True
    must_break: ClassVar = Promise.LEAVES_NOTHING_BEHIND
    needs: ClassVar = Needs.SQL
    promises: ClassVar = Promises(kept=frozenset({Promise.NEVER_OVERSELLS, Promise.EXACTLY_ONCE}))

    async def deduct(self, order: Order) -> Outcome:
        async with sql.transaction():
            claim = await sql.ClaimOrder(order)
            if not claim.fresh:
                return claim.answer_to(order)
            for take in order.takes:
                if not await sql.TakeOfAll(take.quantity):
                    return await sql.Refuse(order, take)
        return Outcome.DEDUCTED
