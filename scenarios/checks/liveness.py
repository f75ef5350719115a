"""Check 12: liveness. So soon after a fault is gone, goodput is back to nine tenths of before.

    deductions  ######## ....fault.... .. ##### ####
                before                 |<-->| so long it took

*Before* is the median over windows of half a second; *back* is the first such window that reaches
`ENOUGH` of it. Who gets back to half of it only is *unknown*, not broken: a leaked connection looks
like that, but so does a machine that somebody else began to use. A stuck lock is less.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from inventory_core.strategy import Promise
from scenarios.checks.case import Case
from scenarios.checks.finding import Check, Finding
from scenarios.checks.strike import Strike
from scenarios.operations import Integers

WINDOW_NS = 500_000_000
STRIDE_NS = 50_000_000
FEWEST = 20
"""Fewer deductions before the fault say nothing of a rate."""

ENOUGH, STUCK = 0.9, 0.5


@dataclass(frozen=True, slots=True)
class Comeback:
    """How goodput came back after a strike, and when it was enough."""

    strike: Strike
    best: float  # share of before, within the time allowed
    back_ns: int | None  # from the end of the strike; None: not within the time that there was
    watched_ns: int


def examine(check: Check, case: Case) -> Finding:
    """Strikes from which goodput did not come back in time."""
    if not case.strikes:
        return check.not_judged("no fault struck in this run")
    found = comebacks(case)
    late = [one for one in found if _is_late(case, one)]
    if not found:
        return check.not_judged("too little was sold before the fault, or none was left after it")
    backs = [one.back_ns for one in found if one.back_ns is not None]
    figures = {"back_after_ms": max(backs) // 1_000_000} if backs else {}
    if late and all(one.best >= STUCK for one in late):
        shares = ", ".join(f"{one.best:.0%}" for one in late)
        return check.unknown(f"goodput came back to {shares} of before: a leak, or a busy machine?")
    if not backs and not late:
        return check.not_judged("the run was over too soon after the fault")

    def tell(place: int) -> str:
        one = late[place]
        return f"after {one.strike.words} goodput came back to {one.best:.0%} of before only"

    at_ns = np.asarray([one.strike.over_ns for one in late], dtype=np.int64)
    return check.found(at_ns, np.ones(len(late), np.int64), tell, figures)


def _is_late(case: Case, one: Comeback) -> bool:
    if one.back_ns is None:
        return one.watched_ns >= case.back_within_s * 1e9
    return one.back_ns > case.back_within_s * 1e9


def comebacks(case: Case) -> list[Comeback]:
    """How goodput came back after each strike before which there was some."""
    operations = case.history.operations
    sold = np.sort(operations.deducted_ns[operations.deducted > 0])
    ended_ns = _ended_ns(case, sold)
    strikes = list({(one.began_ns, one.over_ns): one for one in case.strikes}.values())
    found = []
    for strike in sorted(strikes, key=lambda one: one.began_ns):
        since_ns = max((s.over_ns for s in strikes if s.over_ns <= strike.began_ns), default=0)
        later = [s.began_ns for s in strikes if s.began_ns >= strike.over_ns]
        next_ns = min([ended_ns, *later])
        before = _windows(sold, since_ns, min(strike.began_ns, ended_ns))
        after = _windows(sold, strike.over_ns, next_ns)
        if not len(before) or before.sum() < FEWEST or not len(after):
            continue
        share = after / max(float(np.median(before)), 1.0)
        enough = np.flatnonzero(share >= ENOUGH)
        back_ns = int(enough[0]) * STRIDE_NS if len(enough) else None
        watched_ns = next_ns - strike.over_ns - WINDOW_NS
        in_time = share[: 1 + round(case.back_within_s * 1e9) // STRIDE_NS]
        found.append(Comeback(strike, float(in_time.max()), back_ns, watched_ns))
    return found


def _ended_ns(case: Case, sold: Integers) -> int:
    """When nothing more could be sold: the stock was gone, or the run was over."""
    truth = case.truth
    if truth is not None and len(sold) and sum(truth.remaining.values()) <= 0:
        return int(sold[-1])
    return int(case.history.replied_ns.max(initial=0))


def _windows(sold: Integers, from_ns: int, until_ns: int) -> Integers:
    """Deductions in each window that lies within this time."""
    starts = np.arange(from_ns, until_ns - WINDOW_NS + 1, STRIDE_NS, dtype=np.int64)
    count: Integers = np.searchsorted(sold, starts + WINDOW_NS) - np.searchsorted(sold, starts)
    return count


CHECK = Check(12, "goodput comes back", Promise.LEAVES_NOTHING_BEHIND, examine)
