"""Claim the order, then let the database refuse: `UPDATE ... WHERE sellable >= q`.

The idea: the check and the write are one statement, so nobody can come between them.

    A: claim 1  take 1 of 1: yes ----------- commit
    B:          claim 2  take 1 of 1: waits for A ... no: refused

What it costs: claim, one take a line, commit; the row's lock is held from the take to the commit.
What breaks it: nothing, but a hot row makes everybody queue, so the tail grows with the crowd.
Source: vivo's "direct update"; the claim in the same transaction makes it idempotent.
"""

from __future__ import annotations

from typing import ClassVar

from inventory_core.domain import Order, Outcome
from inventory_core.steps import sql
from inventory_core.strategy import Needs, Promises, RowHolds


class ConditionalUpdate(RowHolds):
    """Conditional update behind an idempotency key in the same transaction."""

    family: ClassVar = "row"
    needs: ClassVar = Needs.SQL
    promises: ClassVar = Promises()

    async def deduct(self, order: Order) -> Outcome:
        async with sql.transaction():
            claim = await sql.ClaimOrder(order)
            if not claim.fresh:
                return claim.answer_to(order)
            for take in order.takes:  # sorted by cell: one lock order for everybody
                if not await sql.TakeIfEnough(take.cell, take.quantity):
                    return await sql.Refuse(order, take)
        return Outcome.DEDUCTED
