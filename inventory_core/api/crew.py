"""Several API processes on one socket: started, watched, and stopped in good order."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Self

from inventory_core.api.metrics import SEVERAL
from inventory_core.api.settings import ApiSettings
from inventory_core.api.worker import READY, told
from inventory_core.problems import Problem
from inventory_core.stores.service import ServiceAddress

LOOK_EVERY_S = 0.2
PROGRAM = (sys.executable, "-m", "inventory_core.api.worker")


class Crew:
    """API processes that end with this one. One that dies is replaced, within reason."""

    def __init__(
        self, address: ServiceAddress, settings: ApiSettings, listener: socket.socket, number: int
    ) -> None:
        self._line = told(address, settings)
        self._listener = listener
        self._stop_within_s = settings.shutdown_s + settings.drain_s + 5
        self._number = number
        self._replacements = 10 * number
        self._figures = ""
        self._workers: list[subprocess.Popen[bytes]] = []

    def __enter__(self) -> Self:
        """Start them, side by side, and return when all are ready."""
        self._figures = tempfile.mkdtemp(prefix="stockproof-figures-")
        try:
            self._workers = [self._started() for _ in range(self._number)]
            for worker in self._workers:
                _await_ready(worker)
        except BaseException:
            self._stop()
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._stop()

    @property
    def pids(self) -> tuple[int, ...]:
        """Their process ids."""
        return tuple(worker.pid for worker in self._workers)

    def wait(self) -> None:
        """Replace those that die; ends with the interrupt that ends everything."""
        while True:  # until a signal
            time.sleep(LOOK_EVERY_S)
            for place, worker in enumerate(self._workers):
                if worker.poll() is not None:
                    self._replace(place, worker)

    def _replace(self, place: int, worker: subprocess.Popen[bytes]) -> None:
        if not self._replacements:
            raise Problem("API processes die again and again: see what they last said, above")
        self._replacements -= 1
        worker.wait()
        self._workers[place] = self._started()

    def _started(self) -> subprocess.Popen[bytes]:
        worker = subprocess.Popen(
            [*PROGRAM, str(self._listener.fileno())],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            pass_fds=[self._listener.fileno()],
            env=os.environ | {SEVERAL: self._figures, "PYTHONPATH": _path()},
        )
        assert worker.stdin is not None
        worker.stdin.write(self._line)
        worker.stdin.flush()
        return worker

    def _stop(self) -> None:
        for worker in self._workers:
            assert worker.stdin is not None
            with suppress(OSError):
                worker.stdin.close()
        for worker in self._workers:
            try:
                worker.wait(self._stop_within_s)
            except subprocess.TimeoutExpired:
                worker.kill()
                worker.wait()
        shutil.rmtree(self._figures, ignore_errors=True)


def _path() -> str:
    """Where this very code is, for the interpreters that we start."""
    here = str(Path(__file__).parents[2])
    return os.pathsep.join(filter(None, (here, os.environ.get("PYTHONPATH", ""))))


def _await_ready(worker: subprocess.Popen[bytes]) -> None:
    assert worker.stdout is not None
    if worker.stdout.readline() != READY:
        raise Problem("an API process could not start: see what it last said, above")
