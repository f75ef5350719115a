"""Ctrl-C and friends: the first asks for a stop in good order, the third ends at once.

A stop in good order removes our schemas and keys, stops private servers and keeps finished runs.
When we end at once, the private servers are stopped by their watchdogs, the workers end with us,
and on servers of the user's a schema and keys may be left.
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

STOPPED = 130
SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
PATIENCE = 3
"""Signals until we end without cleaning up."""


class Stopped(KeyboardInterrupt):
    """The user stopped us; the text says where what was finished is."""


class Stop:
    """Counts the signals, and answers each."""

    def __init__(self) -> None:
        self._asked = 0

    def asked(self, number: int, frame: FrameType | None) -> None:
        """A signal has come."""
        self._asked += 1
        if self._asked == 1:
            raise KeyboardInterrupt
        if self._asked < PATIENCE:
            _say("stopping; once more ends at once, without cleaning up")
            return
        os._exit(STOPPED)


def _say(text: str) -> None:
    # Not print: the signal may have come in the middle of one.
    os.write(sys.__stderr__.fileno() if sys.__stderr__ else 2, f"stockproof: {text}\n".encode())


@contextmanager
def in_good_order() -> Iterator[None]:
    """Answer signals while the block runs; what is ignored (nohup, background jobs) stays so."""
    stop = Stop()
    heard = [each for each in SIGNALS if signal.getsignal(each) is not signal.SIG_IGN]
    before = [(each, signal.signal(each, stop.asked)) for each in heard]
    try:
        yield
    finally:
        for each, handler in before:
            signal.signal(each, handler)
