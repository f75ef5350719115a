"""Transfer orders: units leave one warehouse, are in transit, and arrive at another.

    planned --send--> in transit --receive--> received
       +-- cancel

Only units that nobody was promised are sent. What does not arrive is missing at the target, as if a
count had missed it. Where the warehouses' feeds confirm the movements, these are the sending and
the receiving, line by line; without feeds, people say so.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from inventory_core.problems import Problem
from inventory_core.records import (
    Kind,
    Movement,
    MovementKind,
    TransferLine,
    TransferOrder,
    TransferState,
    WarehouseStock,
)
from inventory_core.services import journal
from inventory_core.services.shelves import Shift, lock_shelf, must_be_there, shift
from inventory_core.services.stock_answers import StockAnswer, StockSaid
from inventory_core.steps import rows, sql


@dataclass(frozen=True, slots=True)
class TransferView:
    """A transfer order with its lines, by SKU."""

    order: TransferOrder
    lines: tuple[TransferLine, ...]


async def create(order: TransferOrder, units: Sequence[tuple[str, int]]) -> StockAnswer:
    """Plan a transfer, once for every code."""
    if order.source == order.target:
        raise Problem(f"transfer {order.code} goes from {order.source} to itself; name another")
    if not units or any(quantity < 1 for _, quantity in units):
        raise Problem(f"transfer {order.code} has a line without units; say 1 or more of each SKU")
    if len({sku for sku, _ in units}) < len(units):
        raise Problem(f"transfer {order.code} names an SKU twice; add its units up")
    for warehouse in (order.source, order.target):
        await must_be_there(warehouse)
    lines = tuple(TransferLine(order.code, sku, quantity) for sku, quantity in sorted(units))
    async with sql.transaction() as here:
        if await rows.Insert(order):
            await rows.InsertAll(lines)
            return StockAnswer(StockSaid.DONE)
        await here.give_up()
    known = await find(order.code)
    assert known is not None, f"transfer {order.code} was there and is gone; rows are kept"
    same = (known.order.source, known.order.target) == (order.source, order.target)
    if same and [(one.sku, one.quantity) for one in known.lines] == sorted(units):
        return StockAnswer(StockSaid.ALREADY_DONE)
    said = f"transfer {order.code} is known with another content; use a new code"
    return StockAnswer(StockSaid.MISMATCHED, said)


async def find(code: str) -> TransferView | None:
    """A transfer order as it stands; None if there is none."""
    order = await rows.Get(TransferOrder, (code,))
    return None if order is None else TransferView(order, await _lines_of(code))


async def cancel(code: str) -> StockAnswer:
    """Give up a transfer that has not been sent."""
    async with sql.transaction():
        order = await rows.Lock(TransferOrder, (code,))
        if order is None:
            return _not_found(code)
        begun = any(_sent(order, line) for line in await _lines_of(code))
        if order.state is TransferState.PLANNED and not begun:
            await rows.Put(replace(order, state=TransferState.CANCELLED))
            return StockAnswer(StockSaid.DONE)
    if order.state is TransferState.CANCELLED:
        return StockAnswer(StockSaid.ALREADY_DONE)
    return StockAnswer(StockSaid.TOO_LATE, f"units of transfer {code} have left; receive them")


async def send(code: str) -> StockAnswer:
    """The units leave the source, all of them or none."""
    at_ms = await rows.StoreClock()
    async with sql.transaction() as here:
        order = await rows.Lock(TransferOrder, (code,))
        if order is None:
            return _not_found(code)
        if order.state is TransferState.CANCELLED:
            return StockAnswer(StockSaid.TOO_LATE, f"transfer {code} is cancelled")
        if order.state is not TransferState.PLANNED:
            return StockAnswer(StockSaid.ALREADY_DONE)
        waiting = [line for line in await _lines_of(code) if not _sent(order, line)]
        for line in waiting:
            if not await _leaves(order, line, at_ms):
                await here.give_up()
                said = f"{order.source} has fewer than {line.quantity} free units of {line.sku}"
                return StockAnswer(StockSaid.NOT_ENOUGH, said)
        await rows.Put(replace(order, state=TransferState.IN_TRANSIT))
    return StockAnswer(StockSaid.DONE, quantity=sum(line.quantity for line in waiting))


async def receive(code: str, received: Mapping[str, int] | None = None) -> StockAnswer:
    """Units arrive: everything that was sent, or so many of each SKU named.

    The lines that are not named stay in transit. The answer's `quantity` is what is missing.
    """
    at_ms = await rows.StoreClock()
    async with sql.transaction():
        order = await rows.Lock(TransferOrder, (code,))
        if order is None:
            return _not_found(code)
        lines = {line.sku: line for line in await _lines_of(code)}
        arrived = _arrived(order, lines, received)
        if isinstance(arrived, StockAnswer):
            return arrived
        for sku, quantity in arrived:
            stock = await lock_shelf(sku, order.target)
            cause = f"transfer:{code}:in"
            await _arrives(cause, order, lines[sku], stock, quantity, at_ms)
        await _received_if_all(order)
    missing = sum(lines[sku].in_transit - quantity for sku, quantity in arrived)
    return StockAnswer(StockSaid.DONE, quantity=missing)


def _arrived(
    order: TransferOrder, lines: Mapping[str, TransferLine], received: Mapping[str, int] | None
) -> list[tuple[str, int]] | StockAnswer:
    """What arrives now, by SKU in lock order; an answer if nothing does."""
    if order.state in (TransferState.PLANNED, TransferState.CANCELLED):
        said = f"transfer {order.code} is {order.state.value}; send it first"
        return StockAnswer(StockSaid.TOO_LATE, said)
    if received is None:
        received = {sku: line.in_transit for sku, line in lines.items() if line.in_transit}
    for sku, quantity in received.items():
        if sku not in lines or quantity < 0:
            raise Problem(
                f"transfer {order.code} cannot receive {quantity} of {sku}; see its lines"
            )
        if not lines[sku].in_transit and lines[sku].received != quantity:
            said = f"{lines[sku].received} of {sku} have arrived with {order.code} before"
            return StockAnswer(StockSaid.MISMATCHED, said)
    arrived = sorted((sku, units) for sku, units in received.items() if lines[sku].in_transit)
    return arrived or StockAnswer(StockSaid.ALREADY_DONE)


async def _leaves(order: TransferOrder, line: TransferLine, at_ms: int) -> bool:
    """Free units of a line leave the shelf; False if there are not so many."""
    left = await rows.Add(
        WarehouseStock,
        (line.sku, order.source),
        (("physical", -line.quantity),),
        (("pre_occupied", "physical"),),
    )
    if left:
        cause = f"transfer:{order.code}:out"
        await journal.post(
            cause, line.sku, Kind.PHYSICAL, order.source, -line.quantity, "sent", at_ms
        )
        await _on_the_road(cause, line, at_ms)
    return left


async def _on_the_road(cause: str, line: TransferLine, at_ms: int) -> None:
    """The units of a line are in transit from now on."""
    await rows.Put(replace(line, in_transit=line.quantity))
    await journal.post(
        cause, line.sku, Kind.IN_TRANSIT, line.transfer, line.quantity, "sent", at_ms
    )


async def _arrives(
    cause: str,
    order: TransferOrder,
    line: TransferLine,
    stock: WarehouseStock,
    quantity: int,
    at_ms: int,
    counted: bool = False,
) -> None:
    """Units of a line come out of transit, onto the shelf unless a count has them there already."""
    await rows.Put(replace(line, in_transit=0, received=quantity))
    await journal.post(
        cause, line.sku, Kind.IN_TRANSIT, order.code, -line.in_transit, "received", at_ms
    )
    onto_shelf = 0 if counted else quantity
    change = Shift(line.sku, order.target, onto_shelf, onto_shelf - line.in_transit)
    await shift(cause, stock, change, "received", at_ms)


# ------------------------------------------------------------------ what warehouses' feeds confirm


async def lock_for(movement: Movement) -> TransferLine | None:
    """The line of a transfer order that a movement belongs to; its order's row is locked."""
    if movement.kind not in (MovementKind.TRANSFER_OUT, MovementKind.TRANSFER_IN):
        return None
    if await rows.Lock(TransferOrder, (movement.reference,)) is None:
        return None
    return await rows.Get(TransferLine, (movement.reference, movement.sku))


