"""One loaded run: open the shop, let Locust's users in, wait until all is at rest, judge.

    shop --> API --> Locust --> at rest --> the service's own audit --> API ends
         --> the stores, read past the service --> records --> verdict

The verdict is written last: a folder with a verdict is a finished run.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import asdict, dataclass, field, replace
from typing import Any, Protocol

from inventory_core.records import Channel
from inventory_core.stores.audit import Audit
from inventory_core.stores.servers import Place
from inventory_core.strategy import Strategy
from inventory_core.strategy.registry import make
from scenarios import verdict
from scenarios.checks import Finding
from scenarios.demand import make_demand
from scenarios.history import FORMAT, RunFolder
from scenarios.loading.desk import Desk, Survey
from scenarios.loading.fleet import Crewing, Fleet, Takings
from scenarios.loading.front_checks import judge_front
from scenarios.loading.house import channel_for
from scenarios.loading.job import Front, LoadJob
from scenarios.loading.outcome import (
    Loaded,
    answered_in_stream,
    as_the_engine_saw,
    result_of,
    speed_of,
)
from scenarios.measuring.driver_load import CpuTimes, driver_load
from scenarios.measuring.judging import judge_run
from scenarios.measuring.machine import machine, software
from scenarios.measuring.records import timeline_columns
from scenarios.measuring.sampler import Sampler
from scenarios.scenario import Scenario
from scenarios.serving.buyers import PLACE

REST_WITHIN_S = 60.0
"""A service that is not at rest so long after the last answer is not judged to be."""

SHORT_HOLD_S = 5
"""Holds that last no longer are waited for, so that the sweeper is judged, too."""

REPORT = "locust"
"""The folder in a run's with Locust's own report."""


@dataclass(frozen=True, slots=True)
class LoadQuestion:
    """What one run is to find out."""

    scenario: Scenario
    strategy: str
    seed: int
    seconds: float
    users: int
    rule: str = "order"
    api_processes: int = 1


@dataclass
class Watch:
    """What is looked at while users are at work."""

    sampler: Sampler
    cpu: list[CpuTimes] = field(default_factory=list)

    def begun(self, _: int) -> None:
        """The start is near."""
        self.sampler.start()
        self.cpu.append(CpuTimes.now())

    def over(self) -> tuple[CpuTimes, str]:
        """What the machine did meanwhile, and what was not seen."""
        return CpuTimes.now().since(self.cpu[0]), self.sampler.stop()


@dataclass(frozen=True, slots=True)
class Where:
    """On which stores a shop keeps its stock, as far as we know."""

    stack: str
    durability: Mapping[str, object] = field(default_factory=dict)
    embedded: bool = False

    @classmethod
    def of(cls, place: Place) -> Where:
        """Those of a place of ours."""
        return cls(place.stack.name, place.durability, place.address.embedded)


@dataclass(frozen=True, slots=True)
class Ran:
    """A run that is over, and what it took."""

    question: LoadQuestion
    strategy: Strategy
    where: Where
    crewing: Crewing
    takings: Takings
    cpu: CpuTimes
    blind: str


class Loadable(Protocol):
    """A shop that is open: our own, or part of somebody else's."""

    @property
    def desk(self) -> Desk:
        """A client that looks."""

    @property
    def front(self) -> Front:
        """Where buyers come to."""

    def remaining(self) -> int | None:
        """All units left; None if nobody looks."""

    def survey(self, within_s: float) -> Survey:
        """What the service says when all is over."""

    def audit(self) -> Audit:
        """The books; after the survey, when the shop is closed."""


Opened = Callable[[Channel, Strategy, Mapping[str, int]], AbstractContextManager[Loadable]]
"""Opens a shop with a channel and so many units of each article for sale."""


