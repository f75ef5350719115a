"""One run: load the stock, let the clients loose, settle, read the stores back, judge, write down.

    load -> start barrier -> clients, daemons, sampler
         -> settle -> recover -> audit -> records -> verdict

The verdict is written last: a folder with a verdict is a finished run.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from typing import Any

import pyarrow as pa

from inventory_core.domain import Cell, Limits, Line, Opening, Order
from inventory_core.drivers import carry_out
from inventory_core.steps import StepError
from inventory_core.stores.audit import Audit
from inventory_core.stores.null import NullPart
from inventory_core.stores.servers import Place
from inventory_core.stores.session import Session
from inventory_core.stores.stacks import connect
from inventory_core.strategy import Needs, Strategy
from inventory_core.strategy.contract import round_trips
from inventory_core.strategy.registry import make
from scenarios import verdict
from scenarios.checks import Case, Finding, judge
from scenarios.demand import Demand, Share, make_demand
from scenarios.history import FORMAT, SCHEMAS, RunFolder
from scenarios.measuring import records
from scenarios.measuring.crew import Crew
from scenarios.measuring.daemons import Daemons
from scenarios.measuring.driver_load import CpuTimes, driver_load
from scenarios.measuring.job import Connect, Job, Result, Start
from scenarios.measuring.machine import machine, software
from scenarios.measuring.sampler import Sampler
from scenarios.operations import History
from scenarios.scenario import Scenario

LOAD_BATCH = 1_000
"""Cells loaded by one plan."""

RECOVERIES = 6
"""How often recovery is tried before the run says that it did not succeed."""


@dataclass(frozen=True, slots=True)
class Question:
    """What one run is to find out. `seed` is this repetition's own."""

    scenario: Scenario
    strategy: str
    seed: int
    seconds: float
    repetition: int = 0
    connect: Connect = connect  # how workers reach the stores; tests put faults in between


@dataclass(frozen=True, slots=True)
class Played:
    """What a run brought back, before anything is judged."""

    results: list[Result]
    daemons: Daemons
    sampler: Sampler
    start: Start
    cpu: CpuTimes
    audit: Audit
    ended_ns: int
    notes: tuple[str, ...]


def run_once(question: Question, place: Place, crew: Crew, folder: RunFolder) -> dict[str, Any]:
    """Carry out one run on an open place, write its folder, and answer its row."""
    demand = make_demand(question.scenario, question.seed, question.seconds)
    strategy = make(question.strategy)
    place.clear()
    played = _play(question, strategy, demand, place, crew)
    table = _write_records(folder, demand, played)
    judged_nothing = _asks_nothing(strategy, place)
    case = Case(
        history=History.of(table),
        audit=played.audit,
        supply={} if judged_nothing else _supply(demand.openings),
        hold_s=question.scenario.demand.hold_s,
        ended_ns=played.ended_ns,
        family=strategy.family,
    )
    findings = () if judged_nothing else judge(case)
    row = _row(question, strategy, place, folder) | _judged(
        question, strategy, case, table, findings
    )
    row |= driver_load(played.results, played.cpu)
    row["note"] = "; ".join(filter(None, [row["note"], *played.notes]))
    folder.write_json("run", _about(question, place, played))
    folder.write_json("verdict", {"row": row, "findings": [f.as_json() for f in findings]})
    return row


def _asks_nothing(strategy: Strategy, place: Place) -> bool:
    return strategy.needs is Needs.NOTHING or place.stack.name == "null"


def _supply(openings: tuple[Opening, ...]) -> Mapping[Cell, int]:
    return {opening.cell: opening.quantity for opening in openings}


