"""A run that is killed leaves no process behind, and keeps what was finished."""

from __future__ import annotations

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

pytestmark = [pytest.mark.slow, pytest.mark.live]

WITHIN_S = 30.0
NAMES = ("conditional_update", "redis_script", "redis_with_task")


@contextmanager
def measuring(cwd: Path) -> Iterator[subprocess.Popen[str]]:
    """A `measure` that would go on for minutes, with a finished run behind it."""
    chosen = [word for name in NAMES for word in ("--strategy", name)]
    arguments = ("measure", "flash_sale", "--seconds", "0.5", "--repeat", "200", *chosen)
    root = str(Path(__file__).parents[2])
    process = subprocess.Popen(
        command(*arguments, "--out", "kept"),
        cwd=cwd,
        env=os.environ | {"PYTHONPATH": root},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    try:
        wait_until(lambda: len(list((cwd / "kept").glob("*/verdict.json"))) >= 4)
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
    assert (tmp_path / "kept" / "comparison.json").exists()


def alive(process: psutil.Process) -> bool:
    """Is it running? A zombie whose parent has gone is not."""
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False
