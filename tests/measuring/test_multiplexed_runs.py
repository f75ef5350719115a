"""Whole runs on the multiplexed driver: judged as any other, and said so in the row."""

from __future__ import annotations

from pathlib import Path

import pyarrow.parquet as pq
import pytest

from scenarios.history import RunFolder
from scenarios.measuring.campaign import measure
from scenarios.scenario import load_scenario

pytestmark = [pytest.mark.slow, pytest.mark.live]
ASKED = ["demand.driver=multiplexed", "demand.connections=4"]
CALM = "demand.rate_per_s=200"  # or nobody is ever there before an order, and late with it


@pytest.mark.parametrize(
    "kind, strategy", [("closed", "redis_watch"), ("open", "conditional_update")]
)
def test_a_run_holds_and_its_sampled_steps_are_recorded(
    tmp_path: Path, kind: str, strategy: str
) -> None:
    scenario = load_scenario("oversell_attempts", [*ASKED, f"demand.kind={kind}", CALM])
    found = measure(scenario, [strategy], seconds=0.4, repetitions=1, seed=1, out=tmp_path)
    (row,) = found.rows
    assert (row["verdict"], row["driver"], row["errors"]) == ("holds", "multiplexed", 0)
    assert row["deducted"] > 0
    assert (row["schedule_lag_ms_p99"] is not None) == (kind == "open")
    (name,) = row["runs"]
    folder = RunFolder(tmp_path / name)
    assert folder.json("run")["driver"] == "multiplexed"
    steps = pq.read_table(folder.path / "steps.parquet")
    assert {"Begin", "Watch"} & set(steps["step"].to_pylist())
