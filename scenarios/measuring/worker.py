"""A worker process: plays its share of the clients, one thread and one connection each.

It lives as long as the campaign, run after run, so that its start is paid for once. It dies with
its parent, however the parent ends: a thread waits on a pipe that only the parent holds open.
"""

from __future__ import annotations

import contextlib
import gc
import signal
import sys
import threading
import time
import traceback
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from multiprocessing.connection import Connection

import numpy as np

from inventory_core.problems import Problem
from inventory_core.stores.session import Session
from inventory_core.strategy import Strategy
from inventory_core.strategy.registry import make
from scenarios.demand import make_demand
from scenarios.lifeline import die_with_parent
from scenarios.measuring.arrivals import Arrivals, Stream, play_closed
from scenarios.measuring.client import ANSWERS, Client, TimedStep
from scenarios.measuring.job import Effort, Failure, Integers, Job, Ready, Result, Start
from scenarios.measuring.troubled_client import Ghosts, NodeDied, Trouble, TroubledClient

_PLACE = {answer: place for place, answer in enumerate(ANSWERS)}


def main(pipe: int, lifeline: int) -> None:
    """Serve jobs until the parent hangs up."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches us too; the parent decides
    die_with_parent(lifeline)
    parent = Connection(pipe)
    with contextlib.suppress(EOFError, BrokenPipeError, ConnectionResetError):
        while True:
            job = parent.recv()
            assert isinstance(job, Job), f"expected a job, got {job!r}"
            parent.send(_answer(job, parent))


def _answer(job: Job, parent: Connection) -> Effort | Failure:
    try:
        played: Effort = (job.player or Worker)(job).run(parent)
        return played
    except Problem as problem:
        return Failure(str(problem), problem=True)
    except (EOFError, BrokenPipeError, ConnectionResetError):
        raise
    except BaseException:  # noqa: BLE001 - a worker's life is owned here; the parent tells its end
        return Failure(traceback.format_exc(), problem=False)


class Worker:
    """One worker's part in one run."""

    def __init__(self, job: Job) -> None:
        self._job = job
        self._demand = make_demand(job.scenario, job.seed, job.seconds)
        self._stream = Stream(self._demand, job.share)
        self._clients: list[Client] = []
        self._close: list[Callable[[], None]] = []
        self._failures: list[BaseException] = []
        self._arrivals: Arrivals | None = None
        self._ghosts = Ghosts()
        self._troubled: list[TroubledClient] = []

    def run(self, parent: Connection) -> Result:
        """Connect, wait for the start, play, and hand back what was recorded."""
        try:
            self.open()
            start = started(parent)
            cpu_s, wall_s = self._play(start)
        finally:
            gc.enable()
            gc.unfreeze()
            self.close()
        return self.told(start, cpu_s, wall_s)

    def open(self) -> None:
        """Connect, and make what will be sent."""
        self._connect()
        self._stream.prepare()

    def spell(self, start: Start) -> tuple[float, float]:
        """Play from one instant to another; asked again, all go on where they stopped."""
        return self._play(start)

    def close(self) -> None:
        """Hang up."""
        for close in self._close:
            close()

    def told(self, start: Start, cpu_s: float, wall_s: float) -> Result:
        """What was recorded; a client that ended by a bug ends the run."""
        for failure in self._failures:
            raise failure
        return self._result(start, cpu_s, wall_s)

    def _connect(self) -> None:
        strategy = make(self._job.strategy, self._job.limits)
        for number in range(self._job.share.first, self._job.share.last):
            self._clients.append(self._client_on(strategy, number))

    def _session(self, seed: str) -> Session:
        """A session of this process, which is a node of the shop."""
        return self._job.connect(self._job.address, self._job.limits, seed).at_node(self._node)

    @property
    def _node(self) -> int:
        share = self._job.share
        return share.first // (share.last - share.first)

    def _client_on(self, strategy: Strategy, number: int) -> Client:
        """A client over a connection of its own; in a run with faults, one whom they befall."""
        job, seed = self._job, f"{self._job.seed}/{number}"
        demand, sample_every = job.scenario.demand, job.scenario.run.sample_every
        session = self._session(seed)
        if not job.scenario.faults:
            self._close.append(session.close)
            return Client(
                strategy,
                session,
                hold_s=demand.hold_s,
                retries=demand.retries,
                sample_every=sample_every,
            )
        client = TroubledClient(
            strategy,
            session,
            Trouble(
                job.scenario.faults,
                partial(self._session, seed),
                seed,
                self._ghosts,
                self._node + 1,
            ),
            hold_s=demand.hold_s,
            retries=demand.retries,
            sample_every=sample_every,
        )
        self._close.append(client.close)
        self._troubled.append(client)
        return client

    def _play(self, start: Start) -> tuple[float, float]:
        """Let every client play until the end; answers the CPU and wall seconds it took."""
        if self._job.scenario.demand.open_loop:
            queue = self._job.scenario.demand.queue
            self._arrivals = Arrivals(self._stream, queue, start.starts_ns, start.ends_ns)
        threads = [
            threading.Thread(target=self._client, args=(place, start), daemon=True)
            for place in range(len(self._clients))
        ]
        for thread in threads:
            thread.start()
        for client in self._troubled:
            client.start_ns = start.starts_ns
        wait_until(start.starts_ns)
        cpu_s, began = time.process_time(), time.monotonic()
        for thread in threads:
            thread.join()
        spent = time.process_time() - cpu_s, time.monotonic() - began
        self._ghosts.lay()
        if self._arrivals is not None:
            self._arrivals.close()
        return spent

    def _client(self, place: int, start: Start) -> None:
        client, clock = self._clients[place], time.monotonic_ns
        try:
            wait_until(start.starts_ns)
            if self._arrivals is not None:
                self._arrivals.play(client, clock)
            else:
                play_closed(client, self._stream.of_client(place), start.ends_ns, clock)
        except NodeDied:
            return
        except BaseException as failure:  # noqa: BLE001 - a bug ends the run, not just its thread
            self._failures.append(failure)

    def _result(self, start: Start, cpu_s: float, wall_s: float) -> Result:
        kept = [(client.attempts, number) for number, client in self._numbered()]
        if self._arrivals is not None:
            kept.append((self._arrivals.dropped, -1))
        rows = [row for attempts, _ in kept for row in attempts]
        zero = start.starts_ns
        return Result(
            position=_column(row[0] for row in rows),
            attempt=_column(row[1] for row in rows),
            client=np.repeat([number for _, number in kept], [len(some) for some, _ in kept]),
            sent_ns=_column(row[2] for row in rows) - zero,
            replied_ns=_column(row[3] for row in rows) - zero,
            answer=_column(_PLACE[row[4]] for row in rows),
            steps=steps_told((at for client in self._clients for at in client.steps), zero),
            lags_ns=self._lags(),
            cpu_s=cpu_s,
            wall_s=wall_s,
            full=next((client.full for client in self._clients if client.full), ""),
            events=tuple(
                event._replace(began_ns=event.began_ns - zero, over_ns=event.over_ns - zero)
                for client in self._troubled
                for event in client.events
            ),
        )

    def _lags(self) -> Integers:
        """How late each buyer was who had waited for an arrival."""
        lags_ns = self._arrivals.lags_ns if self._arrivals is not None else []
        return np.asarray(lags_ns, dtype=np.int64)

    def _numbered(self) -> Sequence[tuple[int, Client]]:
        return tuple(enumerate(self._clients, self._job.share.first))


def steps_told(steps: Iterable[TimedStep], zero: int) -> tuple[tuple[int, int, str, int, int], ...]:
    """Timed steps as a result has them: times count from the start."""
    return tuple(
        (at.position, at.place, at.step, at.sent_ns - zero, at.replied_ns - zero) for at in steps
    )


def started(parent: Connection) -> Start:
    """Say that everybody is connected, and wait for the start."""
    gc.collect()  # before the start is announced: it takes longer than the lead
    gc.freeze()
    gc.disable()
    parent.send(Ready())
    start = parent.recv()
    assert isinstance(start, Start), f"expected the start, got {start!r}"
    return start


def _column(values: object) -> Integers:
    return np.fromiter(values, dtype=np.int64)  # type: ignore[call-overload, no-any-return]


def wait_until(when_ns: int) -> None:
    """Sleep until an instant of the monotonic clock."""
    left = when_ns - time.monotonic_ns()
    if left > 0:
        time.sleep(left / 1e9)


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]))