def load_stream(
    question: LoadQuestion, opened: Opened, where: Where, fleet: Fleet, folder: RunFolder
) -> dict[str, Any]:
    """Load a shop with the stream of a scenario without one; its row."""
    strategy = make(question.strategy)
    scenario = _in_the_channel(question.scenario)
    demand = make_demand(scenario, question.seed, question.seconds)
    channel = channel_for(question.strategy, question.rule, scenario.demand.hold_s)
    for_sale = {opening.cell.sku: opening.quantity for opening in demand.openings}
    with opened(channel, strategy, for_sale) as house:
        watch = Watch(Sampler(house.remaining))
        takings = fleet.play(_job(question, house), folder.path / REPORT, watch.begun)
        cpu, blind = watch.over()
        if channel.hold_s <= SHORT_HOLD_S:
            house.desk.without_holds(house.front.channel, channel.hold_s + REST_WITHIN_S)
        survey = house.survey(REST_WITHIN_S)
    ended_ns = time.monotonic_ns() - takings.starts_ns
    brought = Loaded(
        [result_of(takings.replies, takings.efforts)],
        timeline_columns(watch.sampler.samples, takings.starts_ns),
        house.audit(),
        ended_ns,
    )
    held = replace(scenario, demand=replace(scenario.demand, hold_s=channel.hold_s))
    judged = judge_run(
        held,
        question.seconds,
        strategy,
        demand,
        brought,
        folder,
        seen=lambda table: as_the_engine_saw(table, takings.clock_error_ns),
    )
    front = judge_front(answered_in_stream(takings.replies, demand), survey, due=False)
    findings = (*judged.findings, *front)
    row = judged.row | _worse(judged.row, front)
    row |= verdict.verdict(findings, strategy.promises.kept)
    ran = Ran(question, strategy, where, fleet.crewing, takings, cpu, blind)
    return written(ran, folder, row, findings)


def _in_the_channel(scenario: Scenario) -> Scenario:
    """The same with its cells where a shop has them."""
    return replace(scenario, stock=replace(scenario.stock, place=PLACE))


def _job(question: LoadQuestion, house: Loadable) -> LoadJob:
    return LoadJob(
        question.scenario, question.seed, question.seconds, 1, question.users, house.front
    )


def _worse(row: dict[str, Any], front: Sequence[Finding]) -> dict[str, Any]:
    """The damage that the front door's checks have found, where it is more."""
    found = verdict.worst_damage(front)
    return {name: max(row[name], units) for name, units in found.items() if isinstance(units, int)}


def written(
    ran: Ran, folder: RunFolder, judged: dict[str, Any], findings: Sequence[Finding]
) -> dict[str, Any]:
    """Write the run down, its verdict last; its row."""
    question, where, takings = ran.question, ran.where, ran.takings
    row = judged | {
        "strategy": question.strategy,
        "stack": where.stack,
        "rule": question.rule,
        "world": "loaded",
        "family": ran.strategy.family,
        "control": ran.strategy.control,
        "connections": question.users,
        "users": question.users,
        "locust_processes": ran.crewing.workers,
        "api_processes": question.api_processes,
        "durability": where.durability.get("words") or "",
        "fsync_us": where.durability.get("fsync_us"),
        "repetitions": 1,
        "repetition": 0,
        "runs": [folder.path.name],
        "mismatched": judged["refused_by_reason"].get("other_body", 0),
        "clock_error_ms": takings.clock_error_ns / 1e6,
        "stopped": takings.stopped,
        **speed_of(takings.replies, question.seconds),
        **driver_load(takings.efforts, ran.cpu),
    }
    row["note"] = "; ".join(filter(None, [row["note"], ran.blind]))
    folder.write_json("run", _about(ran, row["note"]))
    folder.write_json("verdict", {"row": row, "findings": [f.as_json() for f in findings]})
    return row


def _about(ran: Ran, note: str) -> dict[str, Any]:
    question, where = ran.question, ran.where
    return {
        "format": FORMAT,
        "world": "loaded",
        "strategy": question.strategy,
        "stack": where.stack,
        "rule": question.rule,
        "seed": question.seed,
        "repetition": 0,
        "seconds": question.seconds,
        "scenario": asdict(question.scenario),
        "durability": dict(where.durability),
        "embedded": where.embedded,
        "machine": machine(),
        "software": software(),
        "notes": [note] if note else [],
    }
