"""Confirmed shipments against counts: whichever comes first, no unit is lost or invented.

The rule is told by `records.Movement`: a shipment takes its units from physical and pre-occupied at
once, when the order flow ships. One that a count contained before anybody here knew of it was
counted as missing; what the count missed comes back first.
"""

from __future__ import annotations

from dataclasses import replace

from inventory_core.records import Kind, Movement, MovementKind, WarehouseStock
from inventory_core.services import journal
from inventory_core.services.journal import Units
from inventory_core.steps import rows


async def shipment_confirmed(
    cause: str, units: Units, sequence: int | None, reference: str, at_ms: int
) -> None:
    """Record that a shipment is applied; the caller's transaction takes its units right after."""
    if sequence is None:
        return
    known = await rows.Lock(Movement, (units.warehouse, sequence))
    if known is not None:
        await rows.Put(replace(known, applied=True))
        return
    await rows.Insert(
        Movement(
            units.warehouse,
            sequence,
            units.sku,
            MovementKind.SHIPMENT,
            -units.quantity,
            reference,
            at_ms,
        )
    )
    await bring_back_if_counted(f"{cause}:counted", units, sequence, at_ms)


async def bring_back_if_counted(cause: str, units: Units, sequence: int, at_ms: int) -> None:
    """If a count contained the shipment unknown to us, undo what the count took for missing."""
    stock = await rows.Lock(WarehouseStock, (units.sku, units.warehouse))
    if stock is None or sequence > stock.counted_through:
        return
    physical = stock.physical + units.quantity
    found = min(stock.shortfall, units.quantity)
    over = max(0, stock.pre_occupied - physical)
    shortfall = stock.shortfall - found
    await rows.Put(replace(stock, physical=physical, shortfall=shortfall, over_promised=over))
    for kind, delta in ((Kind.PHYSICAL, units.quantity), (Kind.SHORTFALL, -found)):
        if delta:
            await journal.post(
                cause, units.sku, kind, units.warehouse, delta, "shipped before the count", at_ms
            )
    if units.quantity > found:
        await journal.unassign(cause, units.sku, units.quantity - found, at_ms)
