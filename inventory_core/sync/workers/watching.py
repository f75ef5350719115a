"""How far rows are behind their cache: what waits, and since when, looked at past the worker.

Tasks are numbered in the order in which they came, and have no time of their own: a watch remembers
when it first saw a number as high. So the age of the oldest is right from the moment on at which
the watch began; of what waited before, it is the least that it can be. Entries of a stream tell
their time themselves. Notes have neither: the age is that of the longest stay of any.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Collection
from contextlib import closing
from typing import NamedTuple, Protocol

import psycopg

from inventory_core.stores.kv import RedisStore
from inventory_core.stores.service import ServiceAddress
from inventory_core.stores.sql.address import connect
from inventory_core.sync.workers.queues import Entries, Notes, Queue

WATCH_LOST = psycopg.Error
"""What a look raises when the database is away; a Redis that is away is a `Problem`."""

SAMPLES_MOST = 10_000
NOTES_MOST = 1_000

_TASKS = """
    SELECT count(*), min(id), max(id)
    FROM (SELECT id FROM {schema}.stock_task WHERE NOT done ORDER BY id LIMIT {most}) AS waiting
"""


class Waiting(NamedTuple):
    """So many pieces of work wait, the oldest for so long."""

    pieces: int = 0
    oldest_s: float = 0.0


class Watch(Protocol):
    """Looks at what waits."""

    def look(self) -> Waiting:
        """What waits now."""

    def close(self) -> None:
        """Hang up."""


class Ages:
    """When numbers that only grow were first seen."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._seen: deque[tuple[int, float]] = deque(maxlen=SAMPLES_MOST)

    def age_s(self, oldest: int, newest: int) -> float:
        """How long ago a number as high as `oldest` was first seen."""
        now_s = self._clock()
        if not self._seen or newest > self._seen[-1][0]:
            self._seen.append((newest, now_s))
        while self._seen[0][0] < oldest:
            self._seen.popleft()
        return now_s - self._seen[0][1]


class Stays:
    """Since when each of some names has been there, of those that are."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._since: dict[str, float] = {}

    def longest_s(self, names: Collection[str]) -> float:
        """The longest stay of any."""
        now_s = self._clock()
        self._since = {name: self._since.get(name, now_s) for name in names}
        return now_s - min(self._since.values(), default=now_s)


class TaskWatch:
    """Of stock tasks."""

    def __init__(self, address: ServiceAddress, looked_at: int) -> None:
        self._connection = connect(address.sql_url)
        self._asked = _TASKS.format(schema=address.schema, most=looked_at)
        self._ages = Ages()

    def look(self) -> Waiting:
        """What waits now."""
        found = self._connection.execute(self._asked).fetchone()
        if found is None or not found[0]:
            return Waiting()
        pieces, oldest, newest = found
        return Waiting(pieces, self._ages.age_s(oldest, newest))

    def close(self) -> None:
        """Hang up."""
        self._connection.close()


class KeyWatch:
    """Of notes or of entries, under the engine's prefix."""

    def __init__(self, address: ServiceAddress, engine: str, entries: bool) -> None:
        self._store = RedisStore(address.kv_url, address.prefix_of(engine))
        self._entries = entries
        self._stays = Stays()

    def look(self) -> Waiting:
        """What waits now."""
        if self._entries:
            pieces, since_ms, now_ms = self._store.entries()
            return Waiting(pieces, max(0, now_ms - since_ms) / 1_000 if pieces else 0.0)
        pieces, some = self._store.notes(NOTES_MOST)
        return Waiting(pieces, self._stays.longest_s(some))

    def close(self) -> None:
        """Hang up."""
        self._store.close()


def watch_of(address: ServiceAddress, engine: str, queue: Queue, looked_at: int) -> Watch:
    """The watch of an engine's queue."""
    if isinstance(queue, Notes | Entries):
        return KeyWatch(address, engine, isinstance(queue, Entries))
    return TaskWatch(address, looked_at)


def looked_once(address: ServiceAddress, engine: str, queue: Queue, looked_at: int) -> int:
    """How many pieces of work wait."""
    with closing(watch_of(address, engine, queue, looked_at)) as watch:
        return watch.look().pieces
