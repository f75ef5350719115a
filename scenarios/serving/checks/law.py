"""Check 2, the law: where units lie and whom they were promised to add up, article by article.

    physical + in transit = sellable + activity + pre-occupied + unassigned - shortfall + in moves

Also: every stored quantity is the sum of its entries, pre-occupied is the sum of the open
allocations of its shelf, an order has as many allocated units as its engine holds for it, and
nothing is left half done.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from inventory_core.records import Intent, Kind, MoveState, OrderState
from inventory_core.strategy import Promise
from scenarios.checks.finding import Finding
from scenarios.serving.books import UNDER_WAY
from scenarios.serving.checks.case import ShopCase, ShopCheck, serial_of

Violation = tuple[int, int, str]
Totals = dict[str, int]

OWNING = frozenset({OrderState.HELD, OrderState.PAID, OrderState.PART_SHIPPED, OrderState.SHIPPED})
"""Orders whose units are theirs."""


def examine(check: ShopCheck, case: ShopCase) -> Finding:
    """Units that are nowhere, or in two places."""
    balance = _balance(case)
    found = [*_off_balance(balance), *_unjournalled(case), *_unallocated(case), *_unheld(case)]
    found += _half_done(case)
    found += [(-1, 1, f"the shop's audit: {breach.sentence}") for breach in case.breaches]
    figures = {
        "leaked_units": sum(units for units in balance.values() if units > 0),
        "surplus_units": -sum(units for units in balance.values() if units < 0),
    }
    return check.told(found, figures)


def _balance(case: ShopCase) -> Totals:
    """By article, the units that are on a shelf and in no account (below zero: the reverse)."""
    books, truth = case.books, case.truth
    total: Totals = {}
    for shelf in books.shelves:
        _add(total, shelf.sku, shelf.physical - shelf.pre_occupied + shelf.shortfall)
    for line in books.in_transit:
        _add(total, line.sku, line.in_transit)
    for free in books.unassigned:
        _add(total, free.sku, -free.quantity)
    for counters in (truth.remaining, truth.pending) if truth else ():
        for cell, units in counters.items():
            _add(total, cell.sku, -units)
    for move in books.moves:
        if move.state is MoveState.TAKEN:
            _add(total, move.sku, -move.quantity)
    return total


def _off_balance(balance: Totals) -> Iterator[Violation]:
    for sku, units in sorted(balance.items()):
        if units:
            what = "in no account" if units > 0 else "promised and on no shelf"
            yield -1, abs(units), f"{abs(units)} units of {sku} are {what}"


def _unjournalled(case: ShopCase) -> Iterator[Violation]:
    """Stored quantities that differ from the sum of their entries."""
    entries = _summed(
        (f"{one.kind.value} of {one.sku} at {one.place!r}", one.delta) for one in case.books.entries
    )
    stored: Totals = {}
    for shelf in case.books.shelves:
        at = f"of {shelf.sku} at {shelf.warehouse!r}"
        stored[f"{Kind.PHYSICAL.value} {at}"] = shelf.physical
        stored[f"{Kind.PRE_OCCUPIED.value} {at}"] = shelf.pre_occupied
        stored[f"{Kind.SHORTFALL.value} {at}"] = shelf.shortfall
    for free in case.books.unassigned:
        stored[f"{Kind.UNASSIGNED.value} of {free.sku} at ''"] = free.quantity
    for name in sorted({*entries, *stored}):
        there, kept = stored.get(name, 0), entries.get(name, 0)
        if there != kept:
            yield -1, abs(there - kept), f"{name} is {there}, and its entries add up to {kept}"


def _unallocated(case: ShopCase) -> Iterator[Violation]:
    """Shelves whose pre-occupied units are not those of the open allocations."""
    there = [one for one in case.books.allocations if one.state.open]
    promised = _summed((f"{one.sku} at {one.warehouse}", one.quantity) for one in there)
    for shelf in case.books.shelves:
        name = f"{shelf.sku} at {shelf.warehouse}"
        if promised.pop(name, 0) != shelf.pre_occupied:
            yield -1, 1, f"pre-occupied of {name} is not the sum of its open allocations"
    for name, units in promised.items():
        yield -1, units, f"{units} units of {name} are allocated on no shelf"


def _unheld(case: ShopCase) -> Iterator[Violation]:
    """Orders whose units, allocations and hold in the engine do not agree."""
    open_units = _summed(
        (one.order_id, one.quantity) for one in case.books.allocations if one.state.open
    )
    taken = case.books.units_of()
    held: dict[int, int] = {}
    for key, booked in (case.truth.orders if case.truth else {}).items():
        held[serial_of(key)] = held.get(serial_of(key), 0) + sum(booked.units().values())
    for order in case.books.orders:
        owned = taken.get(order.order_id, 0) if order.state in OWNING else 0
        allocated = open_units.get(order.order_id, 0)
        engine = held.get(serial_of(order.order_id), 0)
        if not owned == allocated == engine:
            yield (
                -1,
                max(owned, allocated, engine),
                f"order {order.number} is {order.state.value} with {owned} units, has {allocated}"
                f" allocated, and its engine holds {engine}",
            )


def _half_done(case: ShopCase) -> Iterator[Violation]:
    for order in case.books.orders:
        if order.intent is not Intent.NONE:
            yield -1, 1, f"order {order.number} was left with the intent to {order.intent.value}"
    for move in case.books.moves:
        if move.state in UNDER_WAY:
            yield -1, move.quantity, f"the move {move.move_key} was left {move.state.value}"


def _add(total: Totals, name: str, units: int) -> None:
    total[name] = total.get(name, 0) + units


def _summed(pairs: Iterable[tuple[str, int]]) -> Totals:
    total: Totals = {}
    for name, units in pairs:
        _add(total, name, units)
    return total


CHECK = ShopCheck(2, "the law at rest", Promise.LEAVES_NOTHING_BEHIND, examine)
