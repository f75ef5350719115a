"""Check 11, the late payment: it is answered rightly, whatever the sweeper is doing at that moment.

`paid` only if the hold had not run out before it was sent; `paid_late` only if it had; `refunded`
only if it had and units may have been short; and never left without an answer by the hold's end.
"""

from __future__ import annotations

from collections.abc import Iterator

from inventory_core.strategy import Promise
from scenarios.checks.finding import Finding
from scenarios.serving.buyers import Order
from scenarios.serving.checks.case import Effect, ShopCase, ShopCheck
from scenarios.serving.client import Served
from scenarios.serving.stock_seen import FreeStock, free_stock


def examine(check: ShopCheck, case: ShopCase) -> Finding:
    """Payments that were told what was not so."""
    if not case.holds:
        return check.not_judged("payment deducts: there is no hold that could run out")
    supply = dict.fromkeys(case.buyers.skus, supply_of(case))
    free = free_stock(case, supply)
    found = []
    for one in case.attempts:
        if one.kind == "pay" and one.serial not in case.vague:
            order, expired = case.orders[one.serial], case.when(one.serial, "expired")
            least = None if _closed(case, one) else free
            for words in _complaints(one, order, expired, least):
                said = f"order {order.number} was answered {one.outcome}: {words}"
                found.append((one.replied_ns, order.quantity, said))
    return check.told(found)


def supply_of(case: ShopCase) -> int:
    """Units of each article that orders may take."""
    return case.shop.quota if case.shop.window_s else case.buyers.scenario.stock.quantity


def _closed(case: ShopCase, one: Served) -> bool:
    """May the activity have been closed when this was answered, and its units gone home?"""
    if case.window_ms is None:
        return False
    return case.clock.ms(one.replied_ns) + case.clock.error_ms >= case.window_ms[1]


def _complaints(
    one: Served, order: Order, expired: Effect | None, free: FreeStock | None
) -> Iterator[str]:
    """`free`: what was certainly free; None: nothing is any more."""
    outcome = one.outcome
    if outcome == "paid" and expired is not None and expired.replied_ns < one.sent_ns:
        yield "its hold had run out before"
    if outcome in ("paid_late", "refunded", "already_expired") and (
        expired is None or expired.sent_ns > one.replied_ns
    ):
        yield "its hold had not run out"
    if outcome == "already_expired":
        yield "a payment after the end is paid late or refunded"
    if outcome == "refunded" and free is not None:
        least = free.least(order.sku, one.sent_ns, one.replied_ns)
        if least >= order.quantity:
            yield f"at least {least} units of {order.sku} were free"


CHECK = ShopCheck(11, "late payments answered rightly", Promise.NO_FALSE_SOLD_OUT, examine)
