"""Movements that bring units: a page of them recorded in one transaction, where nothing is special.

The first reading of a warehouse's feed is all receipts, a hundred thousand of them. One by one each
costs ten statements; so does a page. Left to `counting.record_movement` are: movements that take
units or belong to a transfer, and all others of their articles, so their order is kept; shelves
that owe units, or were counted later; whatever somebody else has locked, or recorded.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace

from inventory_core.records import (
    Entry,
    Kind,
    Movement,
    MovementKind,
    Unassigned,
    WarehouseStock,
)
from inventory_core.services.shelves import must_be_there
from inventory_core.steps import rows, sql
from inventory_core.steps.errors import ConstraintBroken

BRINGING = frozenset({MovementKind.RECEIPT, MovementKind.ADJUSTMENT})


async def record_brought(movements: Sequence[Movement]) -> frozenset[int]:
    """Record those of one warehouse's movements that can be together; answers their numbers.

    Somebody who makes one of the same rows just now undoes it all: then none is recorded.
    """
    plain = _plain(movements)
    if len(plain) < 2:
        return frozenset()
    await must_be_there(plain[0].warehouse)
    at_ms = await rows.StoreClock()
    try:
        async with sql.transaction():
            return await _recorded([replace(one, at_ms=at_ms) for one in plain])
    except ConstraintBroken:
        return frozenset()


def _plain(movements: Sequence[Movement]) -> list[Movement]:
    """Those of articles that only gain."""
    special = {one.sku for one in movements if one.kind not in BRINGING or one.delta < 1}
    return [one for one in movements if one.sku not in special]


async def _recorded(movements: Sequence[Movement]) -> frozenset[int]:
    skus = tuple(sorted({one.sku for one in movements}))
    known = await _known(movements)
    shelves = await _shelves(movements[0].warehouse, skus)
    spare = await _spare(skus)
    ours = [one for one in movements if one.sequence not in known and _may(one, shelves, spare)]
    entries: list[Entry] = []
    for one in ours:
        shelf, free = shelves[one.sku], spare[one.sku]
        physical = shelf.physical + one.delta
        over = max(0, shelf.pre_occupied - physical)
        shelves[one.sku] = replace(shelf, physical=physical, over_promised=over)
        spare[one.sku] = replace(free, quantity=free.quantity + one.delta)
        entries += _entries(one)
    touched = {one.sku for one in ours}
    await rows.PutAll(tuple(shelves[sku] for sku in skus if sku in touched))
    await rows.PutAll(tuple(spare[sku] for sku in skus if sku in touched))
    await rows.InsertAll(tuple(entries))
    await rows.InsertAll(tuple(ours))
    return frozenset(one.sequence for one in ours)


def _may(one: Movement, shelves: dict[str, WarehouseStock], spare: dict[str, Unassigned]) -> bool:
    shelf = shelves.get(one.sku)
    if shelf is None or one.sku not in spare or shelf.shortfall:
        return False
    return one.sequence > shelf.counted_through


def _entries(one: Movement) -> tuple[Entry, Entry]:
    """As `shelves.shift` writes them."""
    cause = f"movement:{one.warehouse}:{one.sequence}"
    there = Entry(
        cause, one.sku, Kind.PHYSICAL, one.warehouse, one.delta, one.kind.value, one.at_ms
    )
    return there, Entry(cause, one.sku, Kind.UNASSIGNED, "", one.delta, "movement", one.at_ms)


async def _known(movements: Sequence[Movement]) -> frozenset[int]:
    """Which of them are recorded. A number that comes to be after this look is refused."""
    sequences = tuple(one.sequence for one in movements)
    where = (("warehouse", "=", movements[0].warehouse), ("sequence", "in", sequences))
    return frozenset(
        one.sequence for one in await rows.Select(Movement, where, limit=len(sequences))
    )


async def _shelves(warehouse: str, skus: Collection[str]) -> dict[str, WarehouseStock]:
    """The shelves that nobody else has, ours until the end; those that are missing are made."""
    where = (("warehouse", "=", warehouse), ("sku", "in", tuple(skus)))
    there = {one.sku for one in await rows.Select(WarehouseStock, where, limit=len(skus))}
    await rows.InsertAll(tuple(WarehouseStock(sku, warehouse) for sku in skus if sku not in there))
    found = await rows.Select(WarehouseStock, where, limit=len(skus), lock_free=True)
    return {one.sku: one for one in found}


async def _spare(skus: Collection[str]) -> dict[str, Unassigned]:
    """The same of what no channel was given."""
    where = (("sku", "in", tuple(skus)),)
    there = {one.sku for one in await rows.Select(Unassigned, where, limit=len(skus))}
    await rows.InsertAll(tuple(Unassigned(sku) for sku in skus if sku not in there))
    found = await rows.Select(Unassigned, where, limit=len(skus), lock_free=True)
    return {one.sku: one for one in found}
