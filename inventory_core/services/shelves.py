"""What a change on a shelf does to the units that were promised from it, so that the law holds.

    physical + in transit = sellable + activity + pre-occupied + unassigned - shortfall

Units that turn up first make good what the shelf owed (its shortfall), and the rest is unassigned.
Units that are missing are taken from what is unassigned, and the rest is the shelf's shortfall,
until it is taken back from the channels.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from inventory_core.problems import Problem
from inventory_core.records import Kind, Unassigned, Warehouse, WarehouseStock
from inventory_core.services import journal
from inventory_core.steps import rows


@dataclass(frozen=True, slots=True)
class Shift:
    """A change of a shelf: of its units, and of the units that the shop may use.

    They differ when units come out of transit: these were the shop's before.
    """

    sku: str
    warehouse: str
    physical: int
    usable: int


async def must_be_there(warehouse: str) -> None:
    """A `Problem` if there is no such warehouse."""
    if await rows.Get(Warehouse, (warehouse,)) is None:
        raise Problem(f"there is no warehouse {warehouse!r}; add it first")


async def lock_shelf(sku: str, warehouse: str) -> WarehouseStock:
    """What a warehouse has of an article, locked; the row is made if it is missing."""
    await rows.Insert(WarehouseStock(sku, warehouse))
    stock = await rows.Lock(WarehouseStock, (sku, warehouse))
    assert stock is not None, f"the shelf of {sku} in {warehouse} was written a moment ago"
    return stock


async def shift(
    cause: str, stock: WarehouseStock, change: Shift, reason: str, at_ms: int
) -> WarehouseStock:
    """Make a change of a locked shelf, in the caller's transaction; answers the shelf after it."""
    taken = await _take_unassigned(change.sku, -change.usable) if change.usable < 0 else 0
    owed = -change.usable - taken if change.usable < 0 else -min(stock.shortfall, change.usable)
    physical = stock.physical + change.physical
    assert physical >= 0, f"{cause} leaves {physical} of {change.sku} in {change.warehouse}"
    after = replace(
        stock,
        physical=physical,
        shortfall=stock.shortfall + owed,
        over_promised=max(0, stock.pre_occupied - physical),
    )
    await rows.Put(after)
    freed = change.usable + owed
    for kind, delta in ((Kind.PHYSICAL, change.physical), (Kind.SHORTFALL, owed)):
        if delta:
            await journal.post(cause, change.sku, kind, change.warehouse, delta, reason, at_ms)
    if freed:
        assert await journal.unassign(cause, change.sku, freed, at_ms), f"{cause} finds no units"
    return after


async def _take_unassigned(sku: str, wanted: int) -> int:
    """How many of the wanted units are unassigned; the row is locked until they are taken."""
    row = await rows.Lock(Unassigned, (sku,))
    return 0 if row is None else min(row.quantity, wanted)
