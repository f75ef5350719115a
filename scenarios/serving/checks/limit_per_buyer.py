"""The limit per buyer of an activity: kept at every moment, parallel orders of one buyer included.

Takes count at their reply and give-backs at their send, so that no true history is accused. At rest
the count that the shop keeps of each buyer is what their orders own.
"""

from __future__ import annotations

from collections.abc import Iterator

from inventory_core.strategy import Promise
from scenarios.checks.finding import Finding
from scenarios.serving.checks.case import ShopCase, ShopCheck
from scenarios.serving.checks.law import OWNING

Violation = tuple[int, int, str]


def examine(check: ShopCheck, case: ShopCase) -> Finding:
    """Buyers with more units than one may have."""
    if not case.shop.limit_per_buyer:
        return check.not_judged("there is no limit")
    return check.told([*_over(case), *_miscounted(case)])


def most_by_buyer(case: ShopCase) -> dict[str, tuple[int, int]]:
    """For each buyer, the most units that they had at once, and when."""
    changes: dict[str, list[tuple[int, int]]] = {}
    for serial, effects in case.effects.items():
        order = case.orders[serial]
        if not order.activity:
            continue
        mine = changes.setdefault(order.buyer, [])
        for effect in effects:
            if effect.what in ("held", "paid_late"):
                mine.append((effect.replied_ns, order.quantity))
            elif effect.what in ("cancelled", "expired"):
                mine.append((effect.sent_ns, -order.quantity))
    found = {}
    for buyer, mine in changes.items():
        units, most = 0, (0, -1)
        for at_ns, change in sorted(mine):
            units += change
            if units > most[0]:
                most = (units, at_ns)
        found[buyer] = most
    return found


def _over(case: ShopCase) -> Iterator[Violation]:
    limit = case.shop.limit_per_buyer
    for buyer, (units, at_ns) in most_by_buyer(case).items():
        if units > limit:
            yield at_ns, units - limit, f"{buyer} had {units} units, and may have {limit}"


def _miscounted(case: ShopCase) -> Iterator[Violation]:
    units, owned = case.books.units_of(), dict[str, int]()
    for order in case.books.orders:
        if order.state in OWNING:
            owned[order.buyer] = owned.get(order.buyer, 0) + units.get(order.order_id, 0)
    counted = {count.buyer: count.quantity for count in case.books.counts}
    for buyer in sorted({*owned, *counted}):
        there, kept = owned.get(buyer, 0), counted.get(buyer, 0)
        if there > case.shop.limit_per_buyer:
            yield -1, there, f"{buyer} has {there} units at rest"
        if there != kept:
            yield -1, abs(there - kept), f"{buyer} has {there} units, and is counted with {kept}"


CHECK = ShopCheck(13, "the limit per buyer", Promise.NEVER_OVERSELLS, examine)
