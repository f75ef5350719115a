"""After payment: tell warehouses, ship (in part), move to another warehouse what one refuses.

Pre-occupied and physical go down together, at shipment and not before. When nothing of an order is
left to ship, its engines close their holds.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from inventory_core.records import (
    Allocation,
    AllocationState,
    Intent,
    OrderState,
    Return,
    ShopOrder,
)
from inventory_core.services import allocating, journal, movements
from inventory_core.services.allocating import Wanted, units_of
from inventory_core.services.contract import Answer, OrderView, Said
from inventory_core.services.desk import Desk
from inventory_core.services.order_rows import (
    allocations_of,
    intend,
    lines_of,
    locked,
    settle,
    view_of,
)
from inventory_core.services.parts import parts_of
from inventory_core.services.shop_window import channel_of
from inventory_core.services.undoing import held_lines, put_all
from inventory_core.steps import rows, sql

Sequences = Sequence[tuple[str, int]]
"""The warehouse's movement sequence of each article that it shipped."""

SHIPPABLE = frozenset({OrderState.PAID, OrderState.PART_SHIPPED})
"""Where an order must stand to be dispatched or shipped."""


async def dispatch(desk: Desk, order: ShopOrder) -> Answer:
    """Mark what the warehouses are told to ship."""
    async with sql.transaction():
        current = await locked(order)
        if current is None:
            return await desk.look_again(order.order_id)
        mine = await allocations_of(order.order_id)
        reserved = [one for one in mine if one.state is AllocationState.RESERVED]
        for one in reserved:
            told = replace(one, state=AllocationState.DISPATCHED)
            await rows.Put(replace(told, shipment=_shipment(one, reserved)))
    return Answer(Said.DISPATCHED, await view_of(order.order_id), replayed=not reserved)


def _shipment(one: Allocation, told: Sequence[Allocation]) -> str:
    """The reference of what its warehouse is told now; pieces never come again, nor does it."""
    first = next(other for other in told if other.warehouse == one.warehouse)
    return f"{one.order_id}#{one.warehouse}#{first.line}.{first.piece}"


def _asked_of(mine: Sequence[Allocation], warehouse: str, shipment: str) -> tuple[Allocation, ...]:
    """What a warehouse has still to ship: under one reference, or (without one) all of it."""
    return tuple(
        one
        for one in mine
        if one.warehouse == warehouse and one.state.open and shipment in ("", one.shipment)
    )


async def ship(
    desk: Desk, order: ShopOrder, warehouse: str, sequences: Sequences = (), shipment: str = ""
) -> Answer:
    """A warehouse has shipped what it was told to (or everything that it had promised)."""
    now_ms = await rows.StoreClock()
    async with sql.transaction() as here:
        current = await locked(order)
        if current is None:
            return await desk.look_again(order.order_id)
        mine = await allocations_of(order.order_id)
        leaving = _asked_of(mine, warehouse, shipment)
        if not leaving:
            return _nothing_to_ship(OrderView(current, (), mine), warehouse, shipment)
        cause = f"ship:{order.order_id}:{leaving[0].line}.{leaving[0].piece}"
        for units in units_of(leaving):
            sequence = dict(sequences).get(units.sku)
            await movements.shipment_confirmed(cause, units, sequence, order.order_id, now_ms)
            if not await journal.leave(cause, units, now_ms):
                await here.give_up()
                said = f"{warehouse} has fewer than {units.quantity} of {units.sku} on its shelf"
                return Answer(Said.TOO_MANY, await view_of(order.order_id), said)
        await put_all(leaving, AllocationState.SHIPPED)
        rest = sum(one.state.open for one in mine) - len(leaving)
        await _settle_shipped(current, rest > 0, now_ms)
    if not rest:
        await close(desk, replace(current, state=OrderState.SHIPPED, intent=Intent.CLOSE))
    said_so = Said.PART_SHIPPED if rest else Said.SHIPPED
    return Answer(said_so, await view_of(order.order_id))


async def _settle_shipped(order: ShopOrder, rest: bool, now_ms: int) -> None:
    if rest:
        await settle(order, OrderState.PART_SHIPPED)
    else:
        await intend(replace(order, state=OrderState.SHIPPED), Intent.CLOSE, now_ms)


def _nothing_to_ship(view: OrderView, warehouse: str, shipment: str) -> Answer:
    shipped = any(
        one.warehouse == warehouse
        and one.state is AllocationState.SHIPPED
        and shipment in ("", one.shipment)
        for one in view.allocations
    )
    if shipped:
        return Answer(Said.ALREADY_SHIPPED, view, replayed=True)
    return Answer(Said.NOT_FOUND, view, f"{warehouse} has nothing to ship for this order")


