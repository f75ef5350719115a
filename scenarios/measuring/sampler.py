"""Looks at the stock from outside while a run goes on: how many units are left, now and then."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

EVERY_S = 0.05


class Sampler:
    """Reads through a connection of its own, beside the code under test, in a thread of its own."""

    def __init__(self, remaining: Callable[[], int | None], every_s: float = EVERY_S) -> None:
        self._remaining = remaining
        self._every_s = every_s
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self.samples: list[tuple[int, int]] = []
        self.failure: Exception | None = None

    def start(self) -> None:
        """Take the first sample now, and go on beside the run."""
        if self._sample():
            self._thread.start()

    def _sample(self) -> bool:
        units = self._remaining()
        if units is not None:
            self.samples.append((time.monotonic_ns(), units))
        return units is not None

    def _run(self) -> None:
        try:
            while not self._stop.wait(self._every_s):
                self._sample()
        except Exception as failure:  # noqa: BLE001 - a look that fails must not end a run
            self.failure = failure

    def stop(self) -> str:
        """Take the last sample. Answers empty, or why the stock was not watched to the end."""
        self._stop.set()
        if self._thread.is_alive():
            self._thread.join()
        if self.failure is None:
            self._sample()
            return ""
        if isinstance(self.failure, AssertionError):
            raise self.failure  # a bug is not to be slept over
        return f"the stock was not watched to the end ({type(self.failure).__name__})"
