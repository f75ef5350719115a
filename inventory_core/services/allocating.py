"""Which warehouse ships what: read what there is, ask the channel's sourcing, promise the units.

What was read may have moved when the units are promised, so promising is conditional: a choice that
has become stale is refused by the row, and the caller reads and chooses again.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from inventory_core.records import (
    Allocation,
    AllocationState,
    Channel,
    OrderLine,
    Restriction,
    Service,
    Warehouse,
    WarehouseStock,
)
from inventory_core.services import journal
from inventory_core.services.journal import Units
from inventory_core.sourcing import Need, Option, Piece, Question, find_sourcing
from inventory_core.sourcing.options import options_for
from inventory_core.steps import rows

ROWS_MOST = 10_000
"""Warehouses, services, restrictions and stocks that one question reads."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """Units of a line that some warehouse has to ship. `piece` is the first free piece number."""

    line: int
    sku: str
    quantity: int
    piece: int = 1


def wanted_of(lines: Sequence[OrderLine]) -> tuple[Wanted, ...]:
    """Everything that an order's lines ask for."""
    return tuple(Wanted(one.line, one.sku, one.quantity) for one in lines)


def regions_around(address: str) -> tuple[str, ...]:
    """The address's region and all that contain it: `a`, `a/b`, `a/b/c`."""
    names = address.split("/")
    return tuple("/".join(names[:depth]) for depth in range(1, len(names) + 1))


async def read_options(address: str, skus: Collection[str], now_ms: int) -> tuple[Option, ...]:
    """What the warehouses that serve an address could ship there, as of now."""
    wanted = tuple(sorted(set(skus)))
    where = (("region", "in", ("", *regions_around(address))),)
    services = await rows.Select(Service, where, limit=ROWS_MOST)
    codes = tuple(sorted({service.warehouse for service in services}))
    if not codes:
        return ()
    serving = (("code", "in", codes),)
    warehouses = await rows.Select(Warehouse, serving, limit=ROWS_MOST)
    forbidding = (("sku", "in", ("", *wanted)),)
    restrictions = await rows.Select(Restriction, forbidding, limit=ROWS_MOST)
    lying = (("sku", "in", wanted),)
    stocks = await rows.Select(WarehouseStock, lying, limit=ROWS_MOST)
    return options_for(now_ms, address, warehouses, services, restrictions, stocks, wanted)


def choose(
    channel: Channel, wanted: Sequence[Wanted], options: Sequence[Option], without: str = ""
) -> tuple[Piece, ...] | None:
    """What the channel's sourcing answers; None if the warehouses cannot cover it."""
    needs = tuple(Need(one.line, one.sku, one.quantity, channel.may_split) for one in wanted)
    usable = tuple(option for option in options if option.warehouse != without)
    return find_sourcing(channel.sourcing).choose(Question(needs, usable))


def allocations_of(
    order_id: str,
    generation: int,
    wanted: Sequence[Wanted],
    pieces: Sequence[Piece],
    options: Sequence[Option],
) -> tuple[Allocation, ...]:
    """The rows of a choice, with the date that each was promised for."""
    promised = {option.warehouse: option.promised_ms for option in options}
    following = {one.line: one.piece for one in wanted}
    made = []
    for piece in sorted(pieces, key=lambda piece: (piece.line, piece.warehouse)):
        number = following[piece.line]
        following[piece.line] = number + 1
        made.append(
            Allocation(
                order_id,
                piece.line,
                number,
                generation,
                piece.sku,
                piece.warehouse,
                piece.quantity,
                AllocationState.RESERVED,
                promised[piece.warehouse].get(piece.sku, 0),
            )
        )
    return tuple(made)


async def promise(cause: str, allocations: Sequence[Allocation], at_ms: int) -> bool:
    """Pre-occupy what the allocations say and write them; in a transaction of the caller.

    False: some warehouse has not so many free any more. The caller rolls back.
    """
    for units in units_of(allocations):
        if not await journal.occupy(cause, units, at_ms):
            return False
    await rows.InsertAll(tuple(allocations))
    return True


def units_of(allocations: Sequence[Allocation]) -> tuple[Units, ...]:
    """Allocations added up by article and warehouse, in lock order."""
    return journal.add_up(Units(one.sku, one.warehouse, one.quantity) for one in allocations)
