"""The window of an activity: nothing is sold outside it, on the store's clock.

A sale is accused only if it certainly lay outside, whatever the two clocks differ by.
"""

from __future__ import annotations

from collections.abc import Iterator

from inventory_core.strategy import Promise
from scenarios.checks.finding import Finding
from scenarios.operations import NEVER
from scenarios.serving.checks.case import ShopCase, ShopCheck

Violation = tuple[int, int, str]


def examine(check: ShopCheck, case: ShopCase) -> Finding:
    """Sales before it opens or after it closes, and buyers turned away while it was open."""
    if case.window_ms is None:
        return check.not_judged("there is no activity")
    return check.told([*_sold_outside(case, *case.window_ms), *_turned_away_inside(case)])


def _sold_outside(case: ShopCase, opens_ms: int, closes_ms: int) -> Iterator[Violation]:
    clock = case.clock
    placed = {order.number: order for order in case.books.orders}
    for serial in case.effects:
        held, order = case.when(serial, "held", "placed"), case.orders[serial]
        if held is None or not order.activity:
            continue
        early = clock.ms(held.replied_ns) + clock.error_ms < opens_ms
        late = clock.ms(held.sent_ns) - clock.error_ms >= closes_ms
        if early or late:
            when = "before it opened" if early else "after it closed"
            yield held.replied_ns, order.quantity, f"order {order.number} was sold {when}"
        row = placed.get(order.number)
        if row is not None and not opens_ms <= row.placed_ms < closes_ms:
            said = f"order {order.number} is sold, and placed at a time outside the window"
            yield held.replied_ns, order.quantity, said


def _turned_away_inside(case: ShopCase) -> Iterator[Violation]:
    """Who was told "not open" between the first sale and the end."""
    sales = [case.when(serial, "held", "placed") for serial in case.effects]
    opened_ns = min((sale.replied_ns for sale in sales if sale is not None), default=NEVER)
    assert case.window_ms is not None
    for one in case.attempts:
        if one.outcome != "activity_not_open" or one.sent_ns < opened_ns:
            continue
        if case.clock.ms(one.replied_ns) + case.clock.error_ms < case.window_ms[1]:
            order = case.orders[one.serial]
            said = f"order {order.number} was told that it is not open, while it was"
            yield one.replied_ns, order.quantity, said


CHECK = ShopCheck(12, "sold in the window only", Promise.ALL_OR_NOTHING, examine)
