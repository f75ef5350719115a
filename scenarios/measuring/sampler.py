"""Looks at the stock from outside while a run goes on: how many units are left, now and then."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

from inventory_core.stores.meters import Reading

EVERY_S = 0.05


class Sampler:
    """Reads through connections of its own, beside the code under test, in a thread of its own."""

    def __init__(
        self,
        remaining: Callable[[], int | None],
        every_s: float = EVERY_S,
        *,
        copied: Callable[[], int | None] = lambda: None,
        meters: Callable[[], Reading] = Reading,
        patient: bool = False,
    ) -> None:
        """`copied`: what a copy of the stock says that follows it.

        `patient`: servers may be away for a while, and nobody looks while they are.
        """
        self._remaining, self._copied, self._meters = remaining, copied, meters
        self._every_s = every_s
        self.patient = patient
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self.samples: list[tuple[int, int]] = []
        self.copies: list[int | None] = []
        self.readings: list[tuple[int, Reading]] = []
        self._own = 0
        self.failure: Exception | None = None

    def start(self) -> None:
        """Take the first sample now, and go on beside the run."""
        if self._remaining() is not None:  # as a sample does: the commands of one look are counted
            before = self._meters().commands
            self._sample()
            now = self.readings[0][1].commands
            self._own = 0 if before is None or now is None else now - before
            self._thread.start()

    def _sample(self) -> bool:
        units = self._remaining()
        if units is not None:
            copied = self._copied()
            now_ns = time.monotonic_ns()
            wal_bytes, commands = self._meters()
            if commands is not None:  # what we asked ourselves is no cost of the strategy
                commands -= self._own * len(self.samples)
            self.samples.append((now_ns, units))
            self.copies.append(copied)
            self.readings.append((now_ns, Reading(wal_bytes, commands)))
        return units is not None

    def _run(self) -> None:
        while not self._stop.wait(self._every_s):
            try:
                self._sample()
            except Exception as failure:  # noqa: BLE001 - a look that fails must not end a run
                if not self.patient or isinstance(failure, AssertionError):
                    self.failure = failure
                    return

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
