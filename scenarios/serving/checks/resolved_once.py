"""Check 11: a hold is resolved exactly once: paid, cancelled or expired, and never two of them.

After an expiry, payment may open a second generation, once: paid late, or refunded. And the books
agree with what buyers and sweepers were told.
"""

from __future__ import annotations

from collections.abc import Iterator

from inventory_core.records import OrderState, ShopOrder
from inventory_core.strategy import Promise
from scenarios.checks.finding import Finding
from scenarios.serving.checks.case import Effect, ShopCase, ShopCheck

_FIRST = ("paid", "cancelled", "expired", "refused_at_till")
_SECOND = ("paid_late", "refunded")

_STATES = {
    "paid": OrderState.PAID,
    "paid_late": OrderState.PAID,
    "refunded": OrderState.REFUNDED,
    "cancelled": OrderState.CANCELLED,
    "expired": OrderState.EXPIRED,
    "refused_at_till": OrderState.REFUSED,
}
"""Where an order stands after the last thing that became of it."""

Violation = tuple[int, int, str]


def examine(check: ShopCheck, case: ShopCase) -> Finding:
    """Holds with two ends, with none, and with another one than the buyer was told."""
    found = [*_twice(case), *_otherwise(case)]
    orders = len({what.split()[1] for _, _, what in found})
    return check.told(found, {"duplicated_orders": orders})


def _twice(case: ShopCase) -> Iterator[Violation]:
    for serial, effects in case.effects.items():
        order = case.orders[serial]
        for ends in (_FIRST, _SECOND):
            mine = [effect for effect in effects if effect.what in ends]
            if len(mine) > 1:
                words = " and ".join(effect.what.replace("_", " ") for effect in mine)
                yield mine[1].replied_ns, order.quantity, f"order {order.number} was {words}"


def _otherwise(case: ShopCase) -> Iterator[Violation]:
    """Orders that stand elsewhere than their last effect says; those without a clear one aside."""
    stored = case.books.by_number()
    for serial, effects in case.effects.items():
        order = case.orders[serial]
        row, last = stored.get(order.number), _last(effects)
        if row is None:
            yield effects[0].replied_ns, order.quantity, f"order {order.number} is in no book"
        elif last is not None and serial not in case.vague:
            if row.state is not _STATES[last.what]:
                said = f"was {last.what.replace('_', ' ')}, and its book says {row.state.value}"
                yield last.replied_ns, order.quantity, f"order {order.number} {said}"
        elif _forgotten(row, case):
            yield -1, order.quantity, f"order {order.number} is held for ever: nobody resolved it"


def _last(effects: tuple[Effect, ...]) -> Effect | None:
    """The end of the newest generation."""
    for ends in (_SECOND, _FIRST):
        for effect in reversed(effects):
            if effect.what in ends:
                return effect
    return None


def _forgotten(row: ShopOrder, case: ShopCase) -> bool:
    return case.at_rest and row.state is OrderState.HELD


CHECK = ShopCheck(11, "every hold resolved once", Promise.EXACTLY_ONCE, examine)
