"""Which rate to try next on the way to the knee: twice the last one, and then halfway between.

The knee is the highest rate that is still answered in time. Below it, latency hardly depends on the
rate; beyond it, a queue grows for as long as the crowd comes. So it is bracketed in steps of two,
and then halved, on a logarithmic scale, until the bracket is narrow or the steps are used up.
"""

from __future__ import annotations

from collections.abc import Mapping
from math import sqrt

STEPS = 16
"""Rates tried at most."""

NARROW = 1.1
"""A bracket whose ends differ by less than this factor is not halved again."""

LEAST_PER_S, MOST_PER_S = 1.0, 1_000_000.0


def next_rate(tried: Mapping[float, bool], first_per_s: float) -> float | None:
    """The rate to try next, given which of those tried kept up; None: the search is over."""
    if not tried:
        return first_per_s
    if len(tried) >= STEPS:
        return None
    below, above = bracket(tried)
    if below is None:
        assert above is not None, "a rate kept up or it did not"
        return above / 2 if above / 2 >= LEAST_PER_S else None
    if above is None:
        return below * 2 if below * 2 <= MOST_PER_S else None
    return sqrt(below * above) if above / below > NARROW else None


def bracket(tried: Mapping[float, bool]) -> tuple[float | None, float | None]:
    """The highest rate below every one that failed, and the lowest that failed."""
    above = min((rate for rate, kept_up in tried.items() if not kept_up), default=None)
    kept = [rate for rate, kept_up in tried.items() if kept_up and (above is None or rate < above)]
    return max(kept, default=None), above
