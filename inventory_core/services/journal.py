"""Every change of a stored quantity, with the entry that says why, in the caller's transaction.

    async with sql.transaction():
        if not await journal.occupy("place:mall/o-1", units, now_ms): ...

An entry's cause makes it once, so a change that is made twice is a bug that the store refuses.
Callers add up their units by article and warehouse first, and change them in that order: one lock
order for everybody.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from inventory_core.records import Entry, Kind, Unassigned, WarehouseStock
from inventory_core.steps import rows


@dataclass(frozen=True, slots=True, order=True)
class Units:
    """So many units of an article in a warehouse."""

    sku: str
    warehouse: str
    quantity: int


def add_up(units: Iterable[Units]) -> tuple[Units, ...]:
    """The same with one value an article and warehouse, in the order in which rows are locked."""
    total: dict[tuple[str, str], int] = {}
    for one in units:
        at = (one.sku, one.warehouse)
        total[at] = total.get(at, 0) + one.quantity
    return tuple(Units(*at, total[at]) for at in sorted(total))


async def post(
    cause: str, sku: str, kind: Kind, place: str, delta: int, reason: str, at_ms: int
) -> None:
    """Write one entry."""
    new = await rows.Insert(Entry(cause, sku, kind, place, delta, reason, at_ms))
    assert new, f"{cause} has changed {kind.value} of {sku} at {place!r} before"


async def occupy(cause: str, units: Units, at_ms: int) -> bool:
    """Promise units of a warehouse that nobody has promised yet; False if it has not so many."""
    took = await rows.Add(
        WarehouseStock,
        (units.sku, units.warehouse),
        (("pre_occupied", units.quantity),),
        (("pre_occupied", "physical"),),
    )
    if took:
        await _post(cause, units, Kind.PRE_OCCUPIED, units.quantity, at_ms)
    return took


async def release(cause: str, units: Units, at_ms: int) -> None:
    """Take a promise of a warehouse back."""
    freed = await rows.Add(
        WarehouseStock, (units.sku, units.warehouse), (("pre_occupied", -units.quantity),)
    )
    assert freed, f"{cause} frees {units}, more than is promised"
    await _post(cause, units, Kind.PRE_OCCUPIED, -units.quantity, at_ms)


async def leave(cause: str, units: Units, at_ms: int) -> bool:
    """Promised units leave the shelf; False if the shelf has not so many."""
    left = await rows.Add(
        WarehouseStock,
        (units.sku, units.warehouse),
        (("physical", -units.quantity), ("pre_occupied", -units.quantity)),
    )
    if left:
        await _post(cause, units, Kind.PRE_OCCUPIED, -units.quantity, at_ms)
        await _post(cause, units, Kind.PHYSICAL, -units.quantity, at_ms)
    return left


async def unassign(cause: str, sku: str, delta: int, at_ms: int) -> bool:
    """Change the units that no channel was given; False if there are not so many."""
    if delta > 0:
        await rows.Insert(Unassigned(sku))
    changed = await rows.Add(Unassigned, (sku,), (("quantity", delta),))
    if changed:
        await post(cause, sku, Kind.UNASSIGNED, "", delta, _because(cause), at_ms)
    return changed


async def _post(cause: str, units: Units, kind: Kind, delta: int, at_ms: int) -> None:
    await post(cause, units.sku, kind, units.warehouse, delta, _because(cause), at_ms)


def _because(cause: str) -> str:
    """The word before the first colon of a cause: `place`, `ship`, `count`."""
    return cause.partition(":")[0]
