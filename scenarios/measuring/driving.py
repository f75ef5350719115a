"""Which driver carries out a run: decided here alone, and said in the row.

`multiplexed` carries out all buyers of a process on one thread; `threads` gives each a thread. A
pool is shared on one thread, whatever else is said. Faults befall single clients and single
connections, which only threads have so far: a run with faults keeps them.
"""

from __future__ import annotations

from inventory_core.stores.stacks import connect
from scenarios.measuring.job import Connect
from scenarios.scenario import Scenario

THREADS, MULTIPLEXED = "threads", "multiplexed"


def driver_of(scenario: Scenario, reach: Connect = connect) -> str:
    """The driver of a run whose clients reach the stores by `reach`."""
    if scenario.faults or reach is not connect:
        return THREADS
    return MULTIPLEXED if scenario.demand.pool else scenario.demand.driver


def remark(scenario: Scenario) -> str:
    """What to say if the driver is another than was asked for; else nothing."""
    if scenario.demand.driver == MULTIPLEXED and scenario.faults:
        return "faults befall single connections, so each client had a thread"
    return ""
