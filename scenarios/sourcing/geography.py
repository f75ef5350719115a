"""Invented geography: where warehouses stand, whom they serve, and what they stock.

Four provinces in a row, each with two cities of two districts; six warehouses, one of them a backup
that stocks a little of everything. A parcel over more provinces takes longer and costs more; the
third party is cheap and slow, the store dear and fast. An article lies in two to five of the
regular warehouses. All of it follows from the seed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from inventory_core.records import (
    Restriction,
    RestrictionKind,
    Service,
    Warehouse,
    WarehouseKind,
)

LABEL = "real baskets, invented geography"
PROVINCES = ("north", "east", "south", "west")
DISTRICTS = tuple(
    f"{province}/{city}/{district}"
    for province in PROVINCES
    for city in ("harbour", "hill")
    for district in ("old-town", "new-town")
)
HOT_SHARE, HOT_COVER, BACKUP_COVER = 0.02, 0.8, 0.1
"""The most wanted articles are scarce: regular warehouses have so much of what is asked of each."""

AMPLE = 3
"""Units at least of every other article, in each of the two to five warehouses that stock it."""


def _warehouse(code: str, at: str, kind: WarehouseKind, cut_off: str, cents: int) -> Warehouse:
    return Warehouse(
        code, code.title(), kind, at, cut_off=cut_off, handling_cost_cents=cents, utc_offset_min=0
    )


REGULAR = (
    _warehouse("frost", "north/harbour", WarehouseKind.OWN, "17:00", 90),
    _warehouse("dawn", "east/harbour", WarehouseKind.OWN, "18:00", 80),
    _warehouse("quay", "east/hill", WarehouseKind.THIRD_PARTY, "12:00", 40),
    _warehouse("sunny", "south/harbour", WarehouseKind.OWN, "17:00", 85),
    _warehouse("corner", "west/hill", WarehouseKind.STORE, "20:00", 480),
)
BACKUP = Warehouse(
    "reserve",
    "Reserve",
    WarehouseKind.OWN,
    "south/hill",
    backup=True,
    cut_off="16:00",
    utc_offset_min=0,
    handling_cost_cents=120,
)
WAREHOUSES = (*REGULAR, BACKUP)


def _services() -> tuple[Service, ...]:
    """Every warehouse serves every province: rank by distance, days and cents with it."""
    made = []
    for region in PROVINCES:
        ranked = sorted(WAREHOUSES, key=lambda one: (_far(one, region), one.code))
        for rank, one in enumerate(ranked, 1):
            far = _far(one, region)
            slow = one.kind is WarehouseKind.THIRD_PARTY
            cents = 200 + 60 * far if slow else 400 + 150 * far
            made.append(Service(one.code, region, rank, 1 + far + slow, cents))
    return tuple(made)


def _far(warehouse: Warehouse, region: str) -> int:
    home = warehouse.address.split("/")[0]
    return abs(PROVINCES.index(home) - PROVINCES.index(region))


SERVICES = _services()
RESTRICTIONS = (
    Restriction(
        "west-nights",
        RestrictionKind.DAILY,
        region="west/hill",
        from_time="20:00",
        until_time="06:00",
        reason="the pass is closed at night",
    ),
)


@dataclass(frozen=True)
class Geography:
    """Where each basket goes, and what each warehouse has of each article."""

    addresses: tuple[str, ...]
    stock: Mapping[str, Mapping[str, int]]


def invent(asked: Mapping[str, int], baskets: int, seed: int) -> Geography:
    """Addresses for so many baskets, and stock for the articles that they ask for."""
    dice = np.random.default_rng([seed, 17])
    addresses = tuple(DISTRICTS[at] for at in dice.integers(0, len(DISTRICTS), baskets).tolist())
    hot = set(sorted(asked, key=lambda sku: (-asked[sku], sku))[: round(len(asked) * HOT_SHARE)])
    stock = {}
    for sku in sorted(asked):
        places = dice.permutation(len(REGULAR))[: int(dice.integers(2, len(REGULAR) + 1))].tolist()
        share = HOT_COVER * asked[sku] / len(places)
        units = round(share) if sku in hot else max(AMPLE, round(2 * share))
        stock[sku] = {REGULAR[at].code: units for at in places}
        stock[sku][BACKUP.code] = max(1, round(BACKUP_COVER * asked[sku]))
    return Geography(addresses, stock)
