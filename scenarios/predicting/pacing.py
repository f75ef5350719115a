"""The pace of each strategy: what its run at four clients leaves to explain, as one factor.

Steps were timed one client at a time; beside others the same work takes longer, and not by the same
factor for everybody: caches, the size of a statement's plan, how often threads change places. So
all work of a strategy is scaled until the simulation gets as many orders through at four clients as
the servers did. Larger crowds are not looked at.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from scenarios.predicting.observing import FEW_CLIENTS, sale_of
from scenarios.predicting.profile import Profile
from scenarios.predicting.run import Asked, simulate
from scenarios.predicting.side_by_side import Everywhere

SIMULATED_S = 0.25
TRIES = 4
NEAR = 0.02
"""Close enough: the measurement itself is not that exact."""
SLOWEST, FASTEST = 4.0, 0.4

Paced = tuple[Profile, str, float]
"""A profile, a strategy, and the orders a second that it got through."""
Pace = tuple[str, float]


def paces(
    profile: Profile, few: Mapping[str, float], everywhere: Everywhere = map
) -> dict[str, float]:
    """The pace of every strategy that was seen at four clients."""
    work = [(profile, name, rate_per_s) for name, rate_per_s in few.items() if rate_per_s]
    return dict(sorted(everywhere(pace_of, work)))


def pace_of(paced: Paced) -> Pace:
    """By how much its work has to be slower for the simulation to be as fast as the servers."""
    profile, name, rate_per_s = paced
    pace, best, best_off = 1.0, 1.0, float("inf")
    low, high = FASTEST, SLOWEST
    for _ in range(TRIES):
        ratio = orders_per_s(profile, name, pace) / rate_per_s
        off = max(ratio, 1 / max(ratio, 1e-9))
        if off < best_off:
            best, best_off = pace, off
        if off < 1 + NEAR:
            break
        if ratio > 1:
            low = pace
        else:
            high = pace
        pace = min(max(pace * ratio, low), high)
    return name, round(best, 3)


def orders_per_s(profile: Profile, name: str, pace: float) -> float:
    """What the simulation gets through at four clients."""
    at = replace(profile, pace={name: pace})
    played = simulate(Asked(sale_of(FEW_CLIENTS), name, at, 1, SIMULATED_S))
    in_time = played.results[0].replied_ns <= SIMULATED_S * 1e9
    return int(in_time.sum()) / SIMULATED_S
