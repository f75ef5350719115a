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
from scenarios.demand import Share
from scenarios.history import FORMAT, RunFolder
from scenarios.measuring.crew import Crew
from scenarios.measuring.driver_load import CpuTimes, driver_load
from scenarios.measuring.job import Job, Start
from scenarios.measuring.machine import machine, software
from scenarios.measuring.playing import Question
from scenarios.measuring.records import timeline_columns
from scenarios.measuring.sampler import Sampler
from scenarios.scenario import Scenario
from scenarios.serving.books import read_books, work_left
from scenarios.serving.buyers import Buyers
from scenarios.serving.checks.case import NO_CLOCK, Clock, ShopCase
from scenarios.serving.clocks import compared, store_clock
from scenarios.serving.desk import PlanOf, plan_of
from scenarios.serving.furnishing import announce, furnish
from scenarios.serving.judging import judged
from scenarios.serving.place import ShopPlace
from scenarios.serving.records import step_columns, write_case
from scenarios.serving.watching import Expiry, Watched
from scenarios.serving.worker import Helper, Shift, Worker

SETTLE_WITHIN_S, SETTLE_PAUSE_S = 15.0, 0.02
"""After the buyers have gone, so long may pass until the last hold is resolved; between looks."""


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
    write_case(folder, case, timeline_columns(sampler.samples, run.starts[0].starts_ns))
    folder.write_table("steps", step_columns([one for shift in shifts for one in shift.steps]))
    found, findings = judged(case, strategy, question.seconds, ended_ns)
    notes = ("" if settled else "the shop did not come to rest after the run", blind)
    row = _row(run, folder, shifts) | found
    row |= driver_load(shifts, cpu)
    row["note"] = "; ".join(filter(None, [row["note"], *notes]))
    folder.write_json("run", _about(run, notes))
    folder.write_json("verdict", {"row": row, "findings": [f.as_json() for f in findings]})
    return row


def _settle(run: _Run) -> tuple[list[Expiry], bool]:
    """Sweep on until nothing is held, begun or under way: what was expired, and if it ended."""
    watched = Watched()
    turns = run.question.plan_of(run.job()).daemons
    helpers = [Helper(turn, run.session, watched) for turn in turns]
    deadline = time.monotonic() + run.buyers.scenario.demand.hold_s + SETTLE_WITHIN_S
    with suppress(StepError):
        run.do(watched.through(on(run.question.strategy, run.strategy.recover())))
    settled = False
    while not settled and time.monotonic() < deadline:
        worked = [helper.take_turn() for helper in helpers]
        if not any(worked):
            settled = not run.do(work_left()) and _closed(run)
            time.sleep(SETTLE_PAUSE_S)
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
