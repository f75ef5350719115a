"""Giving back: an order that is cancelled, that has expired, or that could not be taken whole.

    intent written -- engines give their units back -- allocations released, state settled

Whoever finds the intent may go on from wherever the first one stopped.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from inventory_core.domain import Outcome
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
from inventory_core.services.answers import body_of
from inventory_core.services.contract import Answer, OrderView, Said
from inventory_core.services.desk import Desk
from inventory_core.services.order_rows import (
    allocations_of,
    intend,
    lines_of,
    locked,
    settle,
    uncount_for_buyer,
    view_of,
)
from inventory_core.services.parts import parts_of
from inventory_core.steps import rows, sql

_TOLD = AllocationState.DISPATCHED


async def refuse(desk: Desk, order: ShopOrder, reason: str) -> Answer:
    """Give up an order that has begun: first say so, then give back what was taken of it."""
    now_ms = await rows.StoreClock()
    async with sql.transaction():
        current = await locked(order)
        begun = current and await intend(current, Intent.REFUSE, now_ms, reason)
    if begun is None:
        return await desk.look_again(order.order_id)
    return await undo(desk, begun)


async def refuse_unheld(
    desk: Desk, order: ShopOrder, lines: Sequence[OrderLine], reason: str
) -> Answer:
    """Refuse an order of which no engine holds anything: there is nothing to give back."""
    async with sql.transaction():
        current = await locked(order)
        if current is None:
            return await desk.look_again(order.order_id)
        await uncount_for_buyer(current, lines)
        refused = replace(current, state=OrderState.REFUSED, reason=reason)
        answer = current.answer or body_of(refused, Said.REFUSED, lines)
        settled = await settle(refused, OrderState.REFUSED, answer=answer)
    return Answer(Said.REFUSED, OrderView(settled, tuple(lines), ()), reason, body=answer)


async def cancel(desk: Desk, order: ShopOrder) -> Answer:
    """Begin to cancel an order, and go on with it; not if a warehouse was told to ship it."""
    now_ms = await rows.StoreClock()
    async with sql.transaction() as here:
        current = await locked(order)
        if current is None:
            return await desk.look_again(order.order_id)
        told = [one for one in await allocations_of(order.order_id) if one.state is _TOLD]
        if told:
            await here.give_up()
            said = f"{told[0].warehouse} was told to ship it; let it refuse, or take it back"
            return Answer(Said.ALREADY_DISPATCHED, await view_of(order.order_id), said)
        begun = await intend(current, Intent.CANCEL, now_ms)
    return await undo(desk, begun)


async def undo(desk: Desk, order: ShopOrder) -> Answer:
    """Carry out an intent to cancel, expire or refuse."""
    lines = held_lines(await lines_of(order.order_id))
    if order.intent is Intent.EXPIRE:
        early = await _expired_too_early(desk, order, lines)
        if early is not None:
            return early
    else:
        for part in parts_of(lines):
            if await desk.engines.roll_back(part) is Outcome.CONTENDED:
                return await desk.try_again(order)
    said = await _give_up_allocations(order, lines)
    if said is None:
        return await desk.look_again(order.order_id)
    for sku, activity in _from_activities(lines):
        await moving.carry_move(desk.engines, _late_key(order, sku, activity))
    view = await view_of(order.order_id)
    assert view is not None
    return Answer(said, view, view.order.reason, body=view.order.answer)


def held_lines(lines: Sequence[OrderLine]) -> tuple[OrderLine, ...]:
    """The lines whose units an engine may hold: those it took, or all before it was asked."""
    taken = tuple(line for line in lines if line.taken)
    return taken or tuple(lines)


async def _expired_too_early(
    desk: Desk, order: ShopOrder, lines: Sequence[OrderLine]
) -> Answer | None:
    """Expire on the engines, by their clocks. An answer if the deadline has not come there."""
    parts = parts_of(lines)
    for part in parts:
        outcome = await desk.engines.expire(part)
        if outcome is Outcome.NOT_DUE and part is parts[0]:
            return await desk.drop_intent(order, Said.NOT_DUE)
        if outcome in (Outcome.CONTENDED, Outcome.NOT_DUE):  # a later part follows shortly
            return await desk.try_again(order)
    return None


async def _give_up_allocations(order: ShopOrder, lines: Sequence[OrderLine]) -> Said | None:
    """Release what is reserved, count back, and settle; None if somebody else has."""
    now_ms = await rows.StoreClock()
    state, said = _end_of(order)
    async with sql.transaction():
        current = await locked(order)
        if current is None:
            return None
        await uncount_for_buyer(current, lines)
        await release(f"release:{order.order_id}:{order.generation}", order.order_id, now_ms)
        for sku, activity in _from_activities(lines):
            await _return_late(current, sku, activity, now_ms)
        settled = replace(current, state=state, due_ms=0)
        answer = current.answer or body_of(settled, said, lines)
        await settle(current, state, due_ms=0, answer=answer)
    return said


def _end_of(order: ShopOrder) -> tuple[OrderState, Said]:
    """Where an undone order ends, by where it stood."""
    if order.intent is Intent.EXPIRE:
        return OrderState.EXPIRED, Said.EXPIRED
    if order.intent is Intent.REFUSE:
        if not order.answer or order.state is OrderState.UNHELD:
            return OrderState.REFUSED, Said.REFUSED
        return OrderState.REFUNDED, Said.REFUNDED
    if order.state is OrderState.PAID:
        return OrderState.REFUNDED, Said.REFUNDED
    return OrderState.CANCELLED, Said.CANCELLED


async def release(cause: str, order_id: str, at_ms: int) -> None:
    """Take back every open promise of an order; its row is locked."""
    there = [one for one in await allocations_of(order_id) if one.state.open]
    for units in units_of(there):
        await journal.release(cause, units, at_ms)
    await put_all(there, AllocationState.RELEASED)


async def put_all(allocations: Sequence[Allocation], state: AllocationState) -> None:
    """Set the state of allocations; their order's row is locked."""
    for one in allocations:
        await rows.Put(replace(one, state=state))


async def _return_late(order: ShopOrder, sku: str, code: str, at_ms: int) -> None:
    """Units that come back to an activity that is closed go on to its channel."""
    activity = await rows.Get(Activity, (code,))
    if activity is not None and activity.state is ActivityState.CLOSED:
        move = StockMove(
            _late_key(order, sku, code),
            sku,
            activity.place,
            f"channel:{activity.channel}",
            0,
            everything=True,
            state=MoveState.ASKED,
            reason=f"{order.order_id} came back after {code} had closed",
            at_ms=at_ms,
        )
        await rows.Insert(move)


def _from_activities(lines: Sequence[OrderLine]) -> list[tuple[str, str]]:
    """Articles and the activities that they were taken from."""
    return sorted({(line.sku, line.activity) for line in lines if line.activity})


def _late_key(order: ShopOrder, sku: str, activity: str) -> str:
    """The key of the move that brings late units home."""
    return f"late:{order.order_id}:{order.generation}:{activity}:{sku}"
