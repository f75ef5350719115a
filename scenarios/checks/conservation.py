"""Check 2: conservation. What left the counters is owned by orders; nothing else is missing.

For every book and cell, at rest: remaining + pending = journal - owned by orders. Too little on
the left is a *leak* (units that no order owns), too much is a *surplus* (units to be sold twice).
The books of a stack must agree with each other, and the journal with what was loaded.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple

import numpy as np

from inventory_core.domain import Cell
from inventory_core.stores.audit import Book
from inventory_core.strategy import Promise
from scenarios.checks.case import Case
from scenarios.checks.finding import Check, Finding


class _Breach(NamedTuple):
    cell: Cell
    units: int
    what: str


def examine(check: Check, case: Case) -> Finding:
    """Units that are missing or too many."""
    laws = _laws(case)
    breaches = [breach for law in laws for breach in law.breaches()]
    breaches += [breach for law in laws[1:] for breach in laws[0].unlike(law)]
    nowhere = not laws and bool(case.supply)
    if nowhere:
        total = sum(case.supply.values())
        breaches = [_Breach(Cell("?"), total, f"no store has any book of the {total} units loaded")]
    figures = {
        "leaked_units": max((law.leaked for law in laws), default=0),
        "surplus_units": max((law.surplus for law in laws), default=0),
    }
    size = np.asarray([breach.units for breach in breaches], dtype=np.int64)
    at_rest = np.full(len(breaches), -1, dtype=np.int64)
    return check.found(at_rest, size, lambda place: breaches[place].what, figures)


class _Law:
    """One book against the law."""

    def __init__(self, book: Book, owned: Mapping[Cell, int], supply: Mapping[Cell, int]) -> None:
        self.book = book
        self.owned = owned
        self.journal: dict[Cell, int] = {}
        for cell, delta in book.journal.values():
            self.journal[cell] = self.journal.get(cell, 0) + delta
        self.supply = supply
        self.cells = sorted({*supply, *book.remaining, *self.owned, *self.journal})
        balance = {cell: self.left(cell) - self._expected(cell) for cell in self.cells}
        self.balance = {cell: units for cell, units in balance.items() if units}

    def left(self, cell: Cell) -> int:
        """What the counter will say when nothing waits any more."""
        return self.book.remaining.get(cell, 0) + self.book.pending.get(cell, 0)

    def _expected(self, cell: Cell) -> int:
        return self.journal.get(cell, 0) - self.owned.get(cell, 0)

    @property
    def leaked(self) -> int:
        """Units that are gone and that no order owns."""
        return -sum(units for units in self.balance.values() if units < 0)

    @property
    def surplus(self) -> int:
        """Units that are owned and still for sale."""
        return sum(units for units in self.balance.values() if units > 0)

    def breaches(self) -> Iterator[_Breach]:
        """Cells that break the law, and cells whose journal differs from what was loaded."""
        store = self.book.store
        for cell, units in self.balance.items():
            kind = (
                "leaked: gone, and no order owns them" if units < 0 else "owned and still for sale"
            )
            yield _Breach(cell, abs(units), f"{store}: {abs(units)} units of {cell} {kind}")
        for cell in self.cells:
            loaded, kept = self.supply.get(cell, 0), self.journal.get(cell, 0)
            if loaded != kept:
                what = f"{store}: the journal of {cell} adds up to {kept}, loaded were {loaded}"
                yield _Breach(cell, abs(loaded - kept), what)

    def unlike(self, other: _Law) -> Iterator[_Breach]:
        """Cells for which two books do not say the same."""
        for cell in self.cells:
            ours, theirs = self.left(cell), other.left(cell)
            if ours != theirs:
                stores = f"{self.book.store} says {ours}, {other.book.store} says {theirs}"
                yield _Breach(cell, abs(ours - theirs), f"{cell}: {stores} at rest")


def balances(case: Case) -> dict[Cell, int]:
    """By cell, the units that the first book has too many (or too few, below zero)."""
    return _laws(case)[0].balance if case.audit.books else {}


def stranded_units(case: Case) -> int:
    """Units that no order owns, that are owned and for sale, or on which two books differ."""
    laws = _laws(case)
    unlike = [sum(breach.units for breach in laws[0].unlike(law)) for law in laws[1:]]
    return max([0, *unlike, *(law.leaked for law in laws), *(law.surplus for law in laws)])


def surpluses(case: Case) -> dict[Cell, int]:
    """By cell, the units that orders own and that some counter still offers."""
    found: dict[Cell, int] = {}
    for law in _laws(case):
        for cell, units in law.balance.items():
            found[cell] = max(found.get(cell, 0), units)
    return {cell: units for cell, units in found.items() if units > 0}


def _laws(case: Case) -> list[_Law]:
    books = zip(case.audit.books, case.owned, strict=True)
    return [_Law(book, owned, case.supply) for book, owned in books]


CHECK = Check(2, "conservation", Promise.LEAVES_NOTHING_BEHIND, examine)