async def moved(
    cause: str,
    movement: Movement,
    line: TransferLine,
    stock: WarehouseStock,
    counted: bool,
    at_ms: int,
) -> None:
    """Send or receive a line because its warehouse says so, unless people have said so before."""
    order = await rows.Get(TransferOrder, (line.transfer,))
    assert order is not None, f"transfer {line.transfer} was locked a moment ago"
    if movement.kind is MovementKind.TRANSFER_IN:
        if order.target == movement.warehouse and line.in_transit:
            await _arrives(cause, order, line, stock, movement.delta, at_ms, counted)
            await _received_if_all(order)
        return
    if order.source != movement.warehouse or _sent(order, line):
        return
    gone = 0 if counted else -min(line.quantity, stock.physical)
    change = Shift(line.sku, order.source, gone, line.quantity + gone)
    await shift(cause, stock, change, "sent", at_ms)
    await _on_the_road(cause, line, at_ms)
    if all(_sent(order, one) for one in await _lines_of(line.transfer)):
        await rows.Put(replace(order, state=TransferState.IN_TRANSIT))


async def _received_if_all(order: TransferOrder) -> None:
    """A transfer is received when every line has been sent and none is in transit."""
    lines = await _lines_of(order.code)
    if all(_sent(order, line) and not line.in_transit for line in lines):
        await rows.Put(replace(order, state=TransferState.RECEIVED))


async def _lines_of(code: str) -> tuple[TransferLine, ...]:
    return await rows.Select(TransferLine, (("transfer", "=", code),), order_by=("sku",))


def _sent(order: TransferOrder, line: TransferLine) -> bool:
    """Has a line left? Feeds send line by line, while the order is still planned."""
    left = order.state in (TransferState.IN_TRANSIT, TransferState.RECEIVED)
    return left or line.in_transit > 0 or line.received > 0


def _not_found(code: str) -> StockAnswer:
    return StockAnswer(StockSaid.NOT_FOUND, f"there is no transfer {code}")
