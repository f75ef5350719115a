"""Worker processes: they share the clients, tell of bugs, and never outlive their parent."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import psutil
import pytest

from inventory_core.domain import Limits
from inventory_core.problems import Problem
from inventory_core.stores.addresses import Address
from inventory_core.stores.stacks import connect
from scenarios.demand import STRIDE, Share
from scenarios.measuring.crew import Crew
from scenarios.measuring.job import Job
from scenarios.scenario import load_scenario

ROOT = Path(__file__).parents[2]
pytestmark = pytest.mark.slow


def a_job(strategy: str = "noop", seconds: float = 0.3) -> Job:
    scenario = load_scenario("flash_sale", ["demand.connections=2"])
    return Job(strategy, Limits(), connect, Address("null"), scenario, 1, seconds, Share(0, 0, 0))


def test_two_workers_play_all_clients_and_serve_again() -> None:
    with Crew(2) as crew:
        for _ in range(2):
            results = crew.run(a_job())
            clients = np.concatenate([result.client for result in results])
            assert set(clients.tolist()) == {0, 1, 2, 3}
            positions = np.concatenate([result.position for result in results])
            assert len(np.unique(positions)) == len(positions), "nothing is delivered twice"
            first = positions[positions < STRIDE]
            assert first.max() > 100
        pids = crew.pids
    assert not any(psutil.pid_exists(pid) for pid in pids)


def test_a_bug_in_a_client_ends_the_run_with_its_trace() -> None:
    with Crew(2) as crew:
        with pytest.raises(AssertionError, match="a planted bug"):
            crew.run(a_job("tests.measuring.strange_strategies:Buggy"))
        assert crew.pids == (), "nobody goes on after a bug"
        assert crew.run(a_job()), "and the next run has fresh workers"


def test_a_problem_in_a_worker_is_told_as_one_sentence() -> None:
    with Crew(1) as crew, pytest.raises(Problem, match="there is no strategy"):
        crew.run(a_job("nonsense"))


def test_a_worker_killed_from_outside_is_a_problem_not_a_hang() -> None:
    with Crew(2) as crew:
        crew.run(a_job())

        def kill(_: object) -> None:
            os.kill(crew.pids[0], signal.SIGKILL)

        with pytest.raises(Problem, match="killed from outside"):
            crew.run(replace(a_job(), seconds=2.0), kill)


PARENT = """
import sys
from scenarios.measuring.crew import Crew
from tests.measuring.test_crew import a_job
with Crew(2) as crew:
    crew.run(a_job(seconds=60), lambda _: print(*crew.pids, flush=True))
"""


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
def test_workers_do_not_outlive_their_parent(number: signal.Signals) -> None:
    parent = subprocess.Popen(
        [sys.executable, "-c", PARENT], cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    )
    assert parent.stdout is not None
    pids = [int(word) for word in parent.stdout.readline().split()]
    assert len(pids) == 2
    parent.send_signal(number)
    parent.wait(10)
    deadline = time.monotonic() + 10
    while any(map(alive, pids)) and time.monotonic() < deadline:
        time.sleep(0.02)
    assert not any(map(alive, pids))


def alive(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False
