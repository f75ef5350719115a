"""Everything that is stored of an article, and whether both sides of the law agree (plans).

    physical + in transit = sellable + activity + pre-occupied + unassigned - shortfall + moving

What is read is read one after the other, so a difference means something only at rest.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from inventory_core.domain import Cell
from inventory_core.records import (
    Intent,
    MoveState,
    OpenedCell,
    ShopOrder,
    StockMove,
    TransferLine,
    Unassigned,
    WarehouseStock,
)
from inventory_core.services.moving import UNDER_WAY
from inventory_core.services.parts import Engines
from inventory_core.steps import rows

ROWS_MOST = 10_000
"""Shelves, cells, transfer lines and moves that one look reads."""


@dataclass(frozen=True, slots=True)
class Place:
    """Units of an article in a cell of an engine."""

    place: str
    engine: str
    units: int


@dataclass(frozen=True, slots=True)
class Survey:
    """What is stored of an article. `moving`: taken from one place and not yet given to another."""

    sku: str
    unassigned: int
    shelves: tuple[WarehouseStock, ...]
    places: tuple[Place, ...]
    in_transit: int
    moving: int

    def _cells(self, kind: str) -> int:
        return sum(one.units for one in self.places if one.place.startswith(f"{kind}:"))

    def _shelves(self, field: str) -> int:
        return sum(getattr(one, field) for one in self.shelves)

    @property
    def physical(self) -> int:
        """On the shelves of all warehouses."""
        return self._shelves("physical")

    @property
    def pre_occupied(self) -> int:
        """Ordered and not yet shipped."""
        return self._shelves("pre_occupied")

    @property
    def shortfall(self) -> int:
        """Promised, and nowhere to be had."""
        return self._shelves("shortfall")

    @property
    def sellable(self) -> int:
        """What channels may still promise."""
        return self._cells("channel")

    @property
    def activity(self) -> int:
        """What is set aside for campaigns."""
        return self._cells("activity")

    @property
    def difference(self) -> int:
        """By how much the two sides of the law differ."""
        there = self.physical + self.in_transit
        owned = self.sellable + self.activity + self.pre_occupied + self.unassigned
        return there - (owned - self.shortfall + self.moving)


@dataclass(frozen=True, slots=True)
class UnderWay:
    """How many orders and moves somebody is at just now. At rest there are none."""

    intents: int
    moves: int


async def survey(engines: Engines, unassigned: Sequence[tuple[str, int]]) -> tuple[Survey, ...]:
    """Look at articles; what is unassigned of each is known already."""
    skus = tuple(sku for sku, _ in unassigned)
    if not skus:
        return ()
    among = ("sku", "in", skus)
    shelves = await rows.Select(WarehouseStock, (among,), limit=ROWS_MOST)
    transit = await rows.Select(TransferLine, (among, ("in_transit", ">", 0)), limit=ROWS_MOST)
    moves = await rows.Select(StockMove, (among, ("state", "=", MoveState.TAKEN)), limit=ROWS_MOST)
    places = await _places(engines, among)
    return tuple(
        Survey(
            sku,
            quantity,
            tuple(one for one in shelves if one.sku == sku),
            tuple(places[sku]),
            sum(one.in_transit for one in transit if one.sku == sku),
            sum(one.quantity for one in moves if one.sku == sku),
        )
        for sku, quantity in unassigned
    )


async def _places(engines: Engines, among: rows.Where) -> dict[str, list[Place]]:
    """The units of every cell that some engine has, by article."""
    opened = await rows.Select(OpenedCell, (among,), limit=ROWS_MOST)
    found: dict[str, list[Place]] = defaultdict(list)
    for engine in sorted({one.engine for one in opened}):
        cells = [Cell(one.sku, one.place) for one in opened if one.engine == engine]
        units = await engines.read(engine, cells)
        for cell, quantity in zip(cells, units, strict=True):
            found[cell.sku].append(Place(cell.place, engine, quantity))
    return found


async def under_way() -> UnderWay:
    """What is begun and not finished."""
    intents = await rows.Select(ShopOrder, (("intent", "!=", Intent.NONE),), limit=ROWS_MOST)
    moves = await rows.Select(StockMove, (("state", "in", UNDER_WAY),), limit=ROWS_MOST)
    return UnderWay(len(intents), len(moves))


async def survey_of(engines: Engines, sku: str) -> Survey | None:
    """Look at one article; None if there never was any of it."""
    row = await rows.Get(Unassigned, (sku,))
    if row is None and not await rows.Select(WarehouseStock, (("sku", "=", sku),), limit=1):
        return None
    return (await survey(engines, ((sku, 0 if row is None else row.quantity),)))[0]
