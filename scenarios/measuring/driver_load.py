"""Was it the strategy that was measured, or the driver? What the driver took, and the verdict.

A run is *bound by its driver* if any of these holds, and then its goodput is only a lower limit:

- a worker process used more than 90 % of one core: a Python process can use no more than one;
- open loop: a client that was waiting for an arrival sent it more than 5 ms late (99th percentile);
- the machine had less than 5 % of its cores idle, and the workers took more than half of the rest.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import psutil

from scenarios.measuring.job import Effort
from scenarios.measuring.machine import available_cores

WORKER_SHARE = 0.90
LAG_MS = 5.0
IDLE_SHARE = 0.05
BUSY_SHARE = 0.50


@dataclass(frozen=True, slots=True)
class CpuTimes:
    """The machine's seconds so far, busy and idle, over all cores."""

    busy_s: float
    idle_s: float

    @staticmethod
    def now() -> CpuTimes:
        """Read them."""
        times = psutil.cpu_times()
        idle = times.idle + getattr(times, "iowait", 0.0)
        return CpuTimes(sum(times[:8]) - idle, idle)

    def since(self, before: CpuTimes) -> CpuTimes:
        """The seconds between two readings."""
        return CpuTimes(self.busy_s - before.busy_s, self.idle_s - before.idle_s)


def driver_load(results: Sequence[Effort], machine: CpuTimes) -> dict[str, Any]:
    """The driver's own fields of the row."""
    used_s = sum(result.cpu_s for result in results)
    wall_s = max((result.wall_s for result in results), default=0.0) or 1.0
    busiest = max((result.cpu_s / result.wall_s for result in results if result.wall_s), default=0)
    lags_ms = np.concatenate([result.lags_ns / 1e6 for result in results] or [np.zeros(0)])
    lag_ms = float(np.percentile(lags_ms, 99)) if len(lags_ms) else None
    all_s = machine.busy_s + machine.idle_s
    awake_s = sum(result.awake_s for result in results)  # which would have been idle
    idle = min(1.0, (machine.idle_s + awake_s) / all_s) if all_s else 1.0
    crowded = idle < IDLE_SHARE and used_s > BUSY_SHARE * (machine.busy_s - awake_s)
    return {
        "driver_cpu_share": used_s / (wall_s * available_cores()),
        "busiest_worker_share": busiest,
        "machine_idle_share": idle,
        "schedule_lag_ms_p99": lag_ms,
        "driver_bound": busiest > WORKER_SHARE or (lag_ms or 0.0) > LAG_MS or crowded,
    }
