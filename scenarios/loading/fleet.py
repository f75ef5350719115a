"""The processes of Locust, as `stockproof` sees them: started for a run, gone with it.

    one process        Locust alone
    more, or --master  a master that plays nothing, and workers, here or on other machines

They speak with each other in Locust's own way; we hear only how far the run is, and read what was
answered from a file when it is over.
"""

from __future__ import annotations

import json
import os
import select
import socket
import subprocess
import tempfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np

from inventory_core.problems import Problem
from scenarios.lifeline import Child, started
from scenarios.loading.answers import Reply
from scenarios.loading.job import LATE, LOST, LoadJob, Seat
from scenarios.measuring.job import Effort

MODULE = "scenarios.loading.process"
STOPPED_WITHIN_S = 60.0
ONE_THREAD = {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}
"""Numpy's own threads would only fight with gevent for the core."""


@dataclass(frozen=True, slots=True)
class Crewing:
    """How many processes there are to be, and where. `master_port` 0: any free one."""

    processes: int = 1
    master: bool = False  # workers come by themselves
    expected: int = 1  # so many of them
    master_host: str = "127.0.0.1"
    master_port: int = 0
    web_port: int = -1
    patience_s: float = 120.0

    @property
    def workers(self) -> int:
        """Who play."""
        return self.expected if self.master else self.processes

    @property
    def distributed(self) -> bool:
        """Is there a master?"""
        return self.master or self.processes > 1


@dataclass(frozen=True, slots=True)
class Takings:
    """What a run brought back. `stopped`: somebody ended it before its time."""

    replies: list[Reply]
    efforts: list[Effort]
    starts_ns: int
    clock_error_ns: int
    stopped: bool = False


@dataclass
class Fleet:
    """Locust's processes for one run after the other."""

    crewing: Crewing
    tell: Callable[[Mapping[str, Any]], None] = lambda _: None
    _children: list[Child] = field(default_factory=list)

    @property
    def pids(self) -> tuple[int, ...]:
        """The process numbers of those that are at work."""
        return tuple(child.process.pid for child in self._children)

    def play(
        self, job: LoadJob, report: Path, begun: Callable[[int], None] = lambda _: None
    ) -> Takings:
        """Carry out a run. `begun` is told its start (on our clock) shortly before it comes.

        Ctrl-C ends it in good order: what was answered until then is brought back.
        """
        job = replace(job, workers=self.crewing.workers)
        with tempfile.TemporaryDirectory(prefix="stockproof-load-") as here:
            spool = Path(here) / "answers.jsonl"
            heard, says = os.pipe()
            try:
                self._start(job, spool, report, says)
                os.close(says)
                return self._follow(heard, spool, begun)
            finally:
                os.close(heard)
                self.close()

    def close(self) -> None:
        """End every process now."""
        while self._children:
            self._children.pop().end()

    # ------------------------------------------------------------------------------- the start

    def _start(self, job: LoadJob, spool: Path, report: Path, says: int) -> None:
        crewing = self.crewing
        port = crewing.master_port or (_free_port() if crewing.distributed else 0)
        first = Seat(
            role="master" if crewing.distributed else "alone",
            says=says,
            job=job.told(),
            spool=str(spool),
            report=str(report),
            master_host=crewing.master_host,
            master_port=port,
            web_port=crewing.web_port,
            patience_s=crewing.patience_s,
        )
        self._children.append(_seated(first, (says,)))
        if not crewing.master and crewing.distributed:
            worker = Seat("worker", master_port=port)
            self._children += [_seated(worker) for _ in range(crewing.processes)]

    # --------------------------------------------------------------------------------- the run

    def _follow(self, heard: int, spool: Path, begun: Callable[[int], None]) -> Takings:
        """Until the first process is at its end."""
        first = self._children[0].process
        start: dict[str, Any] = {}
        stopped = over = False
        lines = _lines(heard)
        while True:  # until the pipe is closed, which its end does
            try:
                for said in lines:
                    if said["event"] == "begin":
                        start = said
                        begun(said["starts_ns"])
                    over = over or said["event"] == "over"
                    self.tell(said)
                break
            except KeyboardInterrupt:
                if stopped or (not start and self.crewing.web_port < 0):
                    raise
                stopped = True
                first.terminate()
                lines = _lines(heard)
        status = _ended(first)
        if stopped and not start:
            raise KeyboardInterrupt
        if status == LATE:
            raise Problem(_late(self.crewing))
        if status == LOST:
            raise Problem(
                "a worker of Locust was lost on the way (killed, or overloaded), and with it what"
                " it was answered: the run cannot be judged; use fewer users, or more workers"
            )
        if status != 0:
            raise AssertionError(f"Locust ended with status {status}: see what it said, above")
        replies, efforts = _read(spool, int(start["starts_ns"]))
        return Takings(
            replies, efforts, start["starts_ns"], start["error_ns"], stopped and not over
        )


def work_for(master_host: str, master_port: int) -> None:
    """Be a worker for a master elsewhere, until it sends us home."""
    child = _seated(Seat("worker", master_host=master_host, master_port=master_port))
    try:
        status = child.process.wait()
    finally:
        child.end()
    if status == LATE:
        raise Problem(
            f"no master answers at {master_host}:{master_port}: start it with --master, and let it"
            " listen where this machine reaches it (--master-bind)"
        )
    if status != 0:
        raise AssertionError(f"Locust ended with status {status}: see what it said, above")


def _seated(seat: Seat, keeps: tuple[int, ...] = ()) -> Child:
    told = json.dumps(asdict(seat)).encode()
    return started(MODULE, (), keeps, told=told, environment=ONE_THREAD)


def _lines(heard: int) -> Iterator[dict[str, Any]]:
    """What the first process says, until it has nothing more to say."""
    rest = b""
    while True:  # until the other end is closed
        select.select([heard], [], [])
        chunk = os.read(heard, 65_536)
        if not chunk:
            return
        *whole, rest = (rest + chunk).split(b"\n")
        for line in whole:
            yield json.loads(line)


def _ended(process: subprocess.Popen[bytes]) -> int:
    try:
        return process.wait(STOPPED_WITHIN_S)
    except subprocess.TimeoutExpired:
        raise Problem(
            f"Locust did not end within {STOPPED_WITHIN_S:g} s: the machine is overloaded, so use"
            " fewer users"
        ) from None


def _late(crewing: Crewing) -> str:
    if not crewing.master:
        return "the workers of Locust did not come up in time: the machine is overloaded"
    return (
        f"{crewing.expected} workers were expected, and did not come within"
        f" {crewing.patience_s:g} s: start them with `stockproof load --worker --master-host HOST`"
    )


def _read(spool: Path, starts_ns: int) -> tuple[list[Reply], list[Effort]]:
    """The answers, from the start of the run on, and what it cost the workers."""
    replies: list[Reply] = []
    efforts: list[Effort] = []
    with spool.open(encoding="utf-8") as lines:
        for line in lines:
            _, said = json.loads(line)
            if isinstance(said, list):
                replies += [_from(Reply(*row), starts_ns) for row in said]
            else:
                efforts.append(
                    Effort(
                        lags_ns=np.asarray(said["lags_ns"], dtype=np.int64),
                        cpu_s=said["cpu_s"],
                        wall_s=said["wall_s"],
                    )
                )
    return replies, efforts


def _from(reply: Reply, starts_ns: int) -> Reply:
    return reply._replace(
        intended_ns=reply.intended_ns - starts_ns,
        sent_ns=reply.sent_ns - starts_ns,
        replied_ns=reply.replied_ns - starts_ns,
    )


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
