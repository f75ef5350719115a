"""How fast the explorer is: distinct states of a fixed set of cases, on one core, by the clock.

The set is the case that everybody asks about first: two buyers of the last unit, the first one's
order delivered twice, one crash or lost reply anywhere; with one line an order and with two, for
every strategy of the project that existed when the set was fixed.
"""

from __future__ import annotations

from typing import TypedDict

from inventory_core.strategy.registry import make
from scenarios.proving.cases import CASES
from scenarios.proving.explorer import Bounds
from scenarios.proving.world import LIMITS, World

STRATEGIES = (
    "conditional_update",
    "naive_read_write",
    "optimistic_version",
    "redis_lock",
    "redis_lock_fenced",
    "redis_script",
    "redis_with_task",
    "row_lock",
)
TITLES = ("last unit, 1 line", "last unit, 2 lines")


class Reference(TypedDict):
    """The reference set's figures. Setting up and judging are not exploration, and not counted."""

    states: int
    wall_s: float
    states_per_s: float


def reference_rate() -> Reference:
    """Explore the reference set from cold and count."""
    states, wall_s = 0, 0.0
    for name in STRATEGIES:
        for title in TITLES:
            world = World(make(name, LIMITS), CASES[title])
            explored = world.explorer.explore(world.first, Bounds())
            states += len(explored.states)
            wall_s += explored.seconds
    return Reference(states=states, wall_s=wall_s, states_per_s=states / wall_s)
