"""What the stores really hold, read back without the code under test: the auditor's books.

One `Book` a store. Workloads record, auditors read, checkers judge: nothing is judged here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from inventory_core.domain import Cell, HoldState, Line


@dataclass(frozen=True, slots=True)
class BookedLine:
    """One line of the deduction log (in a key-value store: one take of an order)."""

    generation: int
    line: Line
    state: HoldState


@dataclass(frozen=True, slots=True)
class BookedOrder:
    """What a store says of one order number."""

    order_number: str
    state: HoldState
    generation: int
    fingerprint: str
    lines: tuple[BookedLine, ...]

    def units(self) -> dict[Cell, int]:
        """The units that this order owns, by cell."""
        owned: dict[Cell, int] = {}
        for booked in self.lines:
            if booked.state.owns_units:
                cell = booked.line.cell
                owned[cell] = owned.get(cell, 0) + booked.line.quantity
        return owned


@dataclass(frozen=True, slots=True)
class Book:
    """One store's books: counters, orders, journal entries, and changes that still wait.

    At rest and without a leak, for every cell:
    `remaining + pending = sum(journal) - sum(order.units())`, where `pending` are the deltas of
    tasks not yet applied to this book's counters.
    """

    store: str  # "sql" or "kv"
    remaining: Mapping[Cell, int]
    orders: Mapping[str, BookedOrder]
    journal: Mapping[str, tuple[Cell, int]]  # adjustment key -> (cell, delta), openings included
    pending: Mapping[Cell, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Audit:
    """The books of every store of a stack that holds any cell or order."""

    books: tuple[Book, ...]

    def book(self, store: str) -> Book | None:
        """The book of a store by name, if it has one."""
        return next((book for book in self.books if book.store == store), None)
