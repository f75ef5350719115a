"""What plain SimPy does on this processor, so that our speed can be told as a ratio."""

from __future__ import annotations

import time
from collections.abc import Generator

import simpy

PROCESSES = 16
EVENTS = 200_000


def plain_events_per_s(events: int = EVENTS) -> float:
    """Timeouts a second of SimPy's own processes, which do nothing else."""
    env = simpy.Environment()
    for _ in range(PROCESSES):
        env.process(_waits(env, events // PROCESSES))
    began_s = time.perf_counter()
    env.run()
    return events / (time.perf_counter() - began_s)


def _waits(env: simpy.Environment, times: int) -> Generator[simpy.Event, None, None]:
    for _ in range(times):
        yield env.timeout(1.0)
