"""An order's rows: read as one view, locked again when the engines have answered, settled."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import replace
from hashlib import blake2b

from inventory_core.records import (
    Allocation,
    BuyerCount,
    Intent,
    OrderLine,
    OrderState,
    ShopOrder,
)
from inventory_core.services.contract import OrderRequest, OrderView
from inventory_core.steps import rows

ALLOCATIONS_MOST = 10_000
"""Of one order, all generations: lines times warehouses, and a few more tries."""


def fingerprint_of(request: OrderRequest) -> str:
    """Tells whether two deliveries of one number carry the same body (32 hexadecimal digits)."""
    lines = [[line.sku, line.activity, line.quantity] for line in request.lines]
    body = [request.buyer, request.address, request.partial, lines]
    return blake2b(json.dumps(body).encode(), digest_size=16).hexdigest()


async def lines_of(order_id: str) -> tuple[OrderLine, ...]:
    """The lines of an order, as the buyer wrote them."""
    where = (("order_id", "=", order_id),)
    return await rows.Select(OrderLine, where, order_by=("line",))


async def allocations_of(order_id: str) -> tuple[Allocation, ...]:
    """Every allocation of an order, by line and piece."""
    where = (("order_id", "=", order_id),)
    return await rows.Select(Allocation, where, order_by=("line", "piece"), limit=ALLOCATIONS_MOST)


async def view_of(order_id: str) -> OrderView | None:
    """An order with its lines and allocations; None if there is none."""
    order = await rows.Get(ShopOrder, (order_id,))
    if order is None:
        return None
    return OrderView(order, await lines_of(order_id), await allocations_of(order_id))


async def intend(order: ShopOrder, intent: Intent, now_ms: int, reason: str = "") -> ShopOrder:
    """Write down what is begun with an order, before an engine is asked. Its row is locked."""
    begun = replace(order, intent=intent, intent_ms=now_ms, reason=reason or order.reason)
    await rows.Put(begun)
    return begun


async def settle(order: ShopOrder, state: OrderState, **changes: object) -> ShopOrder:
    """Write where an order stands now that its intent is done. Its row is locked."""
    done = replace(order, state=state, intent=Intent.NONE, intent_ms=0, **changes)  # type: ignore[arg-type]
    await rows.Put(done)
    return done


async def locked(order: ShopOrder) -> ShopOrder | None:
    """Lock the order again; None if somebody else has finished what we began."""
    now = await rows.Lock(ShopOrder, (order.order_id,))
    assert now is not None, f"order {order.order_id} has vanished; rows are kept"
    same = now.intent is order.intent and now.generation == order.generation
    return now if same and now.state is order.state else None


async def count_for_buyer(
    order: ShopOrder, lines: Iterable[OrderLine], limits: Mapping[str, int]
) -> str:
    """Count an order's units against the limits of its activities; the activity that is over one.

    Called in a transaction that is rolled back if the answer is not empty.
    """
    for activity, quantity in _by_activity(lines):
        await rows.Insert(BuyerCount(activity, order.buyer, 0))
        within = (("quantity", limits[activity]),) if limits[activity] else ()
        key = (activity, order.buyer)
        if not await rows.Add(BuyerCount, key, (("quantity", quantity),), within):
            return activity
    return ""


async def uncount_for_buyer(order: ShopOrder, lines: Iterable[OrderLine]) -> None:
    """Give an order's units back to what the buyer may still take."""
    for activity, quantity in _by_activity(lines):
        key = (activity, order.buyer)
        counted = await rows.Add(BuyerCount, key, (("quantity", -quantity),))
        assert counted, f"{order.order_id} gives back {quantity} that were not counted"


def _by_activity(lines: Iterable[OrderLine]) -> list[tuple[str, int]]:
    """Units by activity, in the order in which the counts are locked."""
    total: dict[str, int] = {}
    for line in lines:
        if line.activity:
            total[line.activity] = total.get(line.activity, 0) + line.quantity - line.refunded
    return sorted((activity, units) for activity, units in total.items() if units)