def _play(
    question: Question, strategy: Strategy, demand: Demand, place: Place, crew: Crew
) -> Played:
    with _session(place, question.seed) as session:
        for at in range(0, len(demand.openings), LOAD_BATCH):
            carry_out(strategy.load(demand.openings[at : at + LOAD_BATCH]), session.perform)
        daemons = Daemons(strategy, lambda: place.connect(strategy.limits, question.seed))
        sampler = Sampler(place.remaining)
        starts: list[Start] = []
        before: list[CpuTimes] = []

        def started(start: Start) -> None:
            starts.append(start)
            sampler.start()
            before.append(CpuTimes.now())
            daemons.start()

        try:
            results = crew.run(_job(question, place, strategy.limits), started)
            cpu = CpuTimes.now().since(before[0])
            settled = daemons.settle() and _recovered(strategy, session) and daemons.settle()
            blind = sampler.stop()
        finally:
            daemons.close()
        audit = place.audit()
        ended_ns = time.monotonic_ns() - starts[0].starts_ns
    notes = ("" if settled else "the strategy did not come to rest after the run", blind)
    return Played(results, daemons, sampler, starts[0], cpu, audit, ended_ns, notes)


def _recovered(strategy: Strategy, session: Session) -> bool:
    """Mend what lost requests left behind; a connection that was cut is opened again."""
    for attempt in range(RECOVERIES):
        try:
            carry_out(strategy.recover(), session.perform)
        except StepError:
            time.sleep(0.05 * 2**attempt)
            with suppress(StepError):
                session.reset()
        else:
            return True
    return False


def _job(question: Question, place: Place, limits: Limits) -> Job:
    return Job(
        strategy=question.strategy,
        limits=limits,
        connect=question.connect,
        address=place.address,
        scenario=question.scenario,
        seed=question.seed,
        seconds=question.seconds,
        share=Share(0, 0, 0),  # the crew gives each worker its own
    )


@contextmanager
def _session(place: Place, seed: int) -> Iterator[Session]:
    session = place.connect(seed=seed)
    try:
        yield session
    finally:
        session.close()


def _write_records(folder: RunFolder, demand: Demand, played: Played) -> pa.Table:
    starts_ns = played.start.starts_ns
    expiries = played.daemons.expiries
    columns = records.attempt_columns(demand, played.results, expiries, starts_ns)
    folder.write_table("attempts", columns)
    folder.write_table("steps", records.step_columns(played.results))
    folder.write_table("timeline", records.timeline_columns(played.sampler.samples, starts_ns))
    folder.write_table("audit", records.audit_columns(played.audit))
    return pa.table(columns, schema=SCHEMAS["attempts"])


def _row(question: Question, strategy: Strategy, place: Place, folder: RunFolder) -> dict[str, Any]:
    order = Order("o", (Line(Cell("sku"), 1),))
    return {
        "strategy": question.strategy,
        "stack": place.stack.name,
        "world": "measured",
        "family": strategy.family,
        "control": strategy.control,
        "round_trips": round_trips(strategy, Session([NullPart()]).perform, order),
        "connections": question.scenario.demand.clients,
        "durability": place.durability.get("words") or "",
        "fsync_us": place.durability.get("fsync_us"),
        "repetitions": 1,
        "repetition": question.repetition,
        "runs": [folder.path.name],
    }


def _judged(
    question: Question,
    strategy: Strategy,
    case: Case,
    table: pa.Table,
    findings: tuple[Finding, ...],
) -> dict[str, Any]:
    ends_ns = round(question.seconds * 1e9)
    speed = verdict.figures(table, case, ends_ns, question.scenario.run.warm_up)
    nothing = not case.supply
    harm = verdict.blank_damage() if nothing else verdict.damage(case, findings)
    return {**speed, **harm, **verdict.verdict(findings, strategy.promises.kept, nothing)}


def _about(question: Question, place: Place, played: Played) -> dict[str, Any]:
    """The content of `run.json`: what was run, where, with which durability."""
    return {
        "format": FORMAT,
        "world": "measured",
        "strategy": question.strategy,
        "stack": place.stack.name,
        "seed": question.seed,
        "repetition": question.repetition,
        "seconds": question.seconds,
        "scenario": asdict(question.scenario),
        "durability": dict(place.durability),
        "embedded": place.address.embedded,
        "machine": machine(),
        "software": software(),
        "notes": [note for note in played.notes if note],
    }
