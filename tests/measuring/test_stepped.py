"""Steps of load: when a rate counts as kept up with, and who plays how many clients."""

from __future__ import annotations

from typing import Any

import pytest

from inventory_core.problems import Problem
from scenarios.measuring.stepped import _closed_loop, _step
from scenarios.scenario import load_scenario


def row(**more: Any) -> dict[str, Any]:
    plain = {
        "strategy": "row_lock",
        "goodput_per_s": 990.0,
        "accepted_latency_ms_p99": 12.0,
        "dropped": 0,
        "attempts": 1_000,
        "sold_out_after_s": None,
        "verdict": "holds",
        "promises_broken": [],
        "note": "",
        "driver_bound": False,
    }
    return plain | more


@pytest.mark.parametrize(
    "more, why",
    [
        ({}, ""),
        ({"accepted_latency_ms_p99": 51.0}, "p99 51.0 ms"),
        ({"accepted_latency_ms_p99": None}, ""),
        ({"dropped": 20}, "2% were dropped"),
        ({"dropped": 5}, ""),
        ({"verdict": "void", "promises_broken": ["never_oversells"]}, "void: never_oversells"),
    ],
)
def test_a_rate_is_kept_up_with_if_nobody_waits_too_long_or_is_sent_away(
    more: dict[str, Any], why: str
) -> None:
    step = _step(1_000.0, row(**more), 50.0)
    assert step.why == why
    assert step.kept_up == (not why)


def test_a_knee_of_a_sale_that_sells_out_is_refused() -> None:
    with pytest.raises(Problem, match=r"raise stock\.quantity"):
        _step(1_000.0, row(sold_out_after_s=0.4), 50.0)


@pytest.mark.parametrize("clients, shared", [(1, (1, 1)), (2, (2, 1)), (5, (1, 5)), (16, (2, 8))])
def test_clients_are_shared_evenly_by_as_many_processes_as_divide_them(
    clients: int, shared: tuple[int, int]
) -> None:
    demand = _closed_loop(load_scenario("flash_sale"), clients)
    assert (demand.processes, demand.connections) == shared
    assert demand.kind == "closed"
