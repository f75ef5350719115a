"""What all verbs of the order flow share: the engines, the limits, and manners towards others.

An order has one intent at a time. Who comes while it is fresh is told to ask again; who comes when
it is stale (its process died, or hangs) takes it over and finishes it first.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from inventory_core.records import Intent, ShopOrder
from inventory_core.services.contract import Answer, Said, ServiceLimits
from inventory_core.services.order_rows import locked, view_of
from inventory_core.services.parts import Engines
from inventory_core.steps import clock, rows, sql


@dataclass(frozen=True)
class Desk:
    """The order flow's engines and limits."""

    engines: Engines
    limits: ServiceLimits

    def stale(self, order: ShopOrder, now_ms: int) -> bool:
        """Has an intent been left for so long that others may finish it?"""
        return order.intent_ms + self.limits.intent_stale_ms <= now_ms

    async def units_come_back(self, tries: int) -> bool:
        """Pause, if somebody is just giving units back: engines have them before warehouses do.

        A buyer who got such units from an engine finds no warehouse free for a moment.
        """
        giving = (("intent", "in", (Intent.CANCEL, Intent.EXPIRE, Intent.REFUSE)),)
        if not await rows.Select(ShopOrder, giving, limit=1):
            return False
        await clock.BackOff(tries, self.limits.back_off_s, self.limits.back_off_most_s)
        return True

    async def look_again(self, order_id: str) -> Answer:
        """Somebody else has finished what we began: what there is now, or ask again."""
        view = await view_of(order_id)
        return Answer(Said.IN_PROGRESS, view, "somebody else is at this order; ask again")

    async def try_again(self, order: ShopOrder) -> Answer:
        """Leave the intent for the next who asks, at once."""
        async with sql.transaction():
            current = await locked(order)
            if current is not None:
                await rows.Put(replace(current, intent_ms=0))
        return Answer(Said.CONTENDED, reason="there was too much of a crowd; ask again")

    async def drop_intent(self, order: ShopOrder, said: Said) -> Answer:
        """Nothing was done: take the intent back."""
        async with sql.transaction():
            current = await locked(order)
            if current is not None:
                await rows.Put(replace(current, intent=Intent.NONE, intent_ms=0))
        return Answer(said, await view_of(order.order_id))

    async def take_over(self, order_id: str, now_ms: int) -> ShopOrder | None:
        """Make a stale intent ours; None if there is none (any more)."""
        async with sql.transaction():
            order = await rows.Lock(ShopOrder, (order_id,))
            if order is None or order.intent is Intent.NONE or not self.stale(order, now_ms):
                return None
            ours = replace(order, intent_ms=now_ms)
            await rows.Put(ours)
        return ours
