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
        self.failure: BaseException | None = None

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
        except BaseException as failure:  # noqa: BLE001 - told to the run when it is over
            self.failure = failure

    def stop(self) -> None:
        """Take the last sample; a bug while looking ends the run."""
        self._stop.set()
        if self._thread.is_alive():
            self._thread.join()
        if self.failure is not None:
            raise self.failure
        self._sample()
