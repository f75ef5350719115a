"""What a worker has done and how far it is: for metrics, and for `status` in the database.

message(queue = "worker", message_key = ENGINE, at_ms = when, answer = JSON)
"""

from __future__ import annotations

import json
import threading
import time
from dataclasses import dataclass, replace

from prometheus_client import CollectorRegistry, Counter, Gauge

from inventory_core.records.engines import Message
from inventory_core.steps import rows, sql
from inventory_core.sync.workers.watching import Waiting

QUEUE = "worker"


@dataclass(frozen=True, slots=True)
class Told:
    """The figures of one look."""

    waiting: int = 0
    oldest_s: float = 0.0
    applied: int = 0
    applied_per_s: float = 0.0
    failed_turns: int = 0
    set_aside: int = 0  # by this worker
    held_back: bool = False


class Figures:
    """Counts of one worker; several threads count."""

    def __init__(self, engine: str, registry: CollectorRegistry | None = None) -> None:
        registry = registry or CollectorRegistry()
        self._lock = threading.Lock()
        self._told = Told()
        self._looked_s, self._applied_then = time.monotonic(), 0
        of = ("engine",)
        self._applied = Counter("worker_applied", "Applied to rows", of, registry=registry)
        self._failed = Counter("worker_failed_turns", "Turns that failed", of, registry=registry)
        self._aside = Counter("worker_set_aside", "Work set aside", of, registry=registry)
        self._waiting = Gauge("worker_waiting", "Work that waits", of, registry=registry)
        self._oldest = Gauge("worker_oldest_seconds", "Age of the oldest", of, registry=registry)
        self._held = Gauge("worker_held_back", "1: orders are told to wait", of, registry=registry)
        self._engine = engine

    def applied(self, pieces: int) -> None:
        """So many pieces of work more are in the rows."""
        self._applied.labels(self._engine).inc(pieces)
        with self._lock:
            self._told = replace(self._told, applied=self._told.applied + pieces)

    def failed(self) -> None:
        """A turn failed."""
        self._failed.labels(self._engine).inc()
        with self._lock:
            self._told = replace(self._told, failed_turns=self._told.failed_turns + 1)

    def aside(self) -> None:
        """A piece of work was set aside."""
        self._aside.labels(self._engine).inc()
        with self._lock:
            self._told = replace(self._told, set_aside=self._told.set_aside + 1)

    def looked(self, waiting: Waiting, held_back: bool) -> Told:
        """What waits just now; the figures as they stand then."""
        self._waiting.labels(self._engine).set(waiting.pieces)
        self._oldest.labels(self._engine).set(waiting.oldest_s)
        self._held.labels(self._engine).set(held_back)
        with self._lock:
            now_s, applied = time.monotonic(), self._told.applied
            per_s = (applied - self._applied_then) / max(now_s - self._looked_s, 1e-9)
            self._looked_s, self._applied_then = now_s, applied
            self._told = replace(
                self._told,
                waiting=waiting.pieces,
                oldest_s=waiting.oldest_s,
                applied_per_s=per_s,
                held_back=held_back,
            )
            return self._told


async def leave(engine: str, told: Told) -> None:
    """Leave the figures for `status`."""
    values = {name: getattr(told, name) for name in Told.__dataclass_fields__}
    message = Message(QUEUE, engine, await rows.StoreClock(), answer=json.dumps(values))
    if not await rows.Insert(message):
        async with sql.transaction():
            await rows.Put(message)


async def left(engine: str) -> tuple[Told, float] | None:
    """The figures that a worker left last, and how many seconds ago; None: there was no worker."""
    message = await rows.Get(Message, (QUEUE, engine))
    if message is None:
        return None
    age_s = (await rows.StoreClock() - message.at_ms) / 1_000
    return Told(**json.loads(message.answer)), age_s
