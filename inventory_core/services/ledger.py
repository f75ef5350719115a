"""What is stored of an article, all of it, and where it breaks the law.

    physical + in transit = sellable and activity + pre-occupied + unassigned - shortfall + on moves

Units on a move that has been taken and not yet given lie in no cell: they are counted by the move.
While an order or a move is under way, engine and rows may differ by its units; that is explained,
not broken. Everything else must hold at every moment.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from inventory_core.domain.law import Breach, Ledger, breaches
from inventory_core.records import Kind, MoveState, StockMove, WarehouseStock


@dataclass(frozen=True, slots=True)
class Stored:
    """The rows of an article, as of one moment.

    `allocated` has the open allocations by warehouse, `entries` the sum of the journal by kind and
    place, `under_way` the orders that somebody is at.
    """

    sku: str
    shelves: tuple[WarehouseStock, ...] = ()
    unassigned: int = 0
    in_transit: Mapping[str, int] = field(default_factory=dict)
    allocated: Mapping[str, int] = field(default_factory=dict)
    entries: Mapping[tuple[Kind, str], int] = field(default_factory=dict)
    entry_count: int = 0
    moves: tuple[StockMove, ...] = ()
    orders: tuple[str, ...] = ()

    @property
    def under_way(self) -> bool:
        """Is anything being done with it that may not be whole yet?"""
        return bool(self.moves or self.orders)


@dataclass(frozen=True, slots=True)
class Held:
    """Units of an article in a place (`channel:CODE`, `activity:CODE`), as its engine has them."""

    place: str
    engine: str
    units: int


@dataclass(frozen=True, slots=True)
class UnderWay:
    """How many orders and moves somebody is at just now. At rest there are none."""

    intents: int
    moves: int

    @property
    def at_rest(self) -> bool:
        """Is there nothing?"""
        return not self.intents and not self.moves


@dataclass(frozen=True, slots=True)
class Survey:
    """An article's rows, and what engines hold of it, place by place.

    `settled`: nothing moved while the engines were asked, so the two sides can be compared.
    """

    stored: Stored
    places: tuple[Held, ...]
    settled: bool = True

    @property
    def sku(self) -> str:
        """The article."""
        return self.stored.sku

    @property
    def shelves(self) -> tuple[WarehouseStock, ...]:
        """What each warehouse has."""
        return self.stored.shelves

    @property
    def unassigned(self) -> int:
        """Given to no channel."""
        return self.stored.unassigned

    @property
    def cells(self) -> Mapping[str, int]:
        """Units by place."""
        return {one.place: one.units for one in self.places}

    @property
    def physical(self) -> int:
        """On all shelves."""
        return sum(one.physical for one in self.stored.shelves)

    @property
    def pre_occupied(self) -> int:
        """Ordered and not yet shipped."""
        return sum(one.pre_occupied for one in self.stored.shelves)

    @property
    def shortfall(self) -> int:
        """Missing, and not (yet) taken back from where it is promised."""
        return sum(one.shortfall for one in self.stored.shelves)

    @property
    def in_transit(self) -> int:
        """Between warehouses."""
        return sum(self.stored.in_transit.values())

    @property
    def moving(self) -> int:
        """Taken from one place and not yet given to another."""
        return sum(one.quantity for one in self.stored.moves if one.state is MoveState.TAKEN)

    @property
    def sellable(self) -> int:
        """In the cells of channels."""
        return sum(_of(self.cells, "channel:").values())

    @property
    def activity(self) -> int:
        """In the cells of activities."""
        return sum(_of(self.cells, "activity:").values())

    @property
    def there(self) -> int:
        """The left side of the law: units that exist."""
        return self.physical + self.in_transit

    @property
    def accounted(self) -> int:
        """The right side of the law: units by what they are meant for."""
        promised = self.sellable + self.activity + self.pre_occupied + self.stored.unassigned
        return promised - self.shortfall + self.moving

    @property
    def difference(self) -> int:
        """Units that exist and that nobody accounts for (negative: promised out of nothing)."""
        return self.there - self.accounted

    @property
    def comparable(self) -> bool:
        """Must both sides agree now?"""
        return self.settled and not self.stored.under_way

    @property
    def holds(self) -> bool:
        """Is no law broken?"""
        return not self.breaches

    @property
    def ledger(self) -> Ledger:
        """The same as the law reads it."""
        stored, shelves = self.stored, self.stored.shelves
        disturbed = () if self.settled else ("whoever moved it meanwhile",)
        return Ledger(
            self.sku,
            physical={one.warehouse: one.physical for one in shelves},
            pre_occupied={one.warehouse: one.pre_occupied for one in shelves},
            shortfall={one.warehouse: one.shortfall for one in shelves},
            over_promised={one.warehouse: one.over_promised for one in shelves},
            in_transit=stored.in_transit,
            sellable=_of(self.cells, "channel:"),
            activity=_of(self.cells, "activity:"),
            unassigned=stored.unassigned,
            moving={
                one.move_key: one.quantity for one in stored.moves if one.state is MoveState.TAKEN
            },
            allocated=stored.allocated,
            entries=stored.entries,
            intents=(*stored.orders, *disturbed),
            moves=tuple(one.move_key for one in stored.moves),
        )

    @property
    def breaches(self) -> tuple[Breach, ...]:
        """Where it breaks the law, with numbers."""
        return breaches(self.ledger, at_rest=False)


Surveys = Mapping[str, Survey]
"""Surveys by SKU."""


def _of(cells: Mapping[str, int], prefix: str) -> Mapping[str, int]:
    return {place: units for place, units in cells.items() if place.startswith(prefix)}
