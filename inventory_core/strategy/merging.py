"""What each order of a group gets, decided at once: the rule of those who settle groups.

In the order of arrival, duplicates answered first, whatever does not fit is skipped: exactly what
the orders would get if they came one after the other. A pure function, so that it can be compared
with just that.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from inventory_core.domain import Cell, Line, Order, Outcome
from inventory_core.steps.sql import StoredOrder


@dataclass(frozen=True, slots=True)
class Settled:
    """What becomes of a group.

    outcomes  of every delivery, in the order in which they came
    fresh     the orders that were new, in that order
    taken     what they get, added up by cell and sorted
    refused   the numbers of those that get nothing
    """

    outcomes: tuple[Outcome, ...]
    fresh: tuple[Order, ...]
    taken: tuple[Line, ...]
    refused: frozenset[str]


def different(group: Sequence[Order]) -> tuple[Order, ...]:
    """The first delivery of every number of a group, sorted by number."""
    first: dict[str, Order] = {}
    for order in group:
        first.setdefault(order.number, order)
    return tuple([first[number] for number in sorted(first)])


def cells_of(orders: Sequence[Order]) -> tuple[Cell, ...]:
    """Every cell that the orders name, sorted."""
    return tuple(sorted({take.cell for order in orders for take in order.takes}))


def settle(
    group: Sequence[Order], claims: Mapping[str, StoredOrder], left: Mapping[Cell, int]
) -> Settled:
    """Decide a group from what was stored under its numbers, and what is left of its cells."""
    remaining, taken = dict(left), dict.fromkeys(left, 0)
    decided: dict[str, tuple[Order, Outcome]] = {}
    outcomes: list[Outcome] = []
    for order in group:
        before = decided.get(order.number)
        if before is not None:
            outcomes.append(_again(order, *before))
        elif not (claim := claims[order.number]).fresh:
            outcomes.append(claim.answer_to(order))
        else:
            fits = all(remaining[take.cell] >= take.quantity for take in order.takes)
            for take in order.takes if fits else ():
                remaining[take.cell] -= take.quantity
                taken[take.cell] += take.quantity
            decided[order.number] = order, Outcome.DEDUCTED if fits else Outcome.REFUSED
            outcomes.append(decided[order.number][1])
    return Settled(
        tuple(outcomes),
        tuple([order for order, _ in decided.values()]),
        tuple([Line(cell, units) for cell, units in taken.items() if units]),
        frozenset(n for n, (_, what) in decided.items() if what is Outcome.REFUSED),
    )


def _again(order: Order, first: Order, outcome: Outcome) -> Outcome:
    """What a second delivery within the same group is told."""
    if order.fingerprint != first.fingerprint:
        return Outcome.MISMATCHED
    return Outcome.REPLAYED if outcome is Outcome.DEDUCTED else Outcome.REFUSED
