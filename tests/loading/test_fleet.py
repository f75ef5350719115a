"""Locust's processes: masters and workers, the web UI, Ctrl-C, and nobody left behind."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import httpx
import psutil
import pytest

from inventory_core.problems import Problem
from scenarios.loading.fleet import Crewing, Fleet, work_for
from tests.loading.conftest import Played

ROOT = Path(__file__).parents[2]
pytestmark = pytest.mark.slow


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def test_a_master_waits_for_workers_who_come_by_themselves_and_plays_the_same_stream(
    played: Played,
) -> None:
    port = free_port()
    workers = [threading.Thread(target=work_for, args=("127.0.0.1", port)) for _ in range(2)]

    def tell(said: Mapping[str, Any]) -> None:
        if said["event"] == "waiting":
            for worker in workers:
                worker.start()

    crewing = Crewing(master=True, expected=2, master_port=port)
    takings = played(0.002, users=4, seconds=2, fleet=Fleet(crewing, tell))
    for worker in workers:
        worker.join(60)
        assert not worker.is_alive(), "the master sends its workers home"
    keys = sorted(one.key for one in takings.replies)
    assert len(keys) == len(set(keys)), "nothing is delivered twice"
    assert {key % 2 for key in keys} == {0, 1}, "both have played their share"
    assert len(takings.efforts) == 2


def test_the_web_ui_starts_a_run_and_ctrl_c_ends_it(played: Played) -> None:
    def tell(said: Mapping[str, Any]) -> None:
        if said["event"] == "web":
            url = f"http://127.0.0.1:{said['port']}"
            asked = {"user_count": 2, "spawn_rate": 2}
            assert httpx.post(f"{url}/swarm", data=asked, timeout=30).json()["success"]
        if said["event"] == "over":
            raise KeyboardInterrupt

    takings = played(0.002, users=2, fleet=Fleet(Crewing(web_port=0), tell))
    assert takings.replies
    assert not takings.stopped, "the run was over before"


def test_ctrl_c_keeps_what_was_answered_and_leaves_nobody(played: Played) -> None:
    known: list[int] = []

    def tell(said: Mapping[str, Any]) -> None:
        if said["event"] == "begin":
            known.extend(fleet.pids)
            raise KeyboardInterrupt

    fleet = Fleet(Crewing(2), tell)
    takings = played(0.002, seconds=60, users=2, fleet=fleet)
    assert takings.stopped
    assert len(known) == 3
    assert not any(psutil.pid_exists(pid) for pid in known)


def test_a_worker_that_is_lost_makes_the_run_worthless(played: Played) -> None:
    def tell(said: Mapping[str, Any]) -> None:
        if said["event"] == "begin":
            os.kill(fleet.pids[-1], signal.SIGKILL)

    fleet = Fleet(Crewing(2), tell)
    with pytest.raises(Problem, match="a worker of Locust was lost"):
        played(0.002, seconds=3, users=2, fleet=fleet)


def test_processes_of_locust_never_outlive_their_parent() -> None:
    code = (
        "import os, time\n"
        "from scenarios.loading.fleet import _seated\n"
        "from scenarios.loading.job import Seat\n"
        "child = _seated(Seat('worker', master_port=9))\n"
        "print(child.process.pid, flush=True)\n"
        "time.sleep(60)\n"
    )
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    parent = subprocess.Popen(
        [sys.executable, "-c", code], stdout=subprocess.PIPE, env=environment, text=True
    )
    assert parent.stdout is not None
    with parent.stdout as lines:
        pid = int(lines.readline())
    parent.kill()
    parent.wait()
    deadline = time.monotonic() + 20
    while psutil.pid_exists(pid) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not psutil.pid_exists(pid)


def test_gevent_never_comes_into_our_own_process() -> None:
    assert "gevent" not in sys.modules
    import workbench.loading  # noqa: F401 - what `stockproof load` imports

    assert not {"gevent", "locust"} & set(sys.modules)
