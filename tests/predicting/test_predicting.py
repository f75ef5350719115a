"""Profiles, replications and sweeps: what is asked, kept, and refused in one sentence."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from inventory_core.problems import Problem
from reports.sweeps import knees_of, write_sweep
from scenarios.predicting.campaign import Campaign, Precision, predictable, reach_of
from scenarios.predicting.profile import load_profile, profile_names
from scenarios.predicting.run import predict_once
from scenarios.predicting.sweep import Sweep, at, read_axes
from scenarios.scenario import load_scenario
from tests.predicting.conftest import PLAIN, asked, sale


@pytest.mark.parametrize("name", profile_names())
def test_every_profile_says_where_its_figures_come_from(name: str) -> None:
    profile = load_profile(name)
    assert profile.about.title
    assert profile.about.source
    assert profile.sql_steps["TakeIfEnough"] > 0


@pytest.mark.parametrize(
    "setting, complaint",
    [
        ("sql.flush=3", "did you mean sql.flush_us"),
        ("sql.grant=last", "write one of any, first"),
        ("machine.server_cores=0", "a number from 1 to"),
        ("sql_steps.TakeIfEnough=-1", "write a number from 0"),
    ],
)
def test_a_cost_that_is_none_is_refused(setting: str, complaint: str) -> None:
    with pytest.raises(Problem, match=complaint):
        load_profile("one_machine", [setting])


def test_an_unknown_profile_is_answered_with_the_known_ones() -> None:
    with pytest.raises(Problem, match="choose among cross_zone, one_machine, same_zone"):
        load_profile("two_machines")


@pytest.mark.parametrize(
    "said, complaint",
    [
        ("speed=1,2", "write one of rate, stock"),
        ("rate=fast", "has no numbers"),
        ("rate=9..3", "or none between"),
        ("pool=0,4", "pool takes 1 to 256"),
    ],
)
def test_an_axis_that_is_none_is_refused(said: str, complaint: str) -> None:
    with pytest.raises(Problem, match=complaint):
        read_axes([said])


def test_a_range_is_taken_in_equal_ratios() -> None:
    axes = read_axes(["rate=1000..8000/4", "rtt_ms=0.2,2"])
    assert axes == {"rate": (1000.0, 2000.0, 4000.0, 8000.0), "rtt_ms": (0.2, 2.0)}


def test_a_point_turns_what_its_axes_say() -> None:
    there = at(asked("row_lock"), {"rate": 100_000.0, "rtt_ms": 2.0, "buckets": 16, "pool": 4})
    assert there.scenario.demand.rate_per_s == 100_000
    assert there.scenario.demand.kind == "open"
    assert there.scenario.demand.pool == 4
    assert there.profile.network.one_way_us == 1_000
    assert there.parts == 16


def test_replications_end_when_the_interval_is_narrow(tmp_path: Path) -> None:
    scenario = sale("run.seconds=0.05")
    campaign = Campaign(scenario, ("row_lock",), PLAIN, tmp_path, Precision(2, 6, 10.0))
    seen: list[int] = []
    with ThreadPoolExecutor(1) as executor:
        campaign.run(executor, lambda row: seen.append(row["repetition"]))
    assert sorted(seen) == [0, 1]
    again = Campaign(scenario, ("row_lock",), PLAIN, tmp_path, Precision(2, 3, 1e-9))
    with ThreadPoolExecutor(1) as executor:
        again.run(executor, lambda _: None)
    assert len(again.rows["row_lock", ""]) == 3
    assert again.combined()[0]["verdict"] == "holds"
    other = Campaign(sale("run.seconds=0.06"), ("row_lock",), PLAIN, tmp_path)
    with pytest.raises(Problem, match="another question"), ThreadPoolExecutor(1) as executor:
        other.run(executor, lambda _: None)


def test_the_reach_of_an_interval() -> None:
    assert reach_of([5.0]) is None
    assert reach_of([5.0, 5.0, 5.0]) == 0.0
    assert reach_of([9.0, 10.0, 11.0]) == pytest.approx(4.303 / 3**0.5 / 10, rel=1e-3)


def test_a_sweep_is_drawn_with_its_knees(tmp_path: Path) -> None:
    axes = read_axes(["rate=1000,4000,30000", "rtt_ms=0,1"])
    sweep = Sweep(sale("run.seconds=0.05"), ("row_lock", "redis_script"), PLAIN, axes, tmp_path)
    assert sweep.size == 12
    with ThreadPoolExecutor(2) as executor:
        rows = sweep.run(executor, lambda _: None)
    assert len(rows) == 12
    picture = write_sweep(tmp_path)
    assert picture.read_text("utf-8").startswith("<?xml")
    assert "row_lock" in (tmp_path / "sweep.html").read_text("utf-8")
    record = json.loads((tmp_path / "sweep.json").read_text("utf-8"))
    knees = {(knee["strategy"], knee["at"]): knee["knee"] for knee in knees_of(record)}
    assert len(knees) == 4
    assert knees["redis_script", "there and back, ms: 0"] == "30,000"
    assert knees["row_lock", "there and back, ms: 0"] != "30,000"
    with pytest.raises(Problem, match="another profile"):
        Sweep(sweep.scenario, sweep.names, load_profile("one_machine"), axes, tmp_path)


def test_threads_of_one_process_do_not_touch_each_other() -> None:
    """As the workers of a Dask cluster are: a script has the keys of its own run."""
    work = [asked("redis_script", seconds=0.05, seed=seed) for seed in (1, 2, 1, 2, 1, 2)]
    with ThreadPoolExecutor(6) as executor:
        rows = list(executor.map(predict_once, work))
    figures = [
        (row["goodput_per_s"], row["deducted"], row["accepted_latency_ms_p99"]) for row in rows
    ]
    assert figures == 3 * figures[:2]


def test_a_shop_is_predicted_under_every_rule_that_it_names(tmp_path: Path) -> None:
    sets = ("run.seconds=0.5", "demand.processes=1", "demand.hold_s=1")
    scenario = load_scenario("order_or_payment_time", sets)
    campaign = Campaign(scenario, ("row_lock",), PLAIN, tmp_path, Precision(1, 1, 1.0))
    with ThreadPoolExecutor(1) as executor:
        campaign.run(executor, lambda _: None)
    rows = campaign.combined()
    assert [row["rule"] for row in rows] == ["order", "payment"]
    assert {row["verdict"] for row in rows} == {"holds"}
    assert {path.name for path in tmp_path.iterdir() if path.is_dir()} == {
        "row_lock-order-1",
        "row_lock-payment-1",
    }


def test_what_cannot_be_predicted_is_said(tmp_path: Path) -> None:
    shop = load_scenario("payment_timeouts")
    assert predictable((), shop) == shop.matrix.strategies
    with pytest.raises(Problem, match="noop keeps no stock"):
        predictable(("noop",), shop)
    with pytest.raises(Problem, match="leave --sweep out"):
        Sweep(shop, ("row_lock",), PLAIN, {"rate": (50.0,)}, tmp_path)
    assert "noop" not in predictable((), load_scenario("flash_sale"))
