"""Checks 3 and 4, all or nothing: told so is booked, every line; refused is untouched."""

from __future__ import annotations

from collections.abc import Iterator

from inventory_core.domain import Cell, Order, Outcome
from inventory_core.stores.audit import Book
from scenarios.proving.judging.account import NO_EFFECT, Account, Remains
from scenarios.proving.operations import Verb

_NOTHING = frozenset({*NO_EFFECT, Outcome.REFUSED, Outcome.MISMATCHED})


def torn(account: Account, remains: Remains) -> str:
    """Is an order booked in part, lost, or booked though nobody was sold it?"""
    return next((found for book in remains.books for found in _in_book(account, book)), "")


def _in_book(account: Account, book: Book) -> Iterator[str]:
    for number in sorted({*account.numbers(), *book.orders}):
        booked = book.orders.get(number)
        units = booked.units() if booked else {}
        bodies = account.bodies(number)
        if units and not bodies:
            yield f"{book.store}: order {number} owns units, and nobody ever sent it"
        elif units and units not in [_takes(order) for order in bodies]:
            yield f"{book.store}: order {number} owns {_say(units)}, a part of what it asked for"
        elif not units and _must_own(account, number):
            yield f"{book.store}: order {number} was told that it has its units, and has none"
        elif units and _must_not_own(account, number):
            yield f"{book.store}: order {number} was sold nothing, and owns {_say(units)}"
    for heard in account.heard:
        asked = heard.operation.adjustment
        if asked and heard.answer is Outcome.ADJUSTED and asked.key not in book.journal:
            yield f"{book.store}: the adjustment {asked.key} was made, and is not in the journal"


def _must_own(account: Account, number: str) -> bool:
    return account.told_held(number) is not None and not account.may_have_come_back(number)


def _must_not_own(account: Account, number: str) -> bool:
    given = account.given(number)
    if given is not None:
        return False
    sent = list(account.about(number, Verb.DEDUCT))
    return all(heard.answer in _NOTHING for heard in sent)


def _takes(order: Order) -> dict[Cell, int]:
    return {take.cell: take.quantity for take in order.takes}


def _say(units: dict[Cell, int]) -> str:
    return " and ".join(f"{quantity} of {cell}" for cell, quantity in sorted(units.items()))
