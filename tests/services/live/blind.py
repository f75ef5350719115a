"""Planted bugs of the order flow; the judge must object to each of them."""

from __future__ import annotations

from dataclasses import replace

from inventory_core.records import Intent, OrderState, ShopOrder
from inventory_core.services.contract import Answer, OrderRequest, Said
from inventory_core.services.order_flow import OrderFlow
from inventory_core.services.undoing import undo
from inventory_core.steps import rows, sql


class BlindSweep(OrderFlow):
    """It expires whatever it finds, paid or not, and never looks again before it writes."""

    async def sweep(self) -> bool:
        """Expire a batch of orders; nobody's state or intent is asked."""
        where = (("state", "in", (OrderState.HELD, OrderState.PAID)),)
        orders = await rows.Select(ShopOrder, where, limit=self.limits.batch)
        for order in orders:
            begun = replace(order, intent=Intent.EXPIRE, intent_ms=await rows.StoreClock())
            async with sql.transaction():
                await rows.Put(begun)
            await undo(self.desk, begun)
        return bool(orders)


class Hasty(OrderFlow):
    """It answers before anything is stored, and does not come to storing it."""

    async def place(self, request: OrderRequest) -> Answer:
        """Say that it is placed."""
        return Answer(Said.PLACED)


class Careless(OrderFlow):
    """It tidies up what dead processes left, and does not finish it."""

    async def finish(self) -> bool:
        """Take every intent back, whatever an engine was asked meanwhile."""
        left = await rows.Select(ShopOrder, (("intent", "!=", Intent.NONE),))
        for order in left:
            async with sql.transaction():
                await rows.Put(replace(order, intent=Intent.NONE, intent_ms=0))
        return bool(left)
