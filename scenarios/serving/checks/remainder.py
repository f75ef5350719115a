"""The remainder of an activity: it goes home to the channel when the activity closes, once.

quota = units that activity orders own + what came home at the close + what came home later
"""

from __future__ import annotations

from collections.abc import Iterator

from inventory_core.domain import Cell
from inventory_core.records import ActivityState, MoveState
from inventory_core.strategy import Promise
from scenarios.checks.finding import Finding
from scenarios.serving.buyers import ACTIVITY_PLACE, PLACE
from scenarios.serving.checks.case import ShopCase, ShopCheck

Violation = tuple[int, int, str]


def examine(check: ShopCheck, case: ShopCase) -> Finding:
    """Units that did not come home, or came twice."""
    if case.window_ms is None:
        return check.not_judged("there is no activity")
    found = [violation for sku in case.buyers.skus for violation in _of(case, sku)]
    return check.told(found)


def came_home(case: ShopCase, sku: str) -> tuple[int, int]:
    """Units that the moves say came home when the activity closed, and later."""
    given = [
        move
        for move in case.books.moves
        if move.sku == sku and move.source == ACTIVITY_PLACE and move.state is MoveState.GIVEN
    ]
    at_close = sum(move.quantity for move in given if move.move_key.startswith("close:"))
    return at_close, sum(move.quantity for move in given) - at_close


def owned_units(case: ShopCase, sku: str) -> int:
    """Units that orders of the activity own, by the engine's book."""
    cell = Cell(sku, ACTIVITY_PLACE)
    orders = case.truth.orders.values() if case.truth else ()
    return sum(order.units().get(cell, 0) for order in orders)


def _of(case: ShopCase, sku: str) -> Iterator[Violation]:
    owned, quota = owned_units(case, sku), case.shop.quota
    at_close, later = came_home(case, sku)
    if owned + at_close + later != quota:
        off = abs(quota - owned - at_close - later)
        said = f"{sold_words(owned)}, {at_close} came home at the close and {later} later"
        yield -1, off, f"of {quota} units of {sku} {said}"
    left = case.truth.remaining if case.truth else {}
    if left.get(Cell(sku, ACTIVITY_PLACE), 0):
        units = left[Cell(sku, ACTIVITY_PLACE)]
        yield -1, units, f"{units} units of {sku} lie in the closed activity"
    expected = case.buyers.scenario.stock.quantity - owned
    there = left.get(Cell(sku, PLACE), 0)
    if there != expected:
        said = f"the channel has {there} units of {sku} and should have {expected}"
        yield -1, abs(there - expected), said
    for activity in case.books.activities:
        if activity.state is not ActivityState.CLOSED:
            yield -1, 1, f"the activity {activity.code} is {activity.state.value} at the end"


def sold_words(units: int) -> str:
    """So many are sold."""
    return f"{units} are sold"


CHECK = ShopCheck(2, "the remainder came home once", Promise.LEAVES_NOTHING_BEHIND, examine)
