"""One worker process of Locust: what its users share.

    job --> till --> users --> answers --> (as they come) --> the master

Everything travels as Locust's own messages, so a worker may be a process here or on another
machine. Times are told on the master's clock: a worker compares its own with it before the run.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import getnode

import gevent
from gevent.event import Event
from locust.env import Environment

from scenarios.loading.answers import Reply
from scenarios.loading.job import LoadJob
from scenarios.loading.tills import till_of
from scenarios.loading.visits import Visit
from scenarios.measuring.client import DROPPED

Send = Callable[[str, dict[str, Any]], None]

ROWS_AT_ONCE = 2_000
FLUSH_EVERY_S = 0.25
NOBODY = -1
LAGS_MOST = 20_000
IDLE_S = 0.2


def heard_on(hook: Any, listener: Callable[..., None]) -> None:
    """Listen to one of Locust's events, which have no types."""
    hook.add_listener(listener)


def seat_users(environment: Environment, stand: Stand) -> None:
    """Tell all users of a process, present and future, where they stand."""
    environment.stand = stand  # type: ignore[attr-defined] # Locust's way: users know nothing else


def stand_of(environment: Environment) -> Stand:
    """Where a user stands."""
    stand: Stand = environment.stand  # type: ignore[attr-defined]
    return stand


def this_machine() -> str:
    """Who shares this text shares a monotonic clock."""
    boot = Path("/proc/sys/kernel/random/boot_id")
    return boot.read_text().strip() if boot.exists() else f"{getnode():x}"


class Stand:
    """The share of one worker, and its answers on their way to the master."""

    def __init__(self, job: LoadJob, worker: int, send: Send, offset_ns: int = 0) -> None:
        self.job = job
        self.worker = worker
        self.till = till_of(job, worker)
        self.opened = Event()
        self.lags_ns: list[int] = []
        self._send = send
        self._offset_ns = offset_ns
        self._replies: list[Reply] = []
        self._users = 0
        self._under_way = 0
        self._exhausted = False
        self._cpu_s = self._began_s = 0.0

    def clock(self) -> int:
        """Now, on the master's clock."""
        return time.monotonic_ns() + self._offset_ns

    def hired(self) -> int:
        """The number of one more user, over all workers."""
        self._users += 1
        return (self._users - 1) * self.job.workers + self.worker

    def begin(self, starts_ns: int, ends_ns: int) -> None:
        """The run starts then."""
        self.till.begin(starts_ns, ends_ns)
        gevent.sleep(max(0.0, (starts_ns - self.clock()) / 1e9))
        self._cpu_s, self._began_s = time.process_time(), time.monotonic()
        self.opened.set()
        gevent.spawn(self._deliver)

    def take(self) -> Visit | None:
        """The next visit, when it is due; None, after a while, when nothing more will come."""
        self.opened.wait()
        waited = False
        while True:  # until the till is closed
            visit = self.till.take(self.clock())
            if visit is None:
                self._exhausted = True
                gevent.sleep(IDLE_S)
                return None
            if isinstance(visit, Visit):
                break
            waited = True
            self.till.wait(visit)
        self._under_way += 1
        early_ns = visit.due_ns - self.clock() if visit.due_ns else 0
        if early_ns > 0:
            gevent.sleep(early_ns / 1e9)
        if (waited or early_ns > 0) and len(self.lags_ns) < LAGS_MOST:
            self.lags_ns.append(max(0, self.clock() - visit.due_ns))
        return visit

    def note(self, reply: Reply) -> None:
        """An attempt has its answer."""
        self._replies.append(reply)

    def over(self, visit: Visit, outcome: str) -> None:
        """A visit has come to its end."""
        self.till.answered(visit, outcome, self.clock())
        self._under_way -= 1

    def close(self) -> None:
        """Nobody is to begin anything more."""
        self.till.close()
        self.opened.set()

    def _deliver(self) -> None:
        """Send answers as they come, and at last say that there are no more."""
        while self._under_way or not (self._exhausted or self.till.closed):
            gevent.sleep(FLUSH_EVERY_S)
            self._flush()
        cpu_s = time.process_time() - self._cpu_s
        wall_s = time.monotonic() - self._began_s
        for visit, at_ns in self.till.dropped():
            row = Reply(visit.key, visit.kind, 0, 0, NOBODY, at_ns, at_ns, at_ns, DROPPED)
            self._replies.append(row)
        self._flush()
        effort = {"cpu_s": cpu_s, "wall_s": wall_s, "lags_ns": self.lags_ns}
        self._send("load_done", {"worker": self.worker, **effort})

    def _flush(self) -> None:
        """Send what has come together."""
        while self._replies:
            rows, self._replies = self._replies[:ROWS_AT_ONCE], self._replies[ROWS_AT_ONCE:]
            self._send("load_answers", {"worker": self.worker, "rows": [list(r) for r in rows]})
