"""Counts, and the movements that warehouses confirm: what lies on a shelf, whoever tells it first.

A count holds up to a movement of the warehouse's own sequence. Movements beyond it that we know are
added to it; shipments up to it that wait for their order are still on our shelf: added back.
An older count after a newer one is refused, so no sync in the middle of a sale brings units back
that have left. See `records.Movement` for the rule, `shelves` for what a difference does.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from inventory_core.records import (
    AllocationState,
    Entry,
    Kind,
    Movement,
    MovementKind,
    ShopOrder,
    TransferLine,
)
from inventory_core.services import journal, movements, transfers
from inventory_core.services.journal import Units
from inventory_core.services.order_rows import allocations_of
from inventory_core.services.shelves import Shift, lock_shelf, must_be_there, shift
from inventory_core.services.stock_answers import StockAnswer, StockSaid
from inventory_core.steps import rows, sql


@dataclass(frozen=True, slots=True)
class Count:
    """So many units of an article lay in a warehouse, every movement up to `through` included."""

    warehouse: str
    sku: str
    quantity: int
    through: int


async def apply_count(cause: str, count: Count) -> StockAnswer:
    """Make the shelf what was counted, once for every cause.

    Answers done, already_done, stale, or mismatched when it cannot be true with what we know;
    `quantity` is the difference that it made. A shortfall that it leaves is reclaimed by the
    caller, after this transaction.
    """
    await must_be_there(count.warehouse)
    at_ms = await rows.StoreClock()
    async with sql.transaction() as here:
        stock = await lock_shelf(count.sku, count.warehouse)
        done = await rows.Get(Entry, (cause, count.sku, Kind.PHYSICAL.value, count.warehouse))
        if done is not None:
            await here.give_up()
            return StockAnswer(StockSaid.ALREADY_DONE, quantity=done.delta)
        if count.through < stock.counted_through:
            await here.give_up()
            newer = f"a count up to movement {stock.counted_through} is known; count again"
            return StockAnswer(StockSaid.STALE, newer)
        physical = await _as_of_now(count)
        if physical < 0:
            await here.give_up()
            said = f"with the movements after it, {count.warehouse} would have {physical} units"
            return StockAnswer(StockSaid.MISMATCHED, said)
        difference = physical - stock.physical
        counted = replace(stock, counted_through=count.through)
        if difference:
            change = Shift(count.sku, count.warehouse, difference, difference)
            await shift(cause, counted, change, "counted", at_ms)
        else:  # the entry says that this count was here, should it come again
            await rows.Put(counted)
            await journal.post(
                cause, count.sku, Kind.PHYSICAL, count.warehouse, 0, "counted", at_ms
            )
    return StockAnswer(StockSaid.DONE, quantity=difference)


async def _as_of_now(count: Count) -> int:
    """A count, with what has happened since and what has not happened here yet."""
    since, waiting = beside_count(count.warehouse, ("sku", "=", count.sku), count.through)
    happened = await rows.Sum(Movement, "delta", since)
    return count.quantity + happened - await rows.Sum(Movement, "delta", waiting)


def beside_count(
    warehouse: str, of: rows.Where, through: int
) -> tuple[tuple[rows.Where, ...], tuple[rows.Where, ...]]:
    """The movements that a count has not and the shelf has; and those the other way round."""
    where = (("warehouse", "=", warehouse), of)
    since = (*where, ("sequence", ">", through), ("applied", "=", True))
    return since, (*where, ("sequence", "<=", through), ("applied", "=", False))


async def record_movement(movement: Movement) -> StockAnswer:
    """Record a movement that a warehouse confirmed, once for every sequence number.

    Receipts, adjustments and transfers are applied now, unless a count had them; a shipment waits
    for the order flow.
    """
    await must_be_there(movement.warehouse)
    at_ms = await rows.StoreClock()
    async with sql.transaction() as here:
        waits = movement.kind is MovementKind.SHIPMENT and await _order_waits(movement)
        transfer = await transfers.lock_for(movement)
        fresh = await rows.Insert(replace(movement, applied=not waits))
        if fresh:
            await _apply(movement, waits, transfer, at_ms)
        else:
            await here.give_up()
    return StockAnswer(StockSaid.DONE) if fresh else await _known(movement)


async def _known(movement: Movement) -> StockAnswer:
    """What a second delivery of a sequence number is told."""
    known = await rows.Get(Movement, (movement.warehouse, movement.sequence))
    assert known is not None, f"{movement} was there and is gone; rows are kept"
    same = (known.sku, known.kind, known.delta) == (movement.sku, movement.kind, movement.delta)
    if same:
        return StockAnswer(StockSaid.ALREADY_DONE)
    said = f"movement {known.sequence} of {known.warehouse} is known as {known.delta} {known.sku}"
    return StockAnswer(StockSaid.MISMATCHED, said)


async def _order_waits(movement: Movement) -> bool:
    """Has the order of a shipment still to be shipped here? Its row is locked."""
    order_id = movement.reference.partition("#")[0]
    if await rows.Lock(ShopOrder, (order_id,)) is None:
        return False
    return any(
        one.state.open and (one.warehouse, one.sku) == (movement.warehouse, movement.sku)
        for one in await allocations_of(order_id)
    )


async def _shipped_before(movement: Movement) -> bool:
    """Has the order flow shipped it already, without its sequence number?"""
    return any(
        one.state is AllocationState.SHIPPED
        and (one.warehouse, one.sku) == (movement.warehouse, movement.sku)
        for one in await allocations_of(movement.reference.partition("#")[0])
    )


async def _apply(
    movement: Movement, waits: bool, transfer: TransferLine | None, at_ms: int
) -> None:
    """Do what a movement that we did not know says."""
    cause = f"movement:{movement.warehouse}:{movement.sequence}"
    stock = await lock_shelf(movement.sku, movement.warehouse)
    counted = movement.sequence <= stock.counted_through
    if waits:
        units = Units(movement.sku, movement.warehouse, -movement.delta)
        await movements.bring_back_if_counted(cause, units, movement.sequence, at_ms)
    elif transfer is not None:
        await transfers.moved(cause, movement, transfer, stock, counted, at_ms)
    elif not counted and not (
        movement.kind is MovementKind.SHIPMENT and await _shipped_before(movement)
    ):
        delta = max(movement.delta, -stock.physical)
        change = Shift(movement.sku, movement.warehouse, delta, delta)
        await shift(cause, stock, change, movement.kind.value, at_ms)
