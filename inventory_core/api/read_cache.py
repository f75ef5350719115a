"""The read path's memory: an answer an article, channel and address, for a stated short while.

Requests that want the same article at the same time share one look at the store (single flight).
An answer is never older than `staleness_ms` when it is given, counted from before it was read.
"""

from __future__ import annotations

import asyncio
import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from inventory_core.services.contract import Availability

Read = Callable[[str, str, tuple[str, ...]], Awaitable[tuple[Availability, ...]]]
"""Asks the store: channel, address, articles."""
At = tuple[str, str, str]


@dataclass(frozen=True, slots=True)
class Kept:
    """An answer, and when it was asked for (seconds on this process's clock)."""

    answer: Availability
    asked_s: float


class ReadCache:
    """Answers queries from memory where it may, and asks for the rest together."""

    def __init__(self, read: Read, staleness_ms: int, most: int) -> None:
        self._read = read
        self._staleness_s = staleness_ms / 1_000
        self._most = most
        self._kept: OrderedDict[At, Kept] = OrderedDict()
        self._flying: dict[At, asyncio.Future[Kept]] = {}
        self.hits = self.misses = 0

    async def find(
        self, channel: str, address: str, skus: Sequence[str], fresh: bool
    ) -> tuple[tuple[Availability, ...], float]:
        """An answer for each article, in the order asked, and the age of the oldest (seconds)."""
        keys = [(channel, address, sku) for sku in skus]
        found: dict[At, Kept] = {} if fresh else self._remembered(keys)
        missing = [key for key in dict.fromkeys(keys) if key not in found]
        self.hits, self.misses = self.hits + len(found), self.misses + len(missing)
        if missing:
            found |= await self._asked(missing, fresh)
        now_s = time.monotonic()
        oldest_s = min((found[key].asked_s for key in keys), default=now_s)
        return tuple(found[key].answer for key in keys), now_s - oldest_s

    def _remembered(self, keys: Sequence[At]) -> dict[At, Kept]:
        since_s = time.monotonic() - self._staleness_s
        known = ((key, self._kept.get(key)) for key in keys)
        return {key: kept for key, kept in known if kept is not None and kept.asked_s > since_s}

    async def _asked(self, missing: Sequence[At], fresh: bool) -> dict[At, Kept]:
        """Ask for what nobody is asking for, and wait for what others are."""
        others = {} if fresh else {k: self._flying[k] for k in missing if k in self._flying}
        ours = [key for key in missing if key not in others]
        found = await self._fly(ours) if ours else {}
        for key, flight in others.items():
            found[key] = await asyncio.shield(flight)
        return found

    async def _fly(self, keys: Sequence[At]) -> dict[At, Kept]:
        flights = {key: asyncio.get_running_loop().create_future() for key in keys}
        self._flying |= flights
        asked_s = time.monotonic()
        try:
            answers = await self._read(keys[0][0], keys[0][1], tuple(sku for _, _, sku in keys))
            found = {key: Kept(answer, asked_s) for key, answer in zip(keys, answers, strict=True)}
        except BaseException as error:
            for flight in flights.values():
                _fail(flight, error)
            raise
        finally:
            for key, flight in flights.items():
                if self._flying.get(key) is flight:
                    del self._flying[key]
        for key, kept in found.items():
            flights[key].set_result(kept)
        self._keep(found)
        return found

    def _keep(self, found: dict[At, Kept]) -> None:
        for key, kept in found.items():
            self._kept[key] = kept
            self._kept.move_to_end(key)
        while len(self._kept) > self._most:
            self._kept.popitem(last=False)


def _fail(flight: asyncio.Future[Kept], error: BaseException) -> None:
    if isinstance(error, asyncio.CancelledError):
        flight.cancel()
        return
    flight.set_exception(error)
    flight.exception()  # somebody may be waiting, or nobody: neither is a warning
