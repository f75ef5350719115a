"""A run that is killed leaves no process behind, and keeps what was finished."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
import pytest

from tests.workbench.command import command
from workbench.command_line import run
from workbench.stopping import in_good_order

pytestmark = [pytest.mark.slow, pytest.mark.live]

WITHIN_S = 90.0
NAMES = ("conditional_update", "redis_script", "redis_with_task")


@contextmanager
def measuring(cwd: Path) -> Iterator[subprocess.Popen[str]]:
    """A `measure` that would go on for minutes, with finished runs behind it."""
    chosen = [word for name in NAMES for word in ("--strategy", name)]
    arguments = ("measure", "flash_sale", "--seconds", "0.5", "--repeat", "200", *chosen)
    with running(cwd, *arguments, "--out", "kept") as process:
        wait_until(lambda: len(list((cwd / "kept").glob("*/verdict.json"))) >= 4)
        yield process


@contextmanager
def running(cwd: Path, *arguments: str) -> Iterator[subprocess.Popen[str]]:
    """The command in a process group of its own, as a terminal would start it."""
    root = str(Path(__file__).parents[2])
    process = subprocess.Popen(
        command(*arguments),
        cwd=cwd,
        env=os.environ | {"PYTHONPATH": root},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def wait_until(true: Callable[[], bool]) -> None:
    """Poll until it is true; a deadline, not a pause, ends the patience."""
    ends = time.monotonic() + WITHIN_S
    while not true():
        assert time.monotonic() < ends, "it did not happen in time"
        time.sleep(0.02)


def family(pid: int) -> list[psutil.Process]:
    """All descendants: workers, watchdogs, servers and their children."""
    return psutil.Process(pid).children(recursive=True)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_no_process_is_left_and_finished_runs_are_kept(
    number: signal.Signals, tmp_path: Path
) -> None:
    with measuring(tmp_path) as process:
        started = family(process.pid)
        names = {each.name() for each in started}
        assert any("postgres" in name for name in names), names
        assert any("valkey" in name for name in names), names
        process.send_signal(number)
        stderr = process.communicate(timeout=WITHIN_S)[1]
        wait_until(lambda: not any(alive(each) for each in started))
    if number is not signal.SIGKILL:
        assert process.returncode == 130, stderr
        assert "finished runs are in kept" in stderr
        assert "Traceback" not in stderr
    kept = list((tmp_path / "kept").glob("*/verdict.json"))
    assert len(kept) >= 4
    record = json.loads((tmp_path / "kept" / "comparison.json").read_text("utf-8"))
    assert record["command"].startswith("stockproof measure flash_sale --seconds 0.5")
    assert sum(row["repetitions"] for row in record["rows"]) >= 4
    assert run(["report", str(tmp_path / "kept")]) == 0  # what is there is good for a report


def test_ctrl_c_reaches_the_whole_group_and_only_one_of_it_answers(tmp_path: Path) -> None:
    with measuring(tmp_path) as process:
        started = family(process.pid)
        os.killpg(process.pid, signal.SIGINT)
        stderr = process.communicate(timeout=WITHIN_S)[1]
        wait_until(lambda: not any(alive(each) for each in started))
    assert process.returncode == 130
    assert "Traceback" not in stderr


def test_whoever_is_impatient_gets_a_clean_end_all_the_same(tmp_path: Path) -> None:
    with measuring(tmp_path) as process:
        started = family(process.pid)
        process.send_signal(signal.SIGTERM)
        process.send_signal(signal.SIGTERM)
        stderr = process.communicate(timeout=WITHIN_S)[1]
        wait_until(lambda: not any(alive(each) for each in started))
    assert process.returncode == 130
    assert "Traceback" not in stderr
    assert "finished runs are in kept" in stderr


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGKILL])
def test_a_proof_that_is_stopped_stops_at_once_with_all_its_workers(
    number: signal.Signals, tmp_path: Path
) -> None:
    with running(tmp_path, "prove") as process:
        wait_until(lambda: at_work(process.pid))
        started = family(process.pid)
        began = time.monotonic()
        os.killpg(process.pid, number) if number is signal.SIGINT else process.kill()
        stderr = process.communicate(timeout=WITHIN_S)[1]
        wait_until(lambda: not any(alive(each) for each in started))
        assert time.monotonic() - began < 10
    if number is signal.SIGINT:
        assert process.returncode == 130
        assert stderr.endswith("stockproof: stopped; nothing was finished yet\n")
        assert "Traceback" not in stderr


def test_simulations_end_with_whoever_asked_for_them(tmp_path: Path) -> None:
    endless = ("--replications", "100", "--seconds", "5", "--strategy", "row_lock")
    with running(tmp_path, "predict", "flash_sale", *endless) as process:
        wait_until(lambda: at_work(process.pid))
        started = family(process.pid)
        process.kill()
        process.communicate(timeout=WITHIN_S)
        wait_until(lambda: not any(alive(each) for each in started))


def at_work(pid: int) -> bool:
    """Is there a process below this one that does more than start?"""
    return any(each.cpu_times().user > 1 for each in family(pid) if alive(each))


def test_what_is_to_be_ignored_stays_ignored() -> None:
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)  # as nohup would have it
    try:
        with in_good_order():
            signal.raise_signal(signal.SIGHUP)
    finally:
        signal.signal(signal.SIGHUP, before)


def alive(process: psutil.Process) -> bool:
    """Is it running? A zombie whose parent has gone is not."""
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False
