"""Reserve, then post or void: a ledger's two-phase transfer.

The idea: an account knows what is there and how much of it is reserved; a reservation is posted
when it is paid, voided when it is cancelled or has expired, and either happens once.

    deduct   pending 0 -> 2          pay      credits 10 -> 8, pending 2 -> 0, posted 0 -> 2
                                     cancel   pending 2 -> 0

Every strategy here holds units until they are paid. This one keeps the two phases apart in the
*account*: it can say at any moment how much is promised and how much is sold, and books that do not
add up are seen there. A transfer that posts less than it reserved voids the rest; an order is
posted whole here.

What it costs: a row more an order line, and a payment writes the hot row once more.
What breaks it: nothing, but the hot row (the tail).
Source: TigerBeetle, "Two-phase transfers".
"""

from __future__ import annotations

from typing import ClassVar

from inventory_core.domain import Order, Outcome, add_up
from inventory_core.steps import sql
from inventory_core.strategy import Accounts, Needs, Promises


class TwoPhaseHold(Accounts):
    """Pending until paid, posted from then on."""

    family: ClassVar = "ledger"
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

    async def paid(self, order_number: str, generation: int) -> None:
        for take in add_up(await sql.ReadLog(order_number)):
            await self.post(order_number, generation, take)
