"""A shop to try a strategy in: one stack, cells opened, verbs by name, and the auditor's law."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, Protocol

from inventory_core.domain import Cell, Line, Opening, Order, Outcome
from inventory_core.drivers import carry_out
from inventory_core.steps import Plan, Step
from inventory_core.stores.audit import Audit, Book
from inventory_core.strategy import Strategy

TURNS_MOST = 1_000
Perform = Callable[[Step[Any]], Any]


def order(number: str, *lines: tuple[str, int], hold_s: float = 900.0) -> Order:
    """An order from (SKU, quantity) pairs."""
    return Order(number, tuple(Line(Cell(sku), units) for sku, units in lines), hold_s=hold_s)


class Session(Protocol):
    """What a client holds: a connection that performs steps."""

    def perform(self, step: Step[Any]) -> Any:
        """Carry out a step."""

    def close(self) -> None:
        """Hang up; the server rolls back what was open."""


@dataclass
class Shop:
    """A strategy at work on a stack. `connect` opens one more session on the same stores."""

    strategy: Strategy
    connect: Callable[[], Session]
    audit: Callable[[], Audit]
    session: Session

    def open(self, **units: int) -> None:
        """Open cells named by SKU."""
        self.do(self.strategy.load([Opening(Cell(sku), n) for sku, n in units.items()]))

    def do(self, plan: Plan[Any]) -> Any:
        """Carry a plan out on the first session."""
        return carry_out(plan, self.session.perform)

    def at_once(self, plans: Sequence[Plan[Any]]) -> list[Any]:
        """Carry plans out in parallel, each on a session of its own."""
        sessions = [self.connect() for _ in plans]
        try:
            with ThreadPoolExecutor(len(plans)) as pool:
                return list(pool.map(carry_out, plans, [each.perform for each in sessions]))
        finally:
            for session in sessions:
                session.close()

    def crowd(self, orders: Sequence[Order]) -> list[Outcome]:
        """All at once, each on a session of its own. Who is sent away contended comes again, alone.

        Contended stores nothing, so the second visit is a first one and must be answered.
        """
        deduct = self.strategy.deduct
        first = self.at_once([deduct(each) for each in orders])
        return [
            self.do(deduct(each)) if answer is Outcome.CONTENDED else answer
            for each, answer in zip(orders, first, strict=True)
        ]

    def settle(self) -> None:
        """Recover, and let every daemon work until there is nothing left to do."""
        self.do(self.strategy.recover())
        for daemon in self.strategy.daemons():
            for _ in range(TURNS_MOST):
                if not self.do(daemon.turn()):
                    break
            else:
                raise AssertionError(f"{daemon.name} still has work after {TURNS_MOST} turns")

    def left(self, *skus: str) -> tuple[int, ...]:
        """What may still be promised."""
        read: tuple[int, ...] = self.do(self.strategy.read([Cell(sku) for sku in skus]))
        return read

    def assert_law(self) -> None:
        """At rest: every counter equals its journal less what orders own, in every store."""
        books = self.audit().books
        assert books, "an auditor that finds no book has looked in the wrong place"
        for book in books:
            broken = breaches(book)
            assert not broken, f"{book.store}: {broken}"
        owners = [owned_by_order(book) for book in books if book.orders]
        assert all(other == owners[0] for other in owners), "the stores disagree on who owns what"


def owned_by_order(book: Book) -> dict[str, dict[Cell, int]]:
    """The orders of a book that own units, and which."""
    owned = {number: booked.units() for number, booked in book.orders.items()}
    return {number: units for number, units in owned.items() if units}


def breaches(book: Book) -> list[str]:
    """Where a book breaks the law, in words."""
    expected: dict[Cell, int] = {}
    for cell, delta in book.journal.values():
        expected[cell] = expected.get(cell, 0) + delta
    for units in owned_by_order(book).values():
        for cell, quantity in units.items():
            expected[cell] = expected.get(cell, 0) - quantity
    found = {c: book.remaining.get(c, 0) + book.pending.get(c, 0) for c in expected}
    wrong = [f"{c}: {found[c]} instead of {n}" for c, n in expected.items() if found[c] != n]
    return wrong + [f"{c} is below zero" for c, n in book.remaining.items() if n < 0]
