"""One run of a shop: furnish, let buyers and sweepers loose, settle, read back, judge, write down.

furnish -> start barrier -> buyers, sweepers -> last buyer gone -> settle -> books -> verdict
"""

from __future__ import annotations

import time
from contextlib import suppress
from dataclasses import asdict, dataclass, field, replace
from functools import partial
from statistics import median
from typing import Any, Self

from inventory_core.domain import Limits
from inventory_core.drivers import carry_out
from inventory_core.services.stock_management import StockManagement
from inventory_core.steps import Plan, StepError
from inventory_core.steps.engine import on
from inventory_core.stores.servers import Place
from inventory_core.stores.service import ServiceAddress, connect_service
from inventory_core.stores.session import Session
from inventory_core.strategy import Strategy
from inventory_core.strategy.contract import RIDES
from inventory_core.strategy.registry import make
from scenarios import verdict
from scenarios.checks import Finding
from scenarios.demand import Share
from scenarios.history import FORMAT, RunFolder
from scenarios.measuring.crew import Crew
from scenarios.measuring.driver_load import CpuTimes, driver_load
from scenarios.measuring.job import Job, Start
from scenarios.measuring.machine import machine, software
from scenarios.measuring.playing import Question
from scenarios.measuring.records import audit_columns, timeline_columns
from scenarios.measuring.sampler import Sampler
from scenarios.scenario import Scenario
from scenarios.serving.books import read_books, work_left
from scenarios.serving.buyers import Buyers
from scenarios.serving.checks import judge_shop
from scenarios.serving.checks.case import NO_CLOCK, Clock, ShopCase
from scenarios.serving.clocks import compared, store_clock
from scenarios.serving.desk import PlanOf, plan_of
from scenarios.serving.engine_case import judge_engine
from scenarios.serving.figures import figures_of
from scenarios.serving.furnishing import announce, furnish
from scenarios.serving.place import ShopPlace
from scenarios.serving.records import as_attempts, attempts_table, step_columns
from scenarios.serving.watching import Expiry, Watched
from scenarios.serving.worker import Shift, Worker, take_turn

SETTLE_WITHIN_S = 15.0
"""After the buyers have gone, so long may pass until the last hold is resolved."""


@dataclass(frozen=True, slots=True)
class ShopQuestion:
    """What one run is to find out. `seed` is this repetition's own."""

    scenario: Scenario  # under one rule
    strategy: str
    seed: int
    seconds: float
    repetition: int = 0
    plan_of: PlanOf = plan_of  # a module's function; tests plant bugs here

    @classmethod
    def of(cls, question: Question, rule: str) -> Self:
        """The question of a campaign, under one rule."""
        shop = question.scenario.shop
        assert shop is not None, "a question to a shop needs a table [shop]"
        scenario = replace(question.scenario, shop=replace(shop, deduct_at=(rule,)))
        return cls(
            scenario, question.strategy, question.seed, question.seconds, question.repetition
        )

    @property
    def rule(self) -> str:
        """When units are deducted: order or payment."""
        assert self.scenario.shop is not None, "a question to a shop needs a table [shop]"
        return self.scenario.shop.deduct_at[0]


@dataclass
class _Run:
    """One run under way."""

    question: ShopQuestion
    place: Place
    buyers: Buyers
    address: ServiceAddress
    session: Session
    strategy: Strategy
    window_ms: tuple[int, int] | None = None
    clock: Clock = NO_CLOCK
    starts: list[Start] = field(default_factory=list)
    cpu: list[CpuTimes] = field(default_factory=list)

    def job(self) -> Job:
        """The workers' job."""
        question = self.question
        return Job(
            strategy=question.strategy,
            limits=Limits(),
            connect=connect_service,
            address=self.address,
            scenario=question.scenario,
            seed=question.seed,
            seconds=question.seconds,
            share=Share(0, 0, 0),
            player=partial(Worker, services=question.plan_of),
        )

    def do(self, plan: Plan[Any]) -> Any:
        """Carry out a plan of the parent's."""
        return carry_out(plan, self.session.perform)

    def begin(self, start: Start) -> None:
        """The start is announced: the activity is planned from it, and clocks are compared."""
        self.starts.append(start)
        if self.buyers.shop.window_s:
            in_ms = round((start.starts_ns - time.monotonic_ns()) / 1e6)
            self.window_ms = self.do(announce(self.buyers, self.question.strategy, in_ms))
        self.clock = compared(self.session, start.starts_ns)
        self.cpu.append(CpuTimes.now())


