"""Check 1, never oversells: at no moment have buyers been told that they own more than there was.

Deductions count from their reply and give-backs from their request, so no true history is accused.
"""

from __future__ import annotations

from inventory_core.domain import Cell, Order, Outcome
from inventory_core.stores.audit import Book
from scenarios.proving.judging.account import NO_EFFECT, Account, Remains, units_of
from scenarios.proving.operations import Verb


def oversold_now(account: Account) -> str:
    """Do the clients know of more units than there can be, at the moment of this account?"""
    owners = [(number, order) for number in account.numbers() if (order := _owner(account, number))]
    for cell, left in account.shop.units:
        owned = {number: _units(order, cell) for number, order in owners}
        promised = sum(owned.values())
        there = left + _given_out(account, cell) + _came_in(account, cell)
        if promised > there:
            who = " and ".join(f"order {number}" for number, units in owned.items() if units)
            return f"promised {units_of(promised, cell)} to {who}, out of {there}"
    return ""


def oversold_in_the_books(remains: Remains) -> str:
    """Do the orders of a book own more than its journal ever brought in?"""
    for book in remains.books:
        for cell in book.remaining:
            owned, there = _owned(book, cell), _journal(book, cell)
            if owned > there:
                return f"{book.store}: orders own {units_of(owned, cell)}, out of {there}"
    return ""


def _owner(account: Account, number: str) -> Order | None:
    """The order, if it is known to own its units."""
    order = account.told_held(number)
    return None if order is None or account.may_have_come_back(number) else order


def _units(order: Order, cell: Cell) -> int:
    return sum(take.quantity for take in order.takes if take.cell == cell)


def _given_out(account: Account, cell: Cell) -> int:
    holds = [hold for _, hold in account.shop.holds if hold.state.owns_units and hold.order]
    takes = [take for hold in holds if hold.order for take in hold.order.takes]
    return sum(take.quantity for take in takes if take.cell == cell)


def _came_in(account: Account, cell: Cell) -> int:
    """What came in counts from its request, what was taken out from its reply; once a key."""
    changes: dict[str, int] = {}
    for heard in account.heard:
        asked = heard.operation.adjustment
        if heard.operation.verb is not Verb.ADJUST or asked is None or asked.cell != cell:
            continue
        refused = heard.answer in NO_EFFECT or heard.answer is Outcome.REFUSED
        if asked.delta > 0 and not refused:
            changes[asked.key] = asked.delta
        if asked.delta < 0 and heard.answer is Outcome.ADJUSTED:
            changes[asked.key] = asked.delta
    return sum(changes.values())


def _owned(book: Book, cell: Cell) -> int:
    return sum(order.units().get(cell, 0) for order in book.orders.values())


def _journal(book: Book, cell: Cell) -> int:
    return sum(delta for at, delta in book.journal.values() if at == cell)
