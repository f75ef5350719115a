"""What is stored of an article, all of it, and where it breaks the law.

    physical + in transit = sellable and activity + pre-occupied + unassigned - shortfall + on moves

Units on a move that has been taken and not yet given lie in no cell: they are counted by the move.
While an order or a move is under way, engine and rows may differ by its units; that is explained,
not broken. Everything else must hold at every moment.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from inventory_core.records import Kind, MoveState, StockMove, WarehouseStock


@dataclass(frozen=True, slots=True)
class Breach:
    """Something that must be true of an article and is not, in a sentence."""

    sku: str
    law: str  # which: `law`, `journal`, `allocations`, `shelf`
    sentence: str


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
class Survey:
    """An article's rows, and what its engines hold by place (`channel:CODE`, `activity:CODE`).

    `settled`: nothing moved while the engines were asked, so the two sides can be compared.
    """

    stored: Stored
    cells: Mapping[str, int]
    settled: bool = True

    @property
    def sku(self) -> str:
        """The article."""
        return self.stored.sku

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
        return _sum_of(self.cells, "channel:")

    @property
    def activity(self) -> int:
        """In the cells of activities."""
        return _sum_of(self.cells, "activity:")

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
    def breaches(self) -> tuple[Breach, ...]:
        """Where it breaks the law, with numbers."""
        return tuple(Breach(self.sku, law, said) for law, said in self._broken())

    def _broken(self) -> Iterator[tuple[str, str]]:
        if self.difference and self.comparable:
            yield (
                "law",
                f"{self.physical} physical + {self.in_transit} in transit are not {self.sellable}"
                f" sellable + {self.activity} in activities + {self.pre_occupied} pre-occupied"
                f" + {self.stored.unassigned} unassigned - {self.shortfall} shortfall"
                f" + {self.moving} on moves: {self.difference:+} units",
            )
        yield from _against_journal(self.stored)
        for shelf in self.stored.shelves:
            yield from _of_shelf(self.stored, shelf)
        for place, units in self.cells.items():
            if units < 0:
                yield "cell", f"{place} has {units} units"


Ledger = Mapping[str, Survey]
"""Surveys by SKU."""


def _sum_of(cells: Mapping[str, int], prefix: str) -> int:
    return sum(units for place, units in cells.items() if place.startswith(prefix))


def _against_journal(stored: Stored) -> Iterator[tuple[str, str]]:
    """Every stored quantity equals the sum of its entries."""
    kept: dict[tuple[Kind, str], int] = {(Kind.UNASSIGNED, ""): stored.unassigned}
    for shelf in stored.shelves:
        kept[Kind.PHYSICAL, shelf.warehouse] = shelf.physical
        kept[Kind.PRE_OCCUPIED, shelf.warehouse] = shelf.pre_occupied
        kept[Kind.SHORTFALL, shelf.warehouse] = shelf.shortfall
    for transfer, units in stored.in_transit.items():
        kept[Kind.IN_TRANSIT, transfer] = units
    for what in sorted({*kept, *stored.entries}, key=lambda one: (one[0].value, one[1])):
        now, journalled = kept.get(what, 0), stored.entries.get(what, 0)
        if now != journalled:
            kind, place = what
            where = f" at {place}" if place else ""
            yield "journal", f"{kind.value}{where} is {now}, and its entries say {journalled}"


def _of_shelf(stored: Stored, shelf: WarehouseStock) -> Iterator[tuple[str, str]]:
    """Pre-occupied is what is allocated, and more than the shelf has only if that is said."""
    allocated = stored.allocated.get(shelf.warehouse, 0)
    if allocated != shelf.pre_occupied:
        yield (
            "allocations",
            f"{shelf.warehouse} has {shelf.pre_occupied} pre-occupied, and {allocated} allocated",
        )
    if shelf.pre_occupied > shelf.physical + shelf.over_promised:
        yield (
            "shelf",
            f"{shelf.warehouse} has promised {shelf.pre_occupied} of {shelf.physical}, and says"
            f" {shelf.over_promised} are too many",
        )