def serve_once(
    question: ShopQuestion, here: ShopPlace, crew: Crew, folder: RunFolder
) -> dict[str, Any]:
    """Carry out one run on an open shop's place, write its folder, and answer its row."""
    strategy = make(question.strategy)
    buyers = Buyers(question.scenario, question.seed, question.seconds)
    here.clear()
    session = connect_service(here.address, None, question.seed)
    run = _Run(question, here.place, buyers, here.address, session, strategy)
    sampler = Sampler(here.place.remaining)
    try:
        run.do(furnish(buyers, question.strategy, strategy))

        def started(start: Start) -> None:
            run.begin(start)
            sampler.start()

        shifts: list[Shift] = crew.run(run.job(), started)
        cpu = CpuTimes.now().since(run.cpu[0])
        expiries, settled = _settle(run)
        blind = sampler.stop()
        case = _case(run, shifts, expiries, settled)
    finally:
        session.close()
    ended_ns = time.monotonic_ns() - run.starts[0].starts_ns
    _write_records(folder, run, case, shifts, sampler)
    findings = (*judge_shop(case), *judge_engine(case, strategy.refuses_for, ended_ns))
    notes = ("" if settled else "the shop did not come to rest after the run", blind)
    row = _row(run, folder, shifts) | _judged(run, case, findings)
    row |= driver_load(shifts, cpu)
    row["note"] = "; ".join(filter(None, [row["note"], *notes]))
    folder.write_json("run", _about(run, notes))
    folder.write_json("verdict", {"row": row, "findings": [f.as_json() for f in findings]})
    return row


def _settle(run: _Run) -> tuple[list[Expiry], bool]:
    """Sweep on until nothing is held, begun or under way: what was expired, and if it ended."""
    watched = Watched(run.session)
    turns = run.question.plan_of(replace(run.job(), share=Share(0, 1, 1))).daemons
    deadline = time.monotonic() + run.buyers.scenario.demand.hold_s + SETTLE_WITHIN_S
    with suppress(StepError):
        carry_out(on(run.question.strategy, run.strategy.recover()), watched.perform)
    settled = False
    while not settled and time.monotonic() < deadline:
        worked = [take_turn(watched, turn) for turn in turns]
        if not any(worked):
            settled = not run.do(work_left()) and _closed(run)
            time.sleep(0.02)
    starts_ns = run.starts[0].starts_ns
    moved = [
        one._replace(sent_ns=one.sent_ns - starts_ns, replied_ns=one.replied_ns - starts_ns)
        for one in watched.expiries
    ]
    return moved, settled


def _closed(run: _Run) -> bool:
    """Is the window, if there is one, over?"""
    closes_ms = run.window_ms[1] if run.window_ms else 0
    return bool(run.do(store_clock()) >= closes_ms)


def _case(run: _Run, shifts: list[Shift], expiries: list[Expiry], settled: bool) -> ShopCase:
    return ShopCase(
        run.buyers,
        [one for shift in shifts for one in shift.attempts],
        [*(one for shift in shifts for one in shift.expiries), *expiries],
        run.do(read_books()),
        run.place.audit(),
        run.clock,
        run.window_ms,
        settled,
        run.do(StockManagement({run.question.strategy: run.strategy}).audit()),
    )


def _write_records(
    folder: RunFolder, run: _Run, case: ShopCase, shifts: list[Shift], sampler: Sampler
) -> None:
    every = [*case.attempts, *as_attempts(case.expiries)]
    table = attempts_table(every, case.orders)
    folder.write_table("attempts", {name: table[name] for name in table.column_names})
    folder.write_table("steps", step_columns([one for shift in shifts for one in shift.steps]))
    starts_ns = run.starts[0].starts_ns
    folder.write_table("timeline", timeline_columns(sampler.samples, starts_ns))
    folder.write_table("audit", audit_columns(case.audit))


def _row(run: _Run, folder: RunFolder, shifts: list[Shift]) -> dict[str, Any]:
    question, place = run.question, run.place
    return {
        "strategy": question.strategy,
        "stack": place.stack.name,
        "rule": question.rule,
        "world": "measured",
        "family": run.strategy.family,
        "control": run.strategy.control,
        "round_trips": _round_trips(shifts),
        "connections": question.scenario.demand.clients,
        "durability": place.durability.get("words") or "",
        "fsync_us": place.durability.get("fsync_us"),
        "repetitions": 1,
        "repetition": question.repetition,
        "runs": [folder.path.name],
    }


def _round_trips(shifts: list[Shift]) -> int | None:
    """Replies that a sampled attempt waited for: the median."""
    waited: dict[tuple[int, int], int] = {}
    for number, shift in enumerate(shifts):
        for step in shift.steps:
            key = (number, step.serial)
            waited[key] = waited.get(key, 0) + (step.step not in RIDES)
    return round(median(waited.values())) if waited else None


def _judged(run: _Run, case: ShopCase, findings: tuple[Finding, ...]) -> dict[str, Any]:
    ends_ns = round(run.question.seconds * 1e9)
    kept = run.strategy.promises.kept
    found = verdict.worst_damage(findings)
    return {**figures_of(case, ends_ns), **found, **verdict.verdict(findings, kept)}


def _about(run: _Run, notes: tuple[str, ...]) -> dict[str, Any]:
    question, place = run.question, run.place
    return {
        "format": FORMAT,
        "world": "measured",
        "strategy": question.strategy,
        "stack": place.stack.name,
        "rule": question.rule,
        "seed": question.seed,
        "repetition": question.repetition,
        "seconds": question.seconds,
        "scenario": asdict(question.scenario),
        "durability": dict(place.durability),
        "embedded": place.address.embedded,
        "machine": machine(),
        "software": software(),
        "notes": [note for note in notes if note],
    }
