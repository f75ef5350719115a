"""Live campaigns: controls are caught, others hold, runs are kept, and nothing is left behind."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import psutil
import pyarrow.parquet as pq
import pytest

from inventory_core.problems import Problem
from scenarios.history import SCHEMAS, RunFolder
from scenarios.measuring.campaign import Comparison, measure
from scenarios.measuring.pairs import pairs_of
from scenarios.scenario import load_scenario
from tests.measuring import lossy

ROOT = Path(__file__).parents[2]
STRANGE = "tests.measuring.strange_strategies:"
SHORT = ["demand.connections=4", "stock.quantity=300"]
CONTRACT = {
    *("strategy", "stack", "world", "connections", "durability", "fsync_us", "repetitions"),
    *("goodput_per_s", "goodput_per_s_low", "goodput_per_s_high", "sold_out_after_s"),
    *("attempts", "deducted", "replayed", "refused", "contended", "errors", "unknown", "dropped"),
    *("accepted_latency_ms_p50", "accepted_latency_ms_p99", "refused_latency_ms_p99"),
    *("oversold_units", "undersold_units", "undersold_by_cause", "units_left_over"),
    *("duplicated_orders", "lost_orders", "leaked_units", "driver_bound", "verdict"),
    "promises_broken",
}

pytestmark = pytest.mark.slow


def live(
    out: Path,
    names: Sequence[str],
    settings: Sequence[str] = (),
    scenario: str = "flash_sale",
    **options: Any,
) -> Comparison:
    chosen = {"seconds": 0.8, "repetitions": 1, "seed": 1} | options
    return measure(load_scenario(scenario, [*SHORT, *settings]), names, out=out, **chosen)


def rows_of(comparison: Comparison) -> dict[str, dict[str, Any]]:
    return {row["strategy"].removeprefix(STRANGE): row for row in comparison.rows}


def test_the_floor_holds_with_nothing_to_judge(tmp_path: Path) -> None:
    row = rows_of(live(tmp_path, ["noop"], seconds=0.2))["noop"]
    assert (row["stack"], row["verdict"], row["judged"]) == ("null", "holds", [])
    assert row["goodput_per_s"] > 1_000
    assert set(row) >= CONTRACT


def test_who_does_not_fit_a_stack_is_skipped_with_the_sentence_why() -> None:
    pairs, skipped = pairs_of(
        load_scenario("flash_sale"), ["redis_script", "row_lock"], "postgresql"
    )
    assert [pair.strategy for pair in pairs] == ["row_lock"]
    assert skipped == ("redis_script needs kv, and the stack postgresql offers sql",)


def test_a_campaign_in_which_nobody_fits_is_a_problem() -> None:
    with pytest.raises(Problem, match="redis_script needs kv"):
        pairs_of(load_scenario("flash_sale"), ["redis_script"], "postgresql")


@pytest.mark.live
def test_the_naive_way_is_void_and_the_right_way_holds(tmp_path: Path) -> None:
    names = ["noop", "naive_read_write", "conditional_update"]
    comparison = live(tmp_path, names, ["stock.quantity=100"], repetitions=2)
    rows = rows_of(comparison)
    assert comparison.about["floor"]["share"] > 0, "the harness floor stands beside the rows"
    naive, right = rows["naive_read_write"], rows["conditional_update"]
    assert naive["verdict"] == "void"
    assert naive["promises_broken"]
    assert (right["verdict"], right["promises_broken"]) == ("holds", [])
    for name in ("oversold_units", "duplicated_orders", "lost_orders", "leaked_units"):
        assert right[name] == 0
    assert right["sold_out_after_s"] is not None
    assert "commit on" in right["durability"]
    assert right["fsync_us"] > 0
    assert right["repetitions"] == 2


@pytest.mark.live
@pytest.mark.parametrize("scenario", ["oversell_attempts", "real_baskets"])
def test_every_family_holds_in_the_other_scenarios(tmp_path: Path, scenario: str) -> None:
    names = ["conditional_update", "redis_script", "redis_with_task"]
    settings = ["demand.rate_per_s=200", "stock.quantity=40"]
    rows = rows_of(live(tmp_path, names, settings, scenario))
    assert {name: row["verdict"] for name, row in rows.items()} == dict.fromkeys(names, "holds")
    assert all(row["deducted"] > 0 for row in rows.values())


@pytest.mark.live
def test_lost_replies_are_unknown_and_everybody_still_holds(tmp_path: Path) -> None:
    names = ["conditional_update", "row_lock", "redis_script", "redis_with_task"]
    rows = rows_of(live(tmp_path, names, ["stock.quantity=800"], connect=lossy.connect))
    assert {name: row["verdict"] for name, row in rows.items()} == dict.fromkeys(names, "holds")
    for row in rows.values():
        assert row["unknown"] > 0
        assert row["replayed"] > 0
        assert row["note"] == ""


@pytest.mark.live
def test_planted_bugs_are_caught_live(tmp_path: Path) -> None:
    rows = rows_of(live(tmp_path, [f"{STRANGE}ForgetsUnits", f"{STRANGE}Unfriendly"]))
    leaky, unfriendly = rows["ForgetsUnits"], rows["Unfriendly"]
    assert leaky["leaked_units"] > 0
    assert "leaves nothing behind" in leaky["promises_broken"]
    assert unfriendly["undersold_units"] > 0
    assert "no false sold-out" in unfriendly["promises_broken"]
    assert leaky["verdict"] == unfriendly["verdict"] == "void"


@pytest.mark.live
def test_an_open_loop_counts_from_the_intended_time_and_adds_up(tmp_path: Path) -> None:
    settings = ["demand.kind=open", "demand.rate_per_s=20000", "demand.queue=20"]
    comparison = live(tmp_path, ["conditional_update"], settings)
    row = comparison.rows[0]
    assert row["dropped"] > 0
    assert row["verdict"] == "holds"
    parts = ("deducted", "replayed", "refused", "contended", "errors", "unknown", "dropped")
    assert row["attempts"] == sum(row[part] for part in parts)


@pytest.mark.live
def test_a_run_folder_has_every_record_and_is_not_run_again(tmp_path: Path) -> None:
    first = live(tmp_path, ["conditional_update"])
    folder = RunFolder(tmp_path / first.rows[0]["runs"][0])
    for name, schema in SCHEMAS.items():
        table = pq.read_table(folder.path / f"{name}.parquet")
        assert table.schema.names == schema.names
        assert bool(len(table)) == (name != "faults"), name
    about = folder.json("run")
    assert about["machine"]["cores"] >= 1
    assert about["durability"]["sql"]
    assert folder.json("verdict")["row"] == first.rows[0] | {
        key: folder.json("verdict")["row"][key]
        for key in ("repetitions", "goodput_per_s_low", "goodput_per_s_high")
    }
    written = folder.path.stat().st_mtime_ns
    again = live(tmp_path, ["conditional_update"])
    assert again.rows == first.rows
    assert folder.path.stat().st_mtime_ns == written
    with pytest.raises(Problem, match="another seed"):
        live(tmp_path, ["conditional_update"], seed=2)


PARENT = """
import sys
from pathlib import Path
from tests.measuring.test_campaign import live
live(Path(sys.argv[1]), ["conditional_update", "row_lock"], seconds=1.0, repetitions=30,
     progress=lambda p: print(p.done, flush=True))
