"""How many units of an article were certainly free, over time: counted low, so nobody is accused.

A take counts from the moment at which it was sent, a give-back from that at which it was answered.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Mapping

from scenarios.operations import NEVER
from scenarios.serving.checks.case import ShopCase

_TAKES = ("held", "paid_late")
_GIVES = ("cancelled", "expired")


class FreeStock:
    """The least that may have been free of each article."""

    def __init__(self, supply: Mapping[str, int], changes: Mapping[str, list[tuple[int, int]]]):
        self._times: dict[str, list[int]] = {}
        self._free: dict[str, list[int]] = {}
        for sku, units in supply.items():
            free = [units]
            times = []
            for at_ns, change in sorted(changes.get(sku, ())):
                times.append(at_ns)
                free.append(free[-1] + change)
            self._times[sku], self._free[sku] = times, free

    def least(self, sku: str, from_ns: int, until_ns: int) -> int:
        """The least that was free at any time of the interval."""
        times = self._times[sku]
        low, high = bisect_left(times, from_ns), bisect_right(times, until_ns)
        return min(self._free[sku][low : high + 1])


def free_stock(case: ShopCase, supply: Mapping[str, int]) -> FreeStock:
    """From everything that became of the orders; what is vague counts as taken, for ever."""
    changes: dict[str, list[tuple[int, int]]] = {}
    takes = _TAKES if case.holds else ("paid",)
    first: dict[int, int] = {}
    for one in case.attempts:
        first[one.serial] = min(first.get(one.serial, NEVER), one.sent_ns)
    for serial, order in case.orders.items():
        mine = changes.setdefault(order.sku, [])
        effects = case.effects.get(serial, ())
        for effect in effects:
            if effect.what in takes:
                mine.append((effect.sent_ns, -order.quantity))
            elif effect.what in _GIVES and case.holds:
                mine.append((effect.replied_ns, order.quantity))
        if serial in case.vague:
            mine.append((first[serial], -order.quantity))
    return FreeStock(supply, changes)
