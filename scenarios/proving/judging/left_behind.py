"""Check 2, leaves nothing behind: at rest, after recovery, every unit is accounted for."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from inventory_core.stores.audit import Book
from scenarios.proving.judging.account import Remains, units_of


def unaccounted(remains: Remains) -> str:
    """Do the books break the law, or contradict each other, or do the stores not come to rest?"""
    if remains.trouble:
        return remains.trouble
    broken = next((found for book in remains.books for found in _law(book)), "")
    return broken or next(_between(remains.books), "")


def _law(book: Book) -> Iterator[str]:
    cells = {*book.remaining, *(cell for cell, _ in book.journal.values())}
    for cell in sorted(cells):
        brought = sum(delta for at, delta in book.journal.values() if at == cell)
        owned = sum(order.units().get(cell, 0) for order in book.orders.values())
        left = book.remaining.get(cell, 0) + book.pending.get(cell, 0)
        if left != brought - owned:
            what = "leaked" if left < brought - owned else "for sale though they are somebody's"
            amiss = units_of(abs(brought - owned - left), cell)
            yield (
                f"{book.store}: {amiss} {what} ({brought} came in, orders own {owned}, {left} left)"
            )


def _between(books: tuple[Book, ...]) -> Iterator[str]:
    """Where two stores keep orders, they must agree who owns what, and on the journal."""
    for one, other in pairwise(books):
        if not (one.orders and other.orders):
            continue
        for number in sorted({*one.orders, *other.orders}):
            mine, yours = one.orders.get(number), other.orders.get(number)
            if (mine.units() if mine else {}) != (yours.units() if yours else {}):
                yield f"{one.store} and {other.store} disagree on what order {number} owns"
        if dict(one.journal) != dict(other.journal):
            yield f"{one.store} and {other.store} have different journals"