"""


@pytest.mark.live
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_a_killed_campaign_keeps_its_finished_runs_and_leaves_no_process(
    tmp_path: Path, number: signal.Signals
) -> None:
    parent = subprocess.Popen(
        [sys.executable, "-c", PARENT, str(tmp_path)],
        cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    assert parent.stdout is not None
    while int(parent.stdout.readline() or b"9") < 1:
        pass
    parent.stdout.readline()  # the second run has begun
    time.sleep(0.3)
    family = psutil.Process(parent.pid).children(recursive=True)
    assert len(family) >= 3, "two workers and a server at least"
    began = time.monotonic()
    os.kill(parent.pid, number)
    parent.wait(15)
    _, left = psutil.wait_procs(family, timeout=15)
    assert left == []
    assert time.monotonic() - began < 15
    finished = [folder.path.name for folder in RunFolder(tmp_path).runs()]
    assert finished
    rows = json.loads((tmp_path / "comparison.json").read_text())["rows"]
    assert [run for row in rows for run in row["runs"]] == finished


@pytest.mark.live
def test_driver_plan_and_history_are_a_small_share_of_one_clients_latency() -> None:
    from inventory_core.stores.servers import Servers, Settings
    from inventory_core.stores.stacks import find_stack
    from scenarios.measuring.floor import floor_of

    with Servers(Settings()) as servers, servers.open(find_stack("postgresql")) as place:
        floor = floor_of(place)
    assert floor.steps >= 4
    assert 0 < floor.step_cost_ns < 10_000
    assert floor.share < 0.10, floor
