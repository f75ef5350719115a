"""The law: every unit of an article is somewhere, once, and every number has its journal.

    physical + in transit = sellable + activity + pre-occupied + unassigned - shortfall + moving

`moving` are units that a move has taken and not yet given. Both sides are equal whenever no order
is between its engine and its allocations, and no move at one of its ends; everything else holds at
every moment. At rest there are no such orders and moves.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from inventory_core.records import Kind

Places = Mapping[str, int]
"""Units by place: a warehouse, a transfer order, a channel, an activity."""


@dataclass(frozen=True, slots=True)
class Ledger:
    """Everything that is stored of one article, as read at one moment.

    `allocated` are the open allocations by warehouse; `entries` the journal, added up. `intents`
    are orders that somebody has begun with, `moves` those not yet given.
    """

    sku: str
    physical: Places = field(default_factory=dict)
    pre_occupied: Places = field(default_factory=dict)
    shortfall: Places = field(default_factory=dict)
    over_promised: Places = field(default_factory=dict)
    in_transit: Places = field(default_factory=dict)
    sellable: Places = field(default_factory=dict)
    activity: Places = field(default_factory=dict)
    unassigned: int = 0
    moving: Places = field(default_factory=dict)
    allocated: Places = field(default_factory=dict)
    entries: Mapping[tuple[Kind, str], int] = field(default_factory=dict)
    intents: tuple[str, ...] = ()
    moves: tuple[str, ...] = ()

    @property
    def there(self) -> int:
        """Units on shelves and on the road."""
        return _sum(self.physical) + _sum(self.in_transit)

    @property
    def accounted(self) -> int:
        """What these units are said to be."""
        promised = _sum(self.sellable) + _sum(self.activity) + _sum(self.pre_occupied)
        return promised + self.unassigned - _sum(self.shortfall) + _sum(self.moving)


@dataclass(frozen=True, slots=True)
class Breach:
    """Where the law is broken: of what, what was expected, what was found."""

    sku: str
    law: str
    place: str
    expected: int
    found: int

    def __str__(self) -> str:
        return self.sentence

    @property
    def sentence(self) -> str:
        """The breach for people."""
        where = f" at {self.place}" if self.place else ""
        return f"{self.sku}: {self.law}{where}: {self.found} instead of {self.expected}"


def breaches(ledger: Ledger, *, at_rest: bool = True) -> tuple[Breach, ...]:
    """Every breach of the law. Unless `at_rest`, orders and moves may be under way."""
    return tuple(_breaches(ledger, at_rest))


def _breaches(ledger: Ledger, at_rest: bool) -> Iterator[Breach]:
    sku = ledger.sku
    if at_rest or not (ledger.intents or ledger.moves):
        yield from _unequal(sku, "every unit is somewhere", "", ledger.there, ledger.accounted)
    yield from _journal(ledger)
    for place in sorted({*ledger.pre_occupied, *ledger.allocated}):
        allocated = ledger.allocated.get(place, 0)
        found = ledger.pre_occupied.get(place, 0)
        yield from _unequal(sku, "pre-occupied is what is allocated", place, allocated, found)
    for place, promised in sorted(ledger.pre_occupied.items()):
        most = ledger.physical.get(place, 0) + ledger.over_promised.get(place, 0)
        if promised > most:
            yield Breach(sku, "nothing is promised that is not there", place, most, promised)
    for name, places in _stored(ledger):
        for place, units in sorted(places.items()):
            if units < 0:
                yield Breach(sku, f"{name} is not below zero", place, 0, units)
    if at_rest:
        yield from _unequal(sku, "no order is under way", "", 0, len(ledger.intents))
        yield from _unequal(sku, "no move is under way", "", 0, len(ledger.moves))


def _journal(ledger: Ledger) -> Iterator[Breach]:
    """Each stored quantity equals the sum of its entries; each entry has its quantity."""
    stored = {
        (kind, place): units
        for kind, places in (
            (Kind.PHYSICAL, ledger.physical),
            (Kind.PRE_OCCUPIED, ledger.pre_occupied),
            (Kind.SHORTFALL, ledger.shortfall),
            (Kind.IN_TRANSIT, ledger.in_transit),
            (Kind.UNASSIGNED, {"": ledger.unassigned}),
        )
        for place, units in places.items()
    }
    for kind, place in sorted({*stored, *ledger.entries}, key=lambda at: (at[0].value, at[1])):
        expected, found = ledger.entries.get((kind, place), 0), stored.get((kind, place), 0)
        law = f"{kind.value} is what its journal says"
        yield from _unequal(ledger.sku, law, place, expected, found)


def _stored(ledger: Ledger) -> tuple[tuple[str, Places], ...]:
    return (
        ("physical", ledger.physical),
        ("pre-occupied", ledger.pre_occupied),
        ("shortfall", ledger.shortfall),
        ("in transit", ledger.in_transit),
        ("sellable", ledger.sellable),
        ("activity", ledger.activity),
        ("unassigned", {"": ledger.unassigned}),
    )


def _unequal(sku: str, law: str, place: str, expected: int, found: int) -> Iterator[Breach]:
    if expected != found:
        yield Breach(sku, law, place, expected, found)


def _sum(places: Places) -> int:
    return sum(places.values())
