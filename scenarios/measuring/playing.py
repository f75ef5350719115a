"""How a run is played: the stock is loaded, the clients are let loose, and then all comes to rest.

    load -> start barrier -> clients, daemons, sampler, faults
         -> settle -> recover -> settle -> audit

Nothing is judged here.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from math import inf
from typing import Any, Protocol

from inventory_core.domain import Limits
from inventory_core.drivers import carry_out
from inventory_core.problems import Problem
from inventory_core.steps import StepError
from inventory_core.stores.audit import Audit
from inventory_core.stores.meters import Meters
from inventory_core.stores.servers import Place
from inventory_core.stores.session import Session
from inventory_core.stores.stacks import connect
from inventory_core.strategy import Strategy
from scenarios.demand import Demand, Share
from scenarios.measuring import records
from scenarios.measuring.daemons import Daemons, Expiry
from scenarios.measuring.driver_load import CpuTimes
from scenarios.measuring.driving import MULTIPLEXED, driver_of
from scenarios.measuring.job import Connect, FaultEvent, Job, Result, Start
from scenarios.measuring.multiplexed import MultiplexedWorker
from scenarios.measuring.sampler import Sampler
from scenarios.measuring.settling import patience_s
from scenarios.measuring.strikes import Scene, Strikes, spells
from scenarios.scenario import Scenario

LOAD_BATCH = 1_000
"""Cells loaded by one plan."""

RECOVERIES, RECOVERY_PAUSE_S = 6, 0.05
"""How often recovery is tried before the run says that it did not succeed."""

NOTHING_READ = Audit(())


class Players(Protocol):
    """Those who play the buyers: a `Crew` of our workers, or a fleet of Locust's."""

    @property
    def pids(self) -> tuple[int, ...]:
        """Their process numbers."""

    def run(self, job: Job, started: Callable[[Start], None] | None = None) -> list[Any]:
        """Carry out a job; `started` is told the start before it comes."""


@dataclass(frozen=True, slots=True)
class Question:
    """What one run is to find out. `seed` is this repetition's own."""

    scenario: Scenario
    strategy: str
    seed: int
    seconds: float
    repetition: int = 0
    connect: Connect = connect  # how workers reach the stores; tests put faults in between
    settles: bool = True  # False: a look at speed alone, and helpers may leave work undone
    world: str = "measured"  # by whose hands: our workers', or Locust's (loaded)

    @property
    def driver(self) -> str:
        """Who carries out the plans of a worker process."""
        return driver_of(self.scenario, self.connect)


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
    settled_after_s: float | None = None  # until the helpers had nothing left to do; None: never
    events: tuple[FaultEvent, ...] = ()
    unmended: Audit | None = None  # what the stores held before `recover`, of a run with faults
    partial: str = ""  # why this is not a whole run: the stores were full, or gone at the end

    @property
    def expiries(self) -> list[Expiry]:
        """What the sweeper did."""
        return self.daemons.expiries

    @property
    def starts_ns(self) -> int:
        """When the run started, on the machine's clock."""
        return self.start.starts_ns

    @property
    def timeline(self) -> dict[str, Any]:
        """The columns of `timeline.parquet`."""
        sampler = self.sampler
        return records.timeline_columns(
            sampler.samples, self.start.starts_ns, sampler.readings, sampler.copies
        )


def play(
    question: Question, strategy: Strategy, demand: Demand, place: Place, crew: Players
) -> Played:
    """Play the run on an open place; whatever was in it has been cleared."""
    with session_on(place, question.seed) as session:
        load(strategy, demand, session)
        daemons = Daemons(strategy, lambda: place.connect(strategy.limits, question.seed))
        faults = question.scenario.faults
        meters = Meters(place.stores)
        sampler = Sampler(
            place.remaining, copied=place.copied, meters=meters.read, patient=bool(faults)
        )
        strikes = Strikes(faults, _scene(question, strategy, place, crew))
        starts: list[Start] = []
        before: list[CpuTimes] = []

        def started(start: Start) -> None:
            starts.append(start)
            sampler.start()
            before.append(CpuTimes.now())
            daemons.start()
            strikes.start(start.starts_ns)

        try:
            results = crew.run(_job(question, place, strategy.limits), started)
            cpu = CpuTimes.now().since(before[0])
            strikes.stop()
            if not question.settles:
                daemons.give_up()
            hurried = question.world == "measured" and not faults
            within_s = patience_s(strategy.promises) if hurried else inf
            rest = _rested(strategy, session, place, daemons, sampler, within_s)
        finally:
            strikes.cease()
            daemons.close()
            meters.close()
        ended_ns = time.monotonic_ns() - starts[0].starts_ns
    notes = ("" if rest.settled else "the strategy did not come to rest after the run", rest.blind)
    full = next((each.full for each in results if each.full), "")
    partial = f"a store has no room left ({full}): make some" if full else rest.gone
    events = (*_told(results), *strikes.events, *spells(faults, question.seconds))
    return Played(
        results,
        daemons,
        sampler,
        starts[0],
        cpu,
        rest.audit,
        ended_ns,
        notes,
        rest.settled_after_s,
        events,
        rest.unmended,
        partial,
    )


def load(strategy: Strategy, demand: Demand, session: Session) -> None:
    """Hand the stock that the run starts with over to the strategy."""
    for at in range(0, len(demand.openings), LOAD_BATCH):
        carry_out(strategy.load(demand.openings[at : at + LOAD_BATCH]), session.perform)


@dataclass(frozen=True, slots=True)
class _Rest:
    """How the stores were when all had come to rest. `gone`: why they could not be read back."""

    settled: bool = False
    settled_after_s: float | None = None
    unmended: Audit | None = None
    blind: str = ""
    audit: Audit = NOTHING_READ
    gone: str = ""


def _rested(
    strategy: Strategy,
    session: Session,
    place: Place,
    daemons: Daemons,
    sampler: Sampler,
    within_s: float,
) -> _Rest:
    """Let everything come to rest, and read the stores back."""
    began_s = time.monotonic()
    try:
        settled = daemons.settle(within_s)
        after_s = time.monotonic() - began_s if settled else None
        unmended = place.audit() if sampler.patient else None
        settled = settled and recovered(strategy, session) and daemons.settle()
        return _Rest(settled, after_s, unmended, sampler.stop(), place.audit())
    except (Problem, StepError) as error:
        with suppress(Problem, StepError):
            sampler.stop()
        return _Rest(gone=str(error) or f"the stores do not answer ({type(error).__name__})")


def _told(results: Sequence[Result]) -> Iterator[FaultEvent]:
    """What befell single clients."""
    return (event for result in results for event in result.events)


def _scene(question: Question, strategy: Strategy, place: Place, crew: Players) -> Scene:
    def recover() -> bool:
        with session_on(place, question.seed) as session:
            return recovered(strategy, session)

    lease_ms = strategy.limits.lease_ms
    return Scene(place, lambda: crew.pids, lease_ms, recover, question.seconds, question.seed)


def recovered(strategy: Strategy, session: Session) -> bool:
    """Mend what lost requests left behind; a connection that was cut is opened again."""
    for attempt in range(RECOVERIES):
        try:
            carry_out(strategy.recover(), session.perform)
        except StepError:
            time.sleep(RECOVERY_PAUSE_S * 2**attempt)
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
        player=MultiplexedWorker if question.driver == MULTIPLEXED else None,
    )


@contextmanager
def session_on(place: Place, seed: int) -> Iterator[Session]:
    """A session of one's own, closed at the end."""
    session = place.connect(seed=seed)
    try:
        yield session
    finally:
        session.close()
