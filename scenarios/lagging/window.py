"""The shop window: the product system's copy, which takes only what is newer.

An epoch begins with a snapshot; within it the version decides. The planted window (`versioned` is
false) takes whatever comes last.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

from scenarios.lagging.source import Row


class Arrival(NamedTuple):
    """The copy became this version."""

    at_s: float
    article: int
    version: int


class Window:
    """What is shown of every article."""

    def __init__(
        self, rows: Sequence[Row], now_s: Callable[[], float], *, versioned: bool = True
    ) -> None:
        self._shown = [(0, row) for row in rows]
        self._now_s = now_s
        self._versioned = versioned
        self.written = 0
        self.ignored = 0
        self.arrivals: list[Arrival] = []

    def shown(self, article: int) -> Row:
        """What a shopper sees."""
        return self._shown[article][1]

    def put(self, article: int, row: Row, epoch: int = 0) -> None:
        """Told that this is so, perhaps again, perhaps late."""
        there_epoch, there = self._shown[article]
        if self._versioned and (epoch, row.version) <= (there_epoch, there.version):
            self.ignored += 1
            return
        self._shown[article] = (epoch, row)
        self.written += 1
        self.arrivals.append(Arrival(self._now_s(), article, row.version))
