"""A refund in part, before shipment: units of a paid order go back to where they were sold.

The engine keeps the hold of the whole part; what is refunded goes back as a correction of its own
(a move that is already taken), and when nothing of the order is left, the holds are closed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from inventory_core.records import (
    Activity,
    ActivityState,
    Allocation,
    AllocationState,
    Intent,
    MoveState,
    OrderLine,
    OrderState,
    ShopOrder,
    StockMove,
)
from inventory_core.services import journal, moving
from inventory_core.services.allocating import units_of
from inventory_core.services.contract import Answer, Said
from inventory_core.services.desk import Desk
from inventory_core.services.order_rows import (
    allocations_of,
    intend,
    lines_of,
    locked,
    uncount_for_buyer,
    view_of,
)
from inventory_core.services.shipping import close
from inventory_core.steps import rows, sql

Refunds = Sequence[tuple[int, int]]
"""Lines by number, and how many units of each."""


async def refund(desk: Desk, order: ShopOrder, key: str, refunds: Refunds) -> Answer:
    """Give so many units of some lines back, all of it or nothing, once for every key."""
    moves = [_move_key(order, key, line) for line, _ in refunds]
    now_ms = await rows.StoreClock()
    async with sql.transaction() as here:
        current = await locked(order)
        if current is None:
            return await desk.look_again(order.order_id)
        if await rows.Get(StockMove, (moves[0],)) is not None:
            await here.give_up()
            return Answer(Said.ALREADY_REFUNDED, await view_of(order.order_id), replayed=True)
        lines = {line.line: line for line in await lines_of(order.order_id)}
        mine = await allocations_of(order.order_id)
        freed = _freed(mine, refunds)
        if freed is None or not all(number in lines for number, _ in refunds):
            await here.give_up()
            said = "these lines have not so many units that no warehouse was told to ship"
            return Answer(Said.TOO_MANY, await view_of(order.order_id), said)
        given = [(lines[number], quantity) for number, quantity in refunds]
        await uncount_for_buyer(
            current, [replace(line, quantity=units, refunded=0) for line, units in given]
        )
        await _release(f"refund:{order.order_id}:{key}", freed, mine, now_ms)
        for line, quantity in given:
            await rows.Put(replace(line, refunded=line.refunded + quantity))
            target = await _home(line, current.channel)
            await rows.Insert(
                _move(_move_key(order, key, line.line), line, target, quantity, now_ms)
            )
        rest = any(one.state.open for one in await allocations_of(order.order_id))
        done = None if rest else await _done(current, mine, now_ms)
    for move_key in moves:
        await moving.carry_move(desk.engines, move_key)
    if done is not None:
        await close(desk, done)
    return Answer(Said.REFUNDED, await view_of(order.order_id))


def rest_of(lines: Sequence[OrderLine]) -> tuple[tuple[int, int], ...]:
    """What is left to refund of an order of which a part was refunded before."""
    return tuple(
        (line.line, line.taken - line.refunded) for line in lines if line.taken > line.refunded
    )


def _move_key(order: ShopOrder, key: str, line: int) -> str:
    return f"refund:{order.order_id}:{key}:{line}"


def _move(key: str, line: OrderLine, target: str, quantity: int, now_ms: int) -> StockMove:
    """Units that have left their order and wait to be given to where they were sold."""
    source = f"order:{line.order_id}"
    return StockMove(
        key, line.sku, source, target, quantity, False, MoveState.TAKEN, "refunded", now_ms
    )


async def _home(line: OrderLine, channel: str) -> str:
    """Where units go back to: to the channel if the activity has closed."""
    if line.activity:
        activity = await rows.Get(Activity, (line.activity,))
        if activity is None or activity.state is ActivityState.CLOSED:
            return f"channel:{channel}"
    return line.place


def _freed(
    mine: Sequence[Allocation], refunds: Refunds
) -> tuple[tuple[Allocation, int], ...] | None:
    """Reserved allocations and how many units of each to free; None if there are too few."""
    freed: list[tuple[Allocation, int]] = []
    for line, quantity in refunds:
        wanted = quantity
        for one in mine:
            if one.line == line and one.state is AllocationState.RESERVED and wanted:
                units = min(wanted, one.quantity)
                freed.append((one, units))
                wanted -= units
        if wanted:
            return None
    return tuple(freed)


async def _release(
    cause: str,
    freed: Sequence[tuple[Allocation, int]],
    mine: Sequence[Allocation],
    now_ms: int,
) -> None:
    """Free units of allocations; one that is freed in part is divided in two."""
    last = {one.line: max(o.piece for o in mine if o.line == one.line) for one in mine}
    released = [replace(one, quantity=units) for one, units in freed]
    for units_freed in units_of(released):
        await journal.release(cause, units_freed, now_ms)
    for one, units in freed:
        if units == one.quantity:
            await rows.Put(replace(one, state=AllocationState.RELEASED))
            continue
        last[one.line] += 1
        await rows.Put(replace(one, quantity=one.quantity - units))
        parted = replace(one, piece=last[one.line], quantity=units)
        await rows.Insert(replace(parted, state=AllocationState.RELEASED))


async def _done(order: ShopOrder, mine: Sequence[Allocation], now_ms: int) -> ShopOrder:
    """Nothing is left to ship: shipped if anything was, else refunded; the holds are to close."""
    shipped = any(one.state is AllocationState.SHIPPED for one in mine)
    state = OrderState.SHIPPED if shipped else OrderState.REFUNDED
    return await intend(replace(order, state=state), Intent.CLOSE, now_ms)
