"""Placing an order: claim its number, let the engines deduct, promise the warehouses' units.

    claim (intent: deduct) -- engines deduct -- choose warehouses -- promise, answer, settle

Nothing is stored before the number is claimed, and what is refused afterwards is stored and
replayed. A process that dies in between leaves the intent; whoever comes next goes on from there,
because every verb of an engine may be asked twice.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from inventory_core.domain import Outcome
from inventory_core.records import (
    DeductAt,
    Intent,
    OrderLine,
    OrderState,
    ShopOrder,
)
from inventory_core.services import allocating
from inventory_core.services.allocating import wanted_of
from inventory_core.services.answers import because, body_of, buried, replay
from inventory_core.services.contract import Answer, OrderRequest, OrderView, Said, Why
from inventory_core.services.desk import Desk
from inventory_core.services.order_rows import (
    count_for_buyer,
    fingerprint_of,
    lines_of,
    locked,
    settle,
    uncount_for_buyer,
    view_of,
)
from inventory_core.services.parts import TOOK, Part, parts_of
from inventory_core.services.pressure import why_held_back
from inventory_core.services.shop_window import Window, channel_of, look_up
from inventory_core.services.undoing import refuse, refuse_unheld, undo
from inventory_core.sourcing import Option
from inventory_core.steps import rows, sql

Options = tuple[Option, ...]
NO_WAREHOUSE = because(
    Why.NO_WAREHOUSE, "no warehouse that serves the address has these units free"
)


async def place(desk: Desk, request: OrderRequest) -> Answer:
    """Place an order once, however often it is delivered."""
    known = await rows.Get(ShopOrder, (request.order_id,))
    if known is not None:
        return await _delivered_again(desk, request, known)
    window = await look_up(request.channel, [line.activity for line in request.lines])
    if isinstance(window, str):
        return Answer(Said.REFUSED, reason=window)
    now_ms = await rows.StoreClock()
    skus = [line.sku for line in request.lines]
    options = await allocating.read_options(request.address, skus, now_ms)
    reason = window.why_closed(now_ms) or _why_undeliverable(request, options)
    if reason:
        return Answer(Said.REFUSED, reason=reason)
    lines = window.lines_of(request)
    waiting = await why_held_back(desk.engines, {line.engine for line in lines}, now_ms)
    if waiting:
        return Answer(Said.CONTENDED, reason=waiting)
    draft = _draft(request, window, now_ms)
    claimed = await _claim(draft, lines, window)
    if claimed is None:
        return await place_again(desk, request)
    if claimed.state is OrderState.REFUSED or claimed.intent is Intent.NONE:
        return _first(OrderView(claimed, lines, ()))
    closed = await _closed_meanwhile(request)
    if closed:
        return await refuse(desk, claimed, closed)
    return await deduct(desk, claimed, lines, options)


async def place_again(desk: Desk, request: OrderRequest) -> Answer:
    """Another delivery of the number was faster."""
    known = await rows.Get(ShopOrder, (request.order_id,))
    assert known is not None, f"{request.order_id} was there and is gone; rows are kept"
    return await _delivered_again(desk, request, known)


async def deduct(
    desk: Desk, order: ShopOrder, lines: Sequence[OrderLine], options: Options | None = None
) -> Answer:
    """Carry out an intent to deduct, from its beginning or from wherever somebody left it."""
    held: list[Part] = []
    for part in parts_of(lines):
        outcome = await desk.engines.deduct(part, order.buyer, order.hold_s)
        if outcome in TOOK:
            held.append(part)
        elif outcome is Outcome.CONTENDED:
            return await desk.try_again(order)
        elif outcome is not Outcome.REFUSED:
            said = f"the engine {part.engine} answered {outcome.value}; use a new number"
            return await refuse(desk, order, because(Why.TOO_LATE, said))
        elif not order.partial and held:
            return await refuse(desk, order, _out_of_stock(part.lines))
        elif not order.partial:
            break
    if not held:
        wanting = lines if order.partial else part.lines
        return await refuse_unheld(desk, order, lines, _out_of_stock(wanting))
    taken = tuple(line for part in held for line in part.lines)
    return await hold(desk, order, lines, taken, options)


async def hold(
    desk: Desk,
    order: ShopOrder,
    lines: Sequence[OrderLine],
    taken: Sequence[OrderLine],
    options: Options | None = None,
) -> Answer:
    """The engines hold the units: promise them at warehouses, and settle the order."""
    channel = await channel_of(order)
    sure = False
    for tries in range(desk.limits.sourcing_tries):
        now_ms = await rows.StoreClock()
        if options is None:
            skus = [line.sku for line in taken]
            options = await allocating.read_options(order.address, skus, now_ms)
        pieces = allocating.choose(channel, wanted_of(taken), options)
        if pieces is None:
            options, coming = None, await desk.units_come_back(tries)
            if sure and not coming:
                return await refuse(desk, order, NO_WAREHOUSE)
            sure = not coming  # what was on its way has arrived: look once more
            continue
        made = allocating.allocations_of(
            order.order_id, order.generation, wanted_of(taken), pieces, options
        )
        async with sql.transaction() as here:
            current = await locked(order)
            if current is None:
                return await desk.look_again(order.order_id)
            if await allocating.promise(f"place:{order.order_id}", made, now_ms):
                return await _settled(current, lines, taken, OrderView(current, (), made), now_ms)
            await here.give_up()
        options = None
    return await desk.try_again(order)


async def _settled(
    order: ShopOrder,
    lines: Sequence[OrderLine],
    taken: Sequence[OrderLine],
    view: OrderView,
    now_ms: int,
) -> Answer:
    """Write that an order is held, and what its first delivery is answered."""
    numbers = {line.line for line in taken}
    written = tuple(
        replace(line, taken=line.quantity) if line.line in numbers else line for line in lines
    )
    for line in written:
        if line.taken:
            await rows.Put(line)
    await uncount_for_buyer(order, [line for line in written if not line.taken])
    due = replace(order, due_ms=now_ms + order.hold_s * 1000)
    body = body_of(due, Said.PLACED, written, view.allocations)
    settled = await settle(order, OrderState.HELD, due_ms=due.due_ms, answer=body)
    return Answer(Said.PLACED, OrderView(settled, written, view.allocations), body=body)


async def _claim(
    draft: ShopOrder, lines: tuple[OrderLine, ...], window: Window
) -> ShopOrder | None:
    """Write the order under its number; None if the number is taken.

    It comes back refused if it goes over a limit per buyer.
    """
    async with sql.transaction() as here:
        if not await rows.Insert(draft):
            return None
        over = ""
        if draft.deduct_at is DeductAt.ORDER:
            over = await count_for_buyer(draft, lines, window.limits)
        if not over:
            await rows.InsertAll(lines)
            return draft
        await here.give_up()
    said = f"buyer {draft.buyer} has as many units of {over} as one buyer may have"
    return await _claim_refused(draft, lines, because(Why.LIMIT_PER_BUYER, said))


async def _claim_refused(
    draft: ShopOrder, lines: tuple[OrderLine, ...], reason: str
) -> ShopOrder | None:
    """Write an order that is refused as soon as it comes; None if the number is taken."""
    refused = replace(draft, state=OrderState.REFUSED, intent=Intent.NONE, reason=reason)
    refused = replace(refused, intent_ms=0, answer=body_of(refused, Said.REFUSED, lines))
    async with sql.transaction():
        if not await rows.Insert(refused):
            return None
        await rows.InsertAll(lines)
    return refused


def _draft(request: OrderRequest, window: Window, now_ms: int) -> ShopOrder:
    """The row of a new order: about to deduct, or placed unheld and answered at once."""
    at_payment = window.deduct_at is DeductAt.PAYMENT
    draft = ShopOrder(
        request.order_id,
        request.channel,
        request.number,
        request.buyer,
        request.address,
        fingerprint_of(request),
        window.deduct_at,
        request.partial,
        OrderState.UNHELD if at_payment else OrderState.HELD,
        Intent.NONE if at_payment else Intent.DEDUCT,
        0 if at_payment else now_ms,
        generation=1,
        placed_ms=now_ms,
        hold_s=window.hold_s,
        due_ms=0,
        reason="",
        answer="",
    )
    if not at_payment:
        return draft
    return replace(draft, answer=body_of(draft, Said.PLACED, window.lines_of(request)))


async def _closed_meanwhile(request: OrderRequest) -> str:
    """Look at the activities again, now that everybody can see the intent.

    Who closes an activity says so first and then waits for intents: either it sees ours, or we see
    that it closes. Without activities there is nothing to ask.
    """
    named = [line.activity for line in request.lines if line.activity]
    if not named:
        return ""
    window = await look_up(request.channel, named)
    return window if isinstance(window, str) else window.why_closed(await rows.StoreClock())


async def _delivered_again(desk: Desk, request: OrderRequest, stored: ShopOrder) -> Answer:
    """What a delivery of a number that is known is answered."""
    if stored.state is OrderState.TOMBSTONE:
        return buried(stored)
    if stored.fingerprint != fingerprint_of(request):
        said = f"order {stored.order_id} is known with another body; use a new number"
        return Answer(Said.MISMATCHED, reason=said)
    if not stored.answer:
        ours = await desk.take_over(stored.order_id, await rows.StoreClock())
        if ours is None:
            return await _answered_or_in_progress(desk, stored.order_id)
        if ours.intent is Intent.REFUSE:
            return await undo(desk, ours)
        return await deduct(desk, ours, await lines_of(ours.order_id))
    view = await view_of(stored.order_id)
    assert view is not None
    return replay(view)


async def _answered_or_in_progress(desk: Desk, order_id: str) -> Answer:
    view = await view_of(order_id)
    if view is not None and view.order.answer:
        return replay(view)
    return await desk.look_again(order_id)


def _first(view: OrderView) -> Answer:
    """The first answer to an order that needs no engine now."""
    said = Said.REFUSED if view.state is OrderState.REFUSED else Said.PLACED
    return Answer(said, view, view.order.reason, body=view.order.answer)


def _why_undeliverable(request: OrderRequest, options: Options) -> str:
    """Whether every article may be shipped to the address at all."""
    for sku in dict.fromkeys(line.sku for line in request.lines):
        if not any(sku in option.promised_ms for option in options):
            said = f"no warehouse may ship {sku} to {request.address}"
            return because(Why.UNDELIVERABLE, said)
    return ""


def _out_of_stock(lines: Sequence[OrderLine]) -> str:
    skus = ", ".join(dict.fromkeys(line.sku for line in lines))
    return because(Why.OUT_OF_STOCK, f"there is not enough of {skus}")
