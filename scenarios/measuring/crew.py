"""The worker processes of a campaign: started once, used for every run, gone with the parent.

They are plain processes of this Python, not `multiprocessing` ones: those import the parent's main
program again, which a worker has no use for.
"""

from __future__ import annotations

import os
import socket
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from multiprocessing.connection import Connection, wait
from types import TracebackType
from typing import Any

from inventory_core.problems import Problem
from scenarios.demand import Share
from scenarios.lifeline import Child, started
from scenarios.measuring.job import Effort, Failure, Job, Ready, Start

LEAD_NS = 30_000_000
"""The start is announced this long ahead, so that nobody hears of it too late."""

READY_WITHIN_S = 60.0
GRACE_S = 60.0
"""A worker that is not back so long after the end (a lock wait is 10 s at most) is lost."""


@dataclass(frozen=True, slots=True)
class _Worker:
    child: Child
    pipe: Connection

    def end(self) -> None:
        """Cut the lifeline, and make sure."""
        self.child.end()
        self.pipe.close()


class Crew:
    """So many worker processes. A context manager: on the way out, none of them is left."""

    def __init__(self, processes: int) -> None:
        self._processes = processes
        self._workers: list[_Worker] = []

    def __enter__(self) -> Crew:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """End every worker now."""
        while self._workers:
            self._workers.pop().end()

    @property
    def pids(self) -> tuple[int, ...]:
        """The workers' process numbers."""
        return tuple(worker.child.process.pid for worker in self._workers)

    def run(self, job: Job, started: Callable[[Start], None] | None = None) -> list[Any]:
        """Carry out a job, each worker its share. `started` is told the start before it comes."""
        try:
            self._hire()
            demand = job.scenario.demand
            for number, worker in enumerate(self._workers):
                share = self._share(number, demand.connections)
                worker.pipe.send(replace(job, share=share))
            self._all(Ready, READY_WITHIN_S)
            starts_ns = time.monotonic_ns() + LEAD_NS
            start = Start(starts_ns, starts_ns + round(job.seconds * 1e9))
            if started:
                started(start)
            for worker in self._workers:
                worker.pipe.send(start)
            results = self._all(Effort, job.seconds + GRACE_S)
        except BaseException:
            self.close()  # whatever they are doing, nobody waits for it any more
            raise
        return results

    def _share(self, number: int, connections: int) -> Share:
        first = number * connections
        return Share(first, first + connections, self._processes * connections)

    def _hire(self) -> None:
        while len(self._workers) < self._processes:
            self._workers.append(_start_worker())

    def _all(self, kind: type[Any], within_s: float) -> list[Any]:
        """One message of each worker, or the first failure."""
        waiting = {worker.pipe: number for number, worker in enumerate(self._workers)}
        found: list[Any] = [None] * len(self._workers)
        deadline = time.monotonic() + within_s
        while waiting:
            ready = wait(list(waiting), timeout=max(0.0, deadline - time.monotonic()))
            if not ready:
                raise Problem(
                    f"{len(waiting)} worker processes did not answer within {within_s:g} s; the"
                    " machine or its stores are overloaded, so try fewer connections"
                )
            for pipe in ready:
                assert isinstance(pipe, Connection)
                found[waiting.pop(pipe)] = _checked(pipe, kind)
        return found


def _checked(pipe: Connection, kind: type[Any]) -> Any:
    try:
        message = pipe.recv()
    except (EOFError, ConnectionResetError):
        raise Problem(
            "a worker process was killed from outside (out of memory?); use fewer connections or"
            " fewer seconds"
        ) from None
    if isinstance(message, Failure):
        if message.problem:
            raise Problem(message.text)
        raise AssertionError(f"a client ended by a bug, so the run is worthless:\n{message.text}")
    assert isinstance(message, kind), f"expected {kind.__name__}, got {message!r}"
    return message


def _start_worker() -> _Worker:
    ours, theirs = _pair()
    child = started("scenarios.measuring.worker", (theirs,), (theirs,))
    os.close(theirs)
    return _Worker(child, Connection(ours))


def _pair() -> tuple[int, int]:
    ours, theirs = socket.socketpair()
    return ours.detach(), theirs.detach()
