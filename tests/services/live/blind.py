"""A planted bug: a sweeper that expires whatever it finds, paid or not, without looking again."""

from __future__ import annotations

from dataclasses import replace

from inventory_core.records import Intent, OrderState, ShopOrder
from inventory_core.services.order_flow import OrderFlow
from inventory_core.services.undoing import undo
from inventory_core.steps import rows, sql


class BlindSweep(OrderFlow):
    """Its read and its write are two awaits apart, and it takes a payment for a hold."""

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
