"""Payment: confirm a hold, deduct an order that was placed unheld, or deduct an expired one again.

- held: engines confirm -- paid
- unheld: engines deduct and confirm -- warehouses promise -- paid; or refused, no money taken
- expired: engines deduct again -- warehouses promise -- paid late (generation 2); or refunded
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from inventory_core.domain import Outcome
from inventory_core.records import Intent, OrderLine, OrderState, ShopOrder
from inventory_core.services import allocating
from inventory_core.services.allocating import Wanted
from inventory_core.services.answers import because
from inventory_core.services.contract import Answer, Said, Why
from inventory_core.services.desk import Desk
from inventory_core.services.order_rows import (
    allocations_of,
    count_for_buyer,
    intend,
    lines_of,
    locked,
    settle,
    view_of,
)
from inventory_core.services.parts import TOOK, Part, parts_of
from inventory_core.services.placing import NO_WAREHOUSE
from inventory_core.services.shop_window import channel_of, look_up
from inventory_core.services.undoing import held_lines, refuse
from inventory_core.steps import rows, sql

PAYABLE = frozenset({OrderState.HELD, OrderState.UNHELD, OrderState.EXPIRED})
"""Where an order must stand for its payment to have an effect."""

_CONFIRMED = frozenset({Outcome.PAID, Outcome.PAID_LATE, Outcome.ALREADY_PAID})


async def begin_payment(desk: Desk, order: ShopOrder) -> ShopOrder | Answer:
    """Write down that an order is being paid; an answer if it may not be, and is settled so."""
    lines = held_lines(await lines_of(order.order_id))
    now_ms = await rows.StoreClock()
    limits, closed = await _door(order, lines, now_ms)
    async with sql.transaction() as here:
        current = await locked(order)
        if current is None:
            return await desk.look_again(order.order_id)
        if limits is not None and not closed:
            over = await count_for_buyer(order, lines, limits)
            if over:
                await here.give_up()
                said = f"buyer {order.buyer} has as many units of {over} as one buyer may have"
                closed = because(Why.LIMIT_PER_BUYER, said)
        if not closed:
            return await intend(current, Intent.PAY, now_ms)
        if current.generation >= desk.limits.generations:
            closed = because(Why.TOO_LATE, "it was paid late too often")
    return await _turned_away(desk, order, closed)


async def _door(
    order: ShopOrder, lines: Sequence[OrderLine], now_ms: int
) -> tuple[Mapping[str, int] | None, str]:
    """The limits per buyer that count at payment (None: they were counted before), and why not.

    What is held may be paid whatever has closed since; what is deducted now needs an open door.
    """
    if order.state is OrderState.HELD:
        return None, ""
    window = await look_up(order.channel, [line.activity for line in lines])
    if isinstance(window, str):
        return {}, window
    return window.limits, window.why_closed(now_ms)


async def _turned_away(desk: Desk, order: ShopOrder, reason: str) -> Answer:
    """Nothing is deducted and no money is kept: refused at the till, or refunded."""
    late = order.state is OrderState.EXPIRED
    state, said = _TURNED_AWAY[late]
    async with sql.transaction():
        current = await locked(order)
        if current is None:
            return await desk.look_again(order.order_id)
        await settle(current, state, reason=reason)
    return Answer(said, await view_of(order.order_id), reason)


_TURNED_AWAY = {
    False: (OrderState.REFUSED, Said.REFUSED),
    True: (OrderState.REFUNDED, Said.REFUNDED),
}


async def carry_payment(desk: Desk, order: ShopOrder) -> Answer:
    """Carry out an intent to pay, from its beginning or from wherever somebody left it."""
    lines = held_lines(await lines_of(order.order_id))
    for part in parts_of(lines):
        outcome = await _confirm(desk, order, part)
        if outcome is Outcome.CONTENDED:
            return await desk.try_again(order)
        if outcome not in _CONFIRMED:
            skus = ", ".join(dict.fromkeys(line.sku for line in part.lines))
            said = f"there is not enough of {skus} (the engine answered {outcome.value})"
            return await refuse(desk, order, because(Why.OUT_OF_STOCK, said))
    if order.state is OrderState.HELD:
        return await _paid(desk, order)
    return await _promised(desk, order, lines)


async def _confirm(desk: Desk, order: ShopOrder, part: Part) -> Outcome:
    """Have one engine confirm its part; of an unheld order, deduct it first."""
    if order.state is OrderState.UNHELD:
        outcome = await desk.engines.deduct(part, order.buyer, order.hold_s)
        if outcome not in TOOK:
            return outcome
    return await desk.engines.pay(part)


async def _paid(desk: Desk, order: ShopOrder) -> Answer:
    async with sql.transaction():
        current = await locked(order)
        if current is None:
            return await desk.look_again(order.order_id)
        await settle(current, OrderState.PAID, due_ms=0)
    return Answer(Said.PAID, await view_of(order.order_id))


async def _promised(desk: Desk, order: ShopOrder, lines: Sequence[OrderLine]) -> Answer:
    """The engines have deducted at payment: warehouses must promise the units now."""
    late = order.state is OrderState.EXPIRED
    generation = order.generation + late
    channel = await channel_of(order)
    sure = False
    for tries in range(desk.limits.sourcing_tries):
        now_ms = await rows.StoreClock()
        wanted = await _wanted(order, lines)
        skus = [line.sku for line in lines]
        options = await allocating.read_options(order.address, skus, now_ms)
        pieces = allocating.choose(channel, wanted, options)
        if pieces is None:
            coming = await desk.units_come_back(tries)
            if sure and not coming:
                return await refuse(desk, order, NO_WAREHOUSE)
            sure = not coming  # what was on its way has arrived: look once more
            continue
        made = allocating.allocations_of(order.order_id, generation, wanted, pieces, options)
        async with sql.transaction() as here:
            current = await locked(order)
            if current is None:
                return await desk.look_again(order.order_id)
            if await allocating.promise(f"pay:{order.order_id}:{generation}", made, now_ms):
                for line in lines:
                    await rows.Put(replace(line, taken=line.quantity))
                await settle(current, OrderState.PAID, generation=generation, due_ms=0, reason="")
                break
            await here.give_up()
    else:
        return await desk.try_again(order)
    return Answer(Said.PAID_LATE if late else Said.PAID, await view_of(order.order_id))


async def _wanted(order: ShopOrder, lines: Sequence[OrderLine]) -> tuple[Wanted, ...]:
    """The lines' units, with piece numbers that follow those of earlier generations."""
    last: dict[int, int] = {}
    for one in await allocations_of(order.order_id):
        last[one.line] = max(one.piece, last.get(one.line, 0))
    return tuple(
        Wanted(line.line, line.sku, line.quantity, last.get(line.line, 0) + 1) for line in lines
    )
