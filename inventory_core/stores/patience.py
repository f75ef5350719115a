"""How long an event loop waits for a server: one timer, however often it is put off."""

from __future__ import annotations

import asyncio
from collections.abc import Callable


class Patience:
    """Calls `give_up` when `most_s` have passed since the last `begin` without an `end`.

    A timer of its own for every request would cost more than the rest of the waiting: here a
    request only notes when it is due, and the timer, when it fires, looks at the note.
    """

    def __init__(self, most_s: float, give_up: Callable[[], None]) -> None:
        self.most_s = most_s
        self._give_up = give_up
        self._due: float | None = None
        self._timer: asyncio.TimerHandle | None = None

    def begin(self) -> None:
        """Something is expected, from now on."""
        loop = asyncio.get_running_loop()
        self._due = loop.time() + self.most_s
        if self._timer is None:
            self._timer = loop.call_at(self._due, self._look)

    def end(self) -> None:
        """It came, or nobody wants it any more."""
        self._due = None

    def stop(self) -> None:
        """Nothing will be expected again."""
        self._due = None
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _look(self) -> None:
        self._timer = None
        if self._due is None:
            return
        loop = asyncio.get_running_loop()
        if loop.time() < self._due:
            self._timer = loop.call_at(self._due, self._look)
        else:
            self._due = None
            self._give_up()
