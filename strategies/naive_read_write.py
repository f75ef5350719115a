"""Read, think, write: what everybody writes first. A control: it must be caught.

The idea: look whether there is enough, then write what is left.

    A: read 1 ------------ write 0 -- "deducted"
    B:        read 1 ------------------- write 0 -- "deducted"        one unit, two buyers

It asks for the order number the same way (look, then write), so two deliveries of one order that
cross take twice what one log entry says.

What it costs: as many round trips as the right way. What breaks it: two buyers at once (oversell),
one buyer's double click (double deduction).
"""

from __future__ import annotations

from typing import ClassVar

from inventory_core.domain import Order, Outcome
from inventory_core.steps import sql
from inventory_core.strategy import Needs, Promise, Promises, RowHolds


class NaiveReadWrite(RowHolds):
    """Check, then act: broken on purpose."""

    family: ClassVar = "control"
    control: ClassVar = True
    needs: ClassVar = Needs.SQL
    promises: ClassVar = Promises(kept=frozenset({Promise.ALL_OR_NOTHING}))

    async def deduct(self, order: Order) -> Outcome:
        async with sql.transaction() as here:
            stored = await sql.FindOrder(order.number)
            if stored is not None:
                return stored.answer_to(order)
            for take in order.takes:
                left = (await sql.ReadCell(take.cell)).sellable
                if left < take.quantity:
                    await here.give_up()
                    return Outcome.REFUSED
                await sql.WriteCell(take.cell, left - take.quantity)
            await sql.RecordOrder(order)
        return Outcome.DEDUCTED