async def close(desk: Desk, order: ShopOrder) -> None:
    """Carry out an intent to close: the engines forget holds whose units are gone."""
    for part in parts_of(held_lines(await lines_of(order.order_id))):
        await desk.engines.close(part)
    async with sql.transaction():
        current = await locked(order)
        if current is not None:
            await settle(current, current.state)


async def refuse_dispatch(
    desk: Desk, order: ShopOrder, warehouse: str, reason: str, shipment: str = ""
) -> Answer:
    """A warehouse will not ship what it had promised: another takes over, all of it or nothing."""
    channel = await channel_of(order)
    for _ in range(desk.limits.sourcing_tries):
        now_ms = await rows.StoreClock()
        mine = await allocations_of(order.order_id)
        refused = _asked_of(mine, warehouse, shipment)
        if not refused:
            return Answer(Said.NOT_FOUND, await view_of(order.order_id), f"{warehouse} has nothing")
        wanted = _wanted_again(mine, refused)
        options = await allocating.read_options(order.address, [one.sku for one in refused], now_ms)
        pieces = allocating.choose(channel, wanted, options, without=warehouse)
        if pieces is None:
            break
        made = allocating.allocations_of(order.order_id, order.generation, wanted, pieces, options)
        if await _moved(order, refused, made, now_ms):
            return Answer(Said.REDISPATCHED, await view_of(order.order_id), reason)
    said = f"{warehouse} refused ({reason}), and no other warehouse can take over"
    return Answer(Said.UNDISPATCHABLE, await view_of(order.order_id), said)


async def _moved(
    order: ShopOrder, refused: Sequence[Allocation], made: Sequence[Allocation], now_ms: int
) -> bool:
    """Release at one warehouse and promise at others, in one transaction; False if it is stale."""
    first = refused[0]
    cause = f"redispatch:{order.order_id}:{first.line}.{first.piece}"
    async with sql.transaction() as here:
        current = await locked(order)
        if current is None:
            await here.give_up()
            return False
        there = {(one.line, one.piece): one for one in await allocations_of(order.order_id)}
        if any(there.get((one.line, one.piece)) != one for one in refused):
            await here.give_up()
            return False
        for units in units_of(refused):
            await journal.release(cause, units, now_ms)
        await put_all(refused, AllocationState.REFUSED)
        if not await allocating.promise(cause, made, now_ms):
            await here.give_up()
            return False
    return True


def _wanted_again(mine: Sequence[Allocation], refused: Sequence[Allocation]) -> tuple[Wanted, ...]:
    """What a warehouse refused, by line, with piece numbers that follow those there are."""
    last: Mapping[int, int] = {
        line: max(one.piece for one in mine if one.line == line)
        for line in {one.line for one in mine}
    }
    units: dict[tuple[int, str], int] = {}
    for one in refused:
        units[one.line, one.sku] = units.get((one.line, one.sku), 0) + one.quantity
    return tuple(
        Wanted(line, sku, quantity, last[line] + 1)
        for (line, sku), quantity in sorted(units.items())
    )


async def take_back(
    order: ShopOrder, return_id: str, line: int, quantity: int, reason: str
) -> Answer:
    """Shipped units came back: recorded once, in no stock by itself."""
    now_ms = await rows.StoreClock()
    coming = Return(return_id, order.order_id, line, quantity, reason, now_ms)
    async with sql.transaction() as here:
        await rows.Lock(type(order), (order.order_id,))
        shipped = await _shipped(order.order_id, line)
        before = await rows.Select(Return, (("order_id", "=", order.order_id),))
        if any(one.return_id == return_id for one in before):
            await here.give_up()
            return Answer(Said.ALREADY_RETURNED, await view_of(order.order_id), replayed=True)
        back = sum(one.quantity for one in before if one.line == line)
        if back + quantity > shipped:
            await here.give_up()
            said = f"{shipped} of line {line} were shipped and {back} have come back"
            return Answer(Said.TOO_MANY, await view_of(order.order_id), said)
        fresh = await rows.Insert(coming)
    if not fresh:
        said = f"return {return_id} belongs to another order; use a new number"
        return Answer(Said.MISMATCHED, reason=said)
    return Answer(Said.RETURNED, await view_of(order.order_id))


async def _shipped(order_id: str, line: int) -> int:
    """Units of a line that have left."""
    mine = await allocations_of(order_id)
    shipped = AllocationState.SHIPPED
    return sum(one.quantity for one in mine if one.line == line and one.state is shipped)
