"""Ask for the order number in one transaction, deduct in another. A control: exactly once falls.

The idea: "we check first whether we know the order", as many services do in front of their work.

    A: known? no ---------- take 1, book order 1, commit
    A again: known? no ---------- take 1, book order 1, commit       one order, two units taken

What it costs: a round trip more than the claim in the same transaction, which needs no second look.
What breaks it: two deliveries of one order that cross. The log has the order once, so the second
unit is nobody's: it was taken, and comes back to no one.
Source: the usual "check the idempotency table, then call the service".
"""

from __future__ import annotations

from typing import ClassVar

from inventory_core.domain import Order, Outcome
from inventory_core.steps import sql
from inventory_core.strategy import Needs, Promise, Promises, RowHolds


class ClaimOutsideTransaction(RowHolds):
    """Look, and only then begin."""

    family: ClassVar = "control"
    control: ClassVar = True
    must_break: ClassVar = Promise.EXACTLY_ONCE
    needs: ClassVar = Needs.SQL
    promises: ClassVar = Promises(kept=frozenset({Promise.NEVER_OVERSELLS, Promise.ALL_OR_NOTHING}))

    async def deduct(self, order: Order) -> Outcome:
        stored = await sql.FindOrder(order.number)
        if stored is not None:
            return stored.answer_to(order)
        async with sql.transaction() as here:
            for take in order.takes:
                if not await sql.TakeIfEnough(take.cell, take.quantity):
                    await here.give_up()
                    return Outcome.REFUSED
            await sql.RecordOrder(order)
        return Outcome.DEDUCTED
