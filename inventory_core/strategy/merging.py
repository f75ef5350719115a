"""What each order of a group gets, decided at once: the rule of those who settle groups.

In the order of arrival, duplicates answered first, whatever does not fit is skipped: exactly what
the orders would get if they came one after the other. A pure function, so that it can be compared
with just that; and beside it how a group is settled in rows.

The rows of the counters are locked for as short as can be: holds and log are written before, and
what everybody gets is decided before as well, as if there were plenty. Only where there is not, it
is decided again.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from inventory_core.domain import Cell, Line, Order, Outcome
from inventory_core.steps import sql
from inventory_core.steps.sql import StoredOrder

PLENTY = 1 << 62
"""More than anybody wants."""


@dataclass(frozen=True, slots=True)
class Settled:
    """What becomes of a group.

    outcomes  of every delivery, in the order in which they came
    taken     what they get, added up by cell and sorted
    refused   the numbers of those that get nothing
    """

    outcomes: tuple[Outcome, ...]
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
        tuple([Line(cell, units) for cell, units in taken.items() if units]),
        frozenset(n for n, (_, what) in decided.items() if what is Outcome.REFUSED),
    )


async def settle_in_plenty(group: Sequence[Order]) -> tuple[Outcome, ...]:
    """Settle a group in one statement that commits by itself, if there is enough for everybody.

    `ConstraintBroken`: there is not, nothing has happened, and somebody has to look closely.
    """
    orders = different(group)
    known = dict(await sql.ClaimAndTakeAll(orders))
    outcomes: list[Outcome] = []
    came: dict[str, Order] = {}
    for order in group:
        number = order.number
        if number in known:
            outcomes.append(known[number].answer_to(order))
        elif number in came:
            outcomes.append(_again(order, came[number], Outcome.DEDUCTED))
        else:
            came[number] = order
            outcomes.append(Outcome.DEDUCTED)
    return tuple(outcomes)


async def settle_in_rows(group: Sequence[Order]) -> tuple[Outcome, ...]:
    """Settle a group in the transaction that is open; the outcomes, in the order of arrival."""
    orders = different(group)
    claims = await sql.ClaimHolds(orders)
    stored = {order.number: claim for order, claim in zip(orders, claims, strict=True)}
    cells = cells_of([order for order in orders if stored[order.number].fresh])
    settled = settle(group, stored, dict.fromkeys(cells, PLENTY))
    if not cells:
        return settled.outcomes
    rows = await sql.ReadCellsLocked(cells)
    left = {cell: row.sellable for cell, row in zip(cells, rows, strict=True)}
    if any(take.quantity > left[take.cell] for take in settled.taken):
        settled = settle(group, stored, left)
    await sql.BookOrders(settled.taken, settled.refused)
    return settled.outcomes


def _again(order: Order, first: Order, outcome: Outcome) -> Outcome:
    """What a second delivery within the same group is told."""
    if order.fingerprint != first.fingerprint:
        return Outcome.MISMATCHED
    return Outcome.REPLAYED if outcome is Outcome.DEDUCTED else Outcome.REFUSED
