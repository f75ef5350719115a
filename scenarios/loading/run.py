"""One loaded run: open the shop, let Locust's users in, wait until all is at rest, judge, write down.

    shop --> API --> Locust --> at rest --> the service's own audit --> API ends
         --> the stores, read past the service --> records --> verdict

The verdict is written last: a folder with a verdict is a finished run.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from inventory_core.drivers import carry_out
from inventory_core.records import OrderState, ShopOrder
from inventory_core.steps import rows
from inventory_core.stores.session import Session
from inventory_core.strategy import Strategy
from inventory_core.strategy.registry import make
from scenarios import verdict
from scenarios.checks import Finding
from scenarios.demand import make_demand
from scenarios.history import FORMAT, RunFolder
from scenarios.loading.fleet import Fleet, Takings
from scenarios.loading.front_checks import judge_front
from scenarios.loading.house import House, Survey, channel_for, served, whole_seconds
from scenarios.loading.job import LoadJob
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
from scenarios.scenario import Scenario, Shop
from scenarios.serving.buyers import PLACE
from scenarios.serving.engine_case import by_number
from scenarios.serving.place import ShopPlace

REST_WITHIN_S = 20.0
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


def load_stream(
    question: LoadQuestion, here: ShopPlace, fleet: Fleet, folder: RunFolder
) -> dict[str, Any]:
    """Load a shop with the stream of a scenario without one; its row."""
    strategy = make(question.strategy)
    scenario = _in_the_channel(question.scenario)
    demand = make_demand(scenario, question.seed, question.seconds)
    channel = channel_for(question.strategy, question.rule, scenario.demand.hold_s)
    for_sale = {opening.cell.sku: opening.quantity for opening in demand.openings}
    watch = Watch(Sampler(here.place.remaining))
    with served(here, channel, strategy, for_sale, Shop(), question.api_processes) as house:
        takings = fleet.play(_job(question, house), folder.path / REPORT, watch.begun)
        cpu, blind = watch.over()
        if channel.hold_s <= SHORT_HOLD_S:
            await_no_holds(house.session, channel.hold_s + REST_WITHIN_S)
        survey = house.desk.survey(channel.code, "", REST_WITHIN_S)
    ended_ns = time.monotonic_ns() - takings.starts_ns
    brought = Loaded(
        [result_of(takings.replies, takings.efforts)],
        timeline_columns(watch.sampler.samples, takings.starts_ns),
        by_number(here.place.audit()),
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
    return written(question, here, fleet, folder, takings, row, findings, (cpu, blind, strategy))


def _in_the_channel(scenario: Scenario) -> Scenario:
    """The same with its cells where a shop has them."""
    return replace(scenario, stock=replace(scenario.stock, place=PLACE))


def _job(question: LoadQuestion, house: House) -> LoadJob:
    return LoadJob(
        question.scenario, question.seed, question.seconds, 1, question.users, house.front
    )


def _worse(row: dict[str, Any], front: Sequence[Finding]) -> dict[str, Any]:
    """The damage that the front door's checks have found, where it is more."""
    found = verdict.worst_damage(front)
    return {name: max(row[name], units) for name, units in found.items() if isinstance(units, int)}


def await_no_holds(session: Session, within_s: float) -> bool:
    """Wait until no hold is left; False if there still is one."""
    deadline_s = time.monotonic() + within_s
    while time.monotonic() < deadline_s:
        if not carry_out(_holds(), session.perform):
            return True
        time.sleep(0.05)
    return False


async def _holds() -> bool:
    return bool(await rows.Select(ShopOrder, (("state", "=", OrderState.HELD),), limit=1))


def written(
    question: LoadQuestion,
    here: ShopPlace,
    fleet: Fleet,
    folder: RunFolder,
    takings: Takings,
    judged: dict[str, Any],
    findings: Sequence[Finding],
    seen: tuple[CpuTimes, str, Strategy],
) -> dict[str, Any]:
    """Write the run down, its verdict last; its row."""
    cpu, blind, strategy = seen
    place = here.place
    row = judged | {
        "strategy": question.strategy,
        "stack": place.stack.name,
        "rule": question.rule,
        "world": "loaded",
        "family": strategy.family,
        "control": strategy.control,
        "connections": question.users,
        "users": question.users,
        "locust_processes": fleet.crewing.workers,
        "api_processes": question.api_processes,
        "durability": place.durability.get("words") or "",
        "fsync_us": place.durability.get("fsync_us"),
        "repetitions": 1,
        "repetition": 0,
        "runs": [folder.path.name],
        "mismatched": judged["refused_by_reason"].get("other_body", 0),
        "clock_error_ms": takings.clock_error_ns / 1e6,
        "stopped": takings.stopped,
        **speed_of(takings.replies, question.seconds),
        **driver_load(takings.efforts, cpu),
    }
    row["note"] = "; ".join(filter(None, [row["note"], blind]))
    folder.write_json("run", _about(question, place, row["note"]))
    folder.write_json("verdict", {"row": row, "findings": [f.as_json() for f in findings]})
    return row


def _about(question: LoadQuestion, place: Any, note: str) -> dict[str, Any]:
    return {
        "format": FORMAT,
        "world": "loaded",
        "strategy": question.strategy,
        "stack": place.stack.name,
        "rule": question.rule,
        "seed": question.seed,
        "repetition": 0,
        "seconds": question.seconds,
        "scenario": asdict(question.scenario),
        "durability": dict(place.durability),
        "embedded": place.address.embedded,
        "machine": machine(),
        "software": software(),
        "notes": [note] if note else [],
    }
