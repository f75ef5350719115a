"""The table of simulated orders: a run is judged, and its speed stands beside plain SimPy's."""

from __future__ import annotations

import pytest

from workbench.bench_simulate import one_run


@pytest.mark.slow
def test_a_run_is_judged_and_told_beside_plain_simpy() -> None:
    found = one_run(2_000)
    assert found["verdict"] == "holds"
    assert found["orders"] == pytest.approx(2_000, rel=0.3)
    assert found["simulated_s"] > 0
    assert found["judged_s"] > 0
    assert found["plain_events_per_s"] * found["simulated_s"] > found["orders"]
