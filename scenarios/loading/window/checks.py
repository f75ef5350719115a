"""What shoppers are owed beside the front door's promises: no unit twice, a window that ends right.

Units come in during the sale, so the opening stock is no bound; and all that ever came in would
forgive an order that was accepted too early. What counts is what had come in by then.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from inventory_core.strategy import Promise
from scenarios.checks.finding import Finding, Invariant
from scenarios.lagging.demand import article_of, sku_of
from scenarios.loading.answers import Reply
from scenarios.loading.front_checks import ACCEPTED, Violation, told
from scenarios.loading.window.keeper import Refilled
from scenarios.serving.buyers import Order

CAME_IN = Invariant(1, "never more than had come in", Promise.NEVER_OVERSELLS)
ENDS_RIGHT = Invariant(2, "the window ends right", Promise.LEAVES_NOTHING_BEHIND)

Move = tuple[int, int]
"""When, and how many units more were promised since; less than nought: for sale again."""


@dataclass(frozen=True, slots=True)
class Sold:
    """What the buyers of a sale were told, and what came in meanwhile."""

    quantity: int  # of each article at the opening
    orders: Mapping[int, Order]
    replies: Sequence[Reply]
    refilled: Sequence[Refilled]


def judge_window(sold: Sold, wrong: Sequence[str]) -> tuple[Finding, ...]:
    """Examine the orders of a run. `wrong` is what the window shows wrong at rest, in sentences."""
    found: list[Violation] = []
    oversold = 0
    for article, moves in _moves_of(sold).items():
        over = list(_too_many(moves, sold.quantity))
        oversold += max((units for _, units in over), default=0)
        found += [
            (at_ns, units, f"{units} more of {sku_of(article)} promised than had come in by then")
            for at_ns, units in over
        ]
    return (
        told(CAME_IN, found, oversold_units=oversold),
        told(ENDS_RIGHT, [(-1, 1, sentence) for sentence in wrong]),
    )


def _moves_of(sold: Sold) -> dict[int, list[Move]]:
    """The moves of each article's units.

    A promise counts from its reply on, what comes back or comes in from its sending on: so no true
    history is accused.
    """
    moves: dict[int, list[Move]] = {}
    for refill in sold.refilled:
        moves.setdefault(refill.article, []).append((refill.sent_ns, -refill.units))
    taken: dict[int, int] = {}
    back: dict[int, int] = {}
    for one in sold.replies:
        if one.kind == "deduct" and one.outcome in ACCEPTED:
            taken[one.key] = min(one.replied_ns, taken.get(one.key, one.replied_ns))
        elif one.kind == "roll_back":
            back[one.key] = min(one.sent_ns, back.get(one.key, one.sent_ns))
    for key, at_ns in taken.items():
        order = sold.orders[key]
        mine = moves.setdefault(article_of(order.sku), [])
        mine.append((at_ns, order.quantity))
        if key in back:
            mine.append((back[key], -order.quantity))
    return moves


def _too_many(moves: Sequence[Move], quantity: int) -> Iterator[Move]:
    """Whenever more was promised than there was, and by how many units."""
    promised = 0
    for at_ns, units in sorted(moves):
        promised += units
        if units > 0 and promised > quantity:
            yield at_ns, promised - quantity
