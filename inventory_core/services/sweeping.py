"""What runs beside the buyers: expire what is due, finish what somebody left unfinished.

Any number of processes may run both: an order's row decides who has it.
"""

from __future__ import annotations

from inventory_core.records import Intent, OrderState, ShopOrder
from inventory_core.services.contract import Answer, Said
from inventory_core.services.desk import Desk
from inventory_core.services.order_rows import intend, lines_of, locked
from inventory_core.services.paying import carry_payment
from inventory_core.services.placing import deduct
from inventory_core.services.shipping import close
from inventory_core.services.undoing import undo
from inventory_core.steps import rows, sql


async def expire(desk: Desk, order: ShopOrder) -> Answer:
    """Give back an unpaid hold whose deadline has passed; the order is held and has no intent."""
    now_ms = await rows.StoreClock()
    if order.due_ms > now_ms:
        return Answer(Said.NOT_DUE)
    async with sql.transaction():
        current = await locked(order)
        begun = current and await intend(current, Intent.EXPIRE, now_ms)
    if begun is None:
        return await desk.look_again(order.order_id)
    return await undo(desk, begun)


async def sweep(desk: Desk) -> bool:
    """Expire a batch of due holds, oldest first; says whether one was expired."""
    now_ms = await rows.StoreClock()
    due = (
        ("state", "=", OrderState.HELD),
        ("intent", "=", Intent.NONE),
        ("due_ms", "<=", now_ms),
    )
    orders = await rows.Select(ShopOrder, due, order_by=("due_ms",), limit=desk.limits.batch)
    expired = False
    for order in orders:
        expired |= (await expire(desk, order)).said is Said.EXPIRED
    return expired


async def finish(desk: Desk) -> bool:
    """Finish a batch of stale intents; says whether there were any."""
    now_ms = await rows.StoreClock()
    before = now_ms - desk.limits.intent_stale_ms
    left = (("intent", "!=", Intent.NONE), ("intent_ms", "<=", before))
    orders = await rows.Select(ShopOrder, left, order_by=("intent_ms",), limit=desk.limits.batch)
    finished = False
    for order in orders:
        finished |= await finish_one(desk, order.order_id, now_ms)
    return finished


async def finish_one(desk: Desk, order_id: str, now_ms: int) -> bool:
    """Take over an order's stale intent and go on with it; False if there is none."""
    order = await desk.take_over(order_id, now_ms)
    if order is None:
        return False
    if order.intent is Intent.DEDUCT:
        await deduct(desk, order, await lines_of(order_id))
    elif order.intent is Intent.PAY:
        await carry_payment(desk, order)
    elif order.intent is Intent.CLOSE:
        await close(desk, order)
    else:
        await undo(desk, order)
    return True
