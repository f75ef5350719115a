"""What a small world is made of: actors with scripts, what is given, and what may go wrong."""

from __future__ import annotations

from dataclasses import dataclass

from inventory_core.domain import Cell, Line, Opening, Order
from scenarios.proving.operations import Adjustment, Operation, Verb

CELLS = (Cell("a"), Cell("b"))


@dataclass(frozen=True, slots=True)
class Actor:
    """Somebody who performs operations one after the other."""

    name: str
    script: tuple[Operation, ...]


@dataclass(frozen=True, slots=True)
class Case:
    """A small world.

    given       operations carried out one after the other before the actors start
    aged        has time passed all deadlines after that, and a sweep been made?
    faults      how many clients may die or replies may be lost, anywhere
    time_moves  how many times the clock may jump to a pending deadline
    """

    name: str
    lines: int
    openings: tuple[Opening, ...]
    actors: tuple[Actor, ...]
    given: tuple[Operation, ...] = ()
    aged: bool = False
    faults: int = 1
    time_moves: int = 0

    @property
    def title(self) -> str:
        """The case's name with its number of lines."""
        return f"{self.name}, {self.lines} line{'s' if self.lines > 1 else ''}"

    @property
    def operations(self) -> tuple[Operation, ...]:
        """All operations, those that were given first."""
        return (*self.given, *(each for actor in self.actors for each in actor.script))


class Shelf:
    """Builds orders and cases of one line or of two."""

    def __init__(self, lines: int) -> None:
        self.cells = CELLS[:lines]

    def openings(self, units: int) -> tuple[Opening, ...]:
        """So many units in every cell."""
        return tuple(Opening(cell, units) for cell in self.cells)

    def order(self, number: str, units: int = 1) -> Order:
        """An order of so many units of each cell; even numbers name the cells backwards."""
        cells = self.cells if int(number) % 2 else self.cells[::-1]
        return Order(number, tuple(Line(cell, units) for cell in cells))

    def of(self, verb: Verb, number: str, units: int = 1) -> Operation:
        """A verb about an order."""
        return Operation(verb, order=self.order(number, units))

    def adjust(self, key: str, delta: int) -> Operation:
        """A change of the first cell."""
        return Operation(Verb.ADJUST, adjustment=Adjustment(key, self.cells[0], delta))

    def case(self, name: str, units: int, *actors: Actor, **more: object) -> Case:
        """A case that opens with so many units in every cell."""
        opened = self.openings(units)
        return Case(name, len(self.cells), opened, actors, **more)  # type: ignore[arg-type]


def buys(shelf: Shelf, name: str, number: str, units: int = 1) -> Actor:
    """Somebody who places one order."""
    return Actor(name, (shelf.of(Verb.DEDUCT, number, units),))


def does(shelf: Shelf, name: str, verb: Verb, number: str) -> Actor:
    """Somebody who does one thing about an order."""
    return Actor(name, (shelf.of(verb, number),))
