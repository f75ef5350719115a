"""A worker process whose clients belong to two sides that take turns, all connections kept open.

Each side is an ordinary worker with a job of its own. While one plays, the other has no thread and
sends nothing; its connections stay open, its buyers go on where they stopped.
"""

from __future__ import annotations

import gc
from dataclasses import dataclass, replace
from multiprocessing.connection import Connection

import numpy as np

from scenarios.demand import Share
from scenarios.measuring.job import Effort, Job, Result, Start
from scenarios.measuring.multiplexed import MultiplexedWorker
from scenarios.measuring.slices import Slices
from scenarios.measuring.worker import Worker, started


@dataclass(frozen=True, slots=True)
class TurnsJob(Job):
    """One run of two sides: the job of side 0, with that of side 1 beside it."""

    other: Job | None = None
    slices: Slices | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TurnsResult(Effort):
    """What one worker recorded, by side."""

    sides: tuple[Result, Result]


class TurnsWorker:
    """One worker's part in a run of two sides."""

    def __init__(self, job: TurnsJob) -> None:
        assert job.other is not None, "a run of turns has two sides"
        assert job.slices is not None, "a run of turns has slices"
        self._slices = job.slices
        both = (job, replace(job.other, share=_same_share(job.share, job.other)))
        self._sides = [_side(each) for each in both]

    def run(self, parent: Connection) -> TurnsResult:
        """Connect both, wait for the start, take turns, and hand back what was recorded."""
        try:
            for side in self._sides:
                side.open()
            start = started(parent)
            spent = self._play(start)
        finally:
            gc.enable()
            gc.unfreeze()
            for side in self._sides:
                side.close()
        first, second = (
            side.told(start, cpu_s, wall_s)
            for side, (cpu_s, wall_s) in zip(self._sides, spent, strict=True)
        )
        cpu_s, wall_s = (first.cpu_s + second.cpu_s), (first.wall_s + second.wall_s)
        lags = np.zeros(0, dtype=np.int64)
        return TurnsResult(sides=(first, second), lags_ns=lags, cpu_s=cpu_s, wall_s=wall_s)

    def _play(self, start: Start) -> list[tuple[float, float]]:
        """Every slice in its turn; answers the CPU and wall seconds that each side took."""
        spent = [(0.0, 0.0), (0.0, 0.0)]
        turns = [iter(self._slices.turns(number)) for number in range(2)]
        for whose in self._slices.sides:
            turn = next(turns[whose])
            spell = Start(start.starts_ns + turn.starts_ns, start.starts_ns + turn.until_ns)
            cpu_s, wall_s = self._sides[whose].spell(spell)
            spent[whose] = (spent[whose][0] + cpu_s, spent[whose][1] + wall_s)
        return spent


def _same_share(share: Share, job: Job) -> Share:
    """The clients that the same worker plays of a side with another number of connections."""
    connections = job.scenario.demand.connections
    node = share.first // (share.last - share.first)
    first = node * connections
    return Share(first, first + connections, job.scenario.demand.clients)


def _side(job: Job) -> Worker:
    return (MultiplexedWorker if job.scenario.demand.pool else Worker)(job)
