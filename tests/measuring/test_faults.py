"""Live runs with faults: who holds, who is void, what is lost, and that no process is left over."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import psutil
import pytest

from inventory_core.problems import Problem
from inventory_core.stores.servers import Settings
from scenarios.history import RunFolder
from scenarios.measuring.campaign import Comparison, measure
from scenarios.scenario import load_scenario

ROOT = Path(__file__).parents[2]
SETTINGS = ["demand.connections=4", "stock.quantity=1000000", "run.warm_up=none"]

pytestmark = [pytest.mark.slow, pytest.mark.live]


def live(
    out: Path,
    names: Sequence[str],
    faults: Sequence[str],
    seconds: float = 1.5,
    seed: int = 1,
    **options: Any,
) -> Comparison:
    settings = [*SETTINGS, f"run.seconds={seconds}", f"run.seed={seed}", "run.repetitions=1"]
    return measure(load_scenario("flash_sale", settings, faults), names, out=out, **options)


def rows_of(comparison: Comparison) -> dict[str, dict[str, Any]]:
    return {row["strategy"]: row for row in comparison.rows}


def test_dying_clients_and_lost_replies_break_no_promise(tmp_path: Path) -> None:
    names = ["conditional_update", "redis_script", "redis_with_task"]
    comparison = live(tmp_path, names, ["client_dies,share=0.05", "reply_lost,share=0.05"])
    for name, row in rows_of(comparison).items():
        assert (row["verdict"], row["note"]) == ("holds", ""), name
        assert row["unknown"] > 0
        assert row["faults"]["struck"].keys() == {"client_dies", "reply_lost"}
        assert row["faults"]["stranded_after_recover"] == 0


def test_a_killed_server_loses_nothing_that_was_acknowledged(tmp_path: Path) -> None:
    names = ["conditional_update", "redis_script", "redis_with_task"]
    for name, row in rows_of(live(tmp_path, names, ["server_killed,at_s=0.7"])).items():
        assert row["promises_broken"] == [], name
        assert row["faults"]["acknowledged_before_crash"] > 0
        assert row["faults"]["lost_acknowledgements"] == 0
        assert row["faults"]["down_s"] >= 0.2
        assert row["unknown"] > 0, "somebody was waiting for an answer"
        faults = RunFolder(tmp_path / row["runs"][0]).table("faults").to_pylist()
        assert {one["kind"] for one in faults} == {"server_killed"}
        assert all("recovered" in one["what"] for one in faults)


def test_what_valkey_had_not_flushed_is_lost_with_the_power_as_declared(tmp_path: Path) -> None:
    (row,) = live(tmp_path, ["redis_script"], ["power_lost,at_s=0.3"], seconds=2.5).rows
    assert row["faults"]["lost_acknowledgements"] > 0
    assert 0 < row["faults"]["lost_share"] < 1
    assert row["promises_broken"] == []
    assert row["lost_orders"] == 0, "a declared loss is a figure of its own"


def test_the_same_loss_is_void_for_who_did_not_declare_it(tmp_path: Path) -> None:
    name = "tests.measuring.strange_strategies:SaysItLosesNothing"
    (row,) = live(tmp_path, [name], ["power_lost,at_s=0.3"], seconds=2.5).rows
    assert row["verdict"] == "void"
    assert "all or nothing" in row["promises_broken"]
    assert row["lost_orders"] > 0


def with_a_paused_holder(out: Path, name: str, seed: int) -> dict[str, Any]:
    """A run in which holders stand still for longer than their lease, time and again."""
    fault = "holder_paused,at_s=0.1,every_s=0.25,pause_s=0.18,lease_ms=60"
    (row,) = live(out, [name], [fault], 5, seed=seed).rows
    assert row["faults"]["struck"]["holder_paused"] > 5
    return row


def test_a_holder_that_stood_still_is_caught_by_the_fence(tmp_path: Path) -> None:
    row = with_a_paused_holder(tmp_path, "redis_lock_fenced", seed=1)
    assert row["promises_broken"] == []


def test_a_holder_that_stood_still_oversells_without_a_fence(tmp_path: Path) -> None:
    # Whether a pause falls between a reading and its writing is chance: one in six or so.
    for seed in range(1, 7):
        row = with_a_paused_holder(tmp_path / f"{seed}", "redis_lock", seed)
        if row["verdict"] == "void":
            assert row["surplus_units"] > 0
            return
    raise AssertionError("six runs, a hundred pauses, and no sale was written over")


def test_a_pause_that_is_shorter_than_the_lease_harms_nobody(tmp_path: Path) -> None:
    fault = "holder_paused,at_s=0.2,every_s=0.25,pause_s=0.05,lease_ms=20000"
    (row,) = live(tmp_path, ["redis_lock"], [fault], seconds=2).rows
    assert row["promises_broken"] == []


def test_a_server_of_somebody_elses_is_not_killed(tmp_path: Path) -> None:
    theirs = Settings(redis_url="redis://127.0.0.1:1/0")
    with pytest.raises(Problem, match="this valkey is yours"):
        live(tmp_path, ["redis_script"], ["server_killed"], settings=theirs)


def test_who_has_no_such_server_is_skipped_with_the_sentence_why(tmp_path: Path) -> None:
    with pytest.raises(Problem, match="conditional_update on postgresql has no valkey that"):
        live(tmp_path, ["conditional_update"], ["server_killed,server=valkey"])


PARENT = """
import sys
from pathlib import Path
from tests.measuring.test_faults import live
print("begins", flush=True)
live(Path(sys.argv[1]), ["redis_script"], [sys.argv[2]], seconds=30.0)
"""


def struck_family(parent: psutil.Process, fault: str) -> list[psutil.Process]:
    """The processes of a campaign, as soon as the fault has struck."""
    wanted = {"stopped"} if fault.startswith("holder") else set()
    deadline_s = time.monotonic() + 60
    while time.monotonic() < deadline_s:
        family = parent.children(recursive=True)
        with suppress(psutil.NoSuchProcess):  # a server that has just been killed
            states = {process.status() for process in family}
            if len(family) >= 4 and wanted <= states:  # two workers, a watchdog, a server
                time.sleep(0.0 if wanted else 1.5)  # long enough for a kill or two
                return parent.children(recursive=True)
        time.sleep(0.05)
    raise AssertionError(f"no such fault struck within a minute: {fault}")


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
@pytest.mark.parametrize(
    "fault", ["holder_paused,at_s=0.1,pause_s=20", "server_killed,every_s=0.3"]
)
def test_a_campaign_killed_in_the_middle_of_a_fault_leaves_no_process(
    tmp_path: Path, fault: str, number: signal.Signals
) -> None:
    parent = subprocess.Popen(
        [sys.executable, "-c", PARENT, str(tmp_path), fault],
        cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    assert parent.stdout is not None
    parent.stdout.readline()
    family = struck_family(psutil.Process(parent.pid), fault)
    os.kill(parent.pid, number)
    parent.wait(30)
    _, left = psutil.wait_procs(family, timeout=30)
    assert left == []
