"""What a driver took of the machine, and whether it was the driver that was measured."""

from typing import Any

import numpy as np
import pytest

from scenarios.measuring.driver_load import CpuTimes, driver_load
from scenarios.measuring.job import Effort
from scenarios.measuring.machine import available_cores


def _load(cpu_s: float, idle_s: float, awake_s: float = 0.0) -> dict[str, Any]:
    """Of one worker that took ten seconds on a machine that could work for twenty."""
    effort = Effort(lags_ns=np.zeros(0), cpu_s=cpu_s, wall_s=10.0, awake_s=awake_s)
    return driver_load([effort], CpuTimes(20.0 - idle_s, idle_s))


def test_a_worker_that_is_always_busy_bounds_the_run() -> None:
    found = _load(cpu_s=9.5, idle_s=8.0)
    assert found["driver_bound"]
    assert found["busiest_worker_share"] == 0.95
    assert found["driver_cpu_share"] == 9.5 / 10 / available_cores()


def test_staying_awake_is_no_work_and_bounds_nothing() -> None:
    found = _load(cpu_s=3.0, idle_s=0.5, awake_s=6.5)
    assert not found["driver_bound"]
    assert found["machine_idle_share"] == pytest.approx(7.0 / 20.0)


def test_a_full_machine_whose_workers_took_most_of_it_bounds_the_run() -> None:
    assert _load(cpu_s=8.5, idle_s=4.0)["driver_bound"] is False
    crowded = driver_load(
        [Effort(lags_ns=np.zeros(0), cpu_s=8.5, wall_s=10.0)] * 2, CpuTimes(19.9, 0.1)
    )
    assert crowded["driver_bound"]
    assert crowded["machine_idle_share"] == pytest.approx(0.005)


def test_a_buyer_who_waited_and_came_late_bounds_the_run() -> None:
    late = Effort(lags_ns=np.full(100, 6e6), cpu_s=1.0, wall_s=10.0)
    assert driver_load([late], CpuTimes(5.0, 15.0))["driver_bound"]
