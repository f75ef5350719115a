"""Locust in the place of our own workers: its users carry out plans on live stores.

Everything around them (loading, daemons, settling, audit, checks) is that of `stockproof measure`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from inventory_core.stores.servers import Place
from scenarios.history import RunFolder
from scenarios.loading.fleet import Fleet, Takings
from scenarios.loading.job import LoadJob
from scenarios.loading.outcome import result_of, speed_of
from scenarios.loading.run import REPORT, LoadQuestion
from scenarios.measuring.job import Job, Result, Start
from scenarios.measuring.playing import Question
from scenarios.measuring.run import run_once


@dataclass
class PlanFleet:
    """Locust's processes, as `measure` knows its workers."""

    fleet: Fleet
    users: int
    report: Path
    takings: list[Takings] = field(default_factory=list)

    @property
    def pids(self) -> tuple[int, ...]:
        """Their process numbers."""
        return self.fleet.pids

    def run(self, job: Job, started: Callable[[Start], None] | None = None) -> list[Result]:
        """Carry out a job."""
        told = LoadJob(
            job.scenario,
            job.seed,
            job.seconds,
            workers=1,
            users=self.users,
            strategy=job.strategy,
            stores=job.address,
        )

        def begun(starts_ns: int) -> None:
            if started is not None:
                started(Start(starts_ns, starts_ns + round(job.seconds * 1e9)))

        brought = self.fleet.play(told, self.report, begun)
        self.takings.append(brought)
        return [result_of(brought.replies, brought.efforts)]


def load_stores(
    question: LoadQuestion, place: Place, fleet: Fleet, folder: RunFolder
) -> dict[str, Any]:
    """Load the bare stores of a strategy; its row."""
    asked = Question(
        question.scenario, question.strategy, question.seed, question.seconds, world="loaded"
    )
    players = PlanFleet(fleet, question.users, folder.path / REPORT)
    row = run_once(asked, place, players, folder)
    brought = players.takings[-1]
    row |= {
        "connections": question.users,
        "users": question.users,
        "locust_processes": fleet.crewing.workers,
        "mismatched": row["refused_by_reason"].get("other_body", 0),
        "stopped": brought.stopped,
        **speed_of(brought.replies, question.seconds),
    }
    findings = folder.json("verdict")["findings"]
    folder.write_json("verdict", {"row": row, "findings": findings})
    return row
