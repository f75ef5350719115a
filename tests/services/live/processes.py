"""Workers of a live test as real processes: started side by side, let go at once, ended by id."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

from tests.services.live.worker import Job

ROOT = Path(__file__).parents[3]
PROGRAM = (sys.executable, "-m", "tests.services.live.worker")
WAIT_S = 60

Process = subprocess.Popen[str]


def started(job: Job) -> Process:
    """A process that has its job and gets ready for it."""
    process = subprocess.Popen(
        PROGRAM,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=ROOT,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
    )
    assert process.stdin is not None
    process.stdin.write(job.told())
    process.stdin.flush()
    return process


@contextmanager
def running(jobs: Sequence[Job]) -> Iterator[dict[str, Process]]:
    """All of them by name, ready and let go at one moment; whoever is left is killed at the end."""
    crew = {job.name: started(job) for job in jobs}
    try:
        for name, process in crew.items():
            assert process.stdout is not None
            assert process.stdout.readline() == "ready\n", f"{name} could not start"
        for process in crew.values():
            assert process.stdin is not None
            process.stdin.write("go\n")
            process.stdin.flush()
        yield crew
    finally:
        for process in crew.values():
            process.kill()
            process.wait(WAIT_S)
            for pipe in (process.stdin, process.stdout):
                with suppress(OSError):
                    pipe and pipe.close()


def finished(process: Process) -> int:
    """Wait until a client has done its list; its exit status."""
    return process.wait(WAIT_S)


def stopped(process: Process) -> int:
    """Tell a sweeper to stop, and wait; its exit status."""
    assert process.stdin is not None
    process.stdin.close()
    return process.wait(WAIT_S)
