"""How a run is simulated: the stock is loaded, the buyers are let loose, and all comes to rest.

    load -> clients and daemons -> settle -> recover -> settle -> audit

Nothing is judged here; what comes back has the form of what a live run brings back.
"""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from inventory_core.steps import StepError
from inventory_core.steps.step import Plan
from inventory_core.stores.audit import Audit
from inventory_core.stores.stacks import Stack
from inventory_core.strategy import Daemon, Strategy
from scenarios.demand import Demand, Share
from scenarios.measuring.daemons import SETTLE_TURNS, Expiry, observed
from scenarios.measuring.driving import driver_of
from scenarios.measuring.job import FaultEvent, Result
from scenarios.measuring.playing import RECOVERIES, RECOVERY_PAUSE_S
from scenarios.measuring.records import timeline_columns
from scenarios.measuring.strikes import spells
from scenarios.predicting.at_once import at_once, audit_of
from scenarios.predicting.buyers import NS, Arrivals, Attempts, Buyer, Stream
from scenarios.predicting.carrier import Carrier, Shop
from scenarios.predicting.loop import Goes
from scenarios.predicting.profile import Profile
from scenarios.predicting.striking import Strikes
from scenarios.predicting.troubled_buyer import TroubledBuyer
from scenarios.predicting.world import World
from scenarios.scenario import Scenario

LOAD_BATCH = 1_000
"""Cells that are opened by one plan."""


@dataclass(frozen=True, slots=True)
class Played:
    """What a simulated run brought back, before anything is judged."""

    results: list[Result]
    expiries: list[Expiry]
    audit: Audit
    ended_ns: int
    notes: tuple[str, ...]
    usage: dict[str, float]
    events: tuple[FaultEvent, ...] = ()
    unmended: Audit | None = None
    starts_ns: int = 0
    settled_after_s: float | None = None  # until the helpers had nothing left to do; None: never

    @property
    def timeline(self) -> dict[str, Any]:
        """The columns of `timeline.parquet`: nobody looks at a simulated stock from outside."""
        return timeline_columns([], 0)


@dataclass
class Play:
    """One run in the making."""

    scenario: Scenario
    strategy: Strategy
    demand: Demand
    profile: Profile
    stack: Stack
    seed: int
    seconds: float
    _expiries: list[Expiry] = field(default_factory=list)

    def __post_init__(self) -> None:
        limits = self.strategy.limits
        self.world = World(self.profile, self.seed, limits.lock_wait_s)
        wishes = self.scenario.demand
        driver = driver_of(self.scenario)
        self._shops = [
            Shop(self.world, node, wishes.pool, driver) for node in range(wishes.processes)
        ]
        self._helper = Shop(self.world, wishes.processes)
        self._arrivals: list[Arrivals] = []
        self._buyers: list[Buyer] = []

    def run(self) -> Played:
        """Simulate it."""
        collects = gc.isenabled()
        gc.disable()  # nothing here makes cycles by the million, and a look at everything is dear
        try:
            return self._run()
        finally:
            if collects:
                gc.enable()

    def _run(self) -> Played:
        self._load()
        env = self.world.env
        crowd = [env.process(goes) for goes in self._crowd()]
        twin = observed(self.strategy, self._expiries.append, lambda: round(env.now * NS))
        helpers = [self._carrier(self._helper, daemon.name) for daemon in twin.daemons()]
        loops = list(zip(twin.daemons(), helpers, strict=True))
        self._over = False
        turns = [env.process(self._loop(daemon, carrier)) for daemon, carrier in loops]
        strikes = Strikes(self.world, self.stack, self._shops, self._mended, self.seed)
        if self.scenario.faults:
            faults, lease_ms = self.scenario.faults, self.strategy.limits.lease_ms
            crowd.append(env.process(strikes.run(faults, self.seconds, lease_ms)))
        env.run(env.all_of(crowd))
        for arrivals in self._arrivals:
            arrivals.close()
        self._over = True
        gone_s = env.now
        env.run(env.all_of(turns))
        busy_s, over_s = self.world.server.busy_s, env.now
        settled = self._settle(loops)
        after_s = env.now - gone_s if settled else None
        unmended = self._audit() if self.scenario.faults else None
        settled = settled and self._recover() and self._settle(loops)
        played = Played(
            [_result(self._buyers, [a.dropped for a in self._arrivals], over_s)],
            self._expiries,
            self._audit(),
            round(env.now * NS),
            () if settled else ("the strategy did not come to rest after the run",),
            {
                "server_cpu_share": busy_s / max(over_s, 1e-9) / self.world.server.count,
                "flushes_per_s": self.world.flush.count / max(over_s, 1e-9),
            },
            (*self._befallen(), *strikes.events, *spells(self.scenario.faults, self.seconds)),
            unmended,
            settled_after_s=after_s,
        )
        self._forget()
        return played

    def _forget(self) -> None:
        """Let go of the world: a long run's is large, and judging needs memory, too."""
        self._buyers.clear()
        self._arrivals.clear()
        del self.world, self._shops, self._helper

    def _befallen(self) -> Iterator[FaultEvent]:
        """What befell single clients."""
        for buyer in self._buyers:
            if isinstance(buyer, TroubledBuyer):
                yield from buyer.events

    # ------------------------------------------------------------------------------- who is there

    def _crowd(self) -> Iterator[Goes]:
        wishes = self.scenario.demand
        for node, shop in enumerate(self._shops):
            first = node * wishes.connections
            share = Share(first, first + wishes.connections, wishes.clients)
            stream, arrivals = Stream(self.demand, share), None
            if wishes.open_loop:
                arrivals = Arrivals(stream, wishes.queue, self.seconds)
                self._arrivals.append(arrivals)
            for place in range(wishes.connections):
                carrier = self._carrier(shop, str(first + place))
                buyer = self._buyer(carrier)
                self._buyers.append(buyer)
                if arrivals is not None:
                    yield buyer.open(arrivals)
                else:
                    yield buyer.closed(stream.of_client(place), self.seconds)

    def _buyer(self, carrier: Carrier) -> Buyer:
        wishes, faults = self.scenario.demand, self.scenario.faults
        of_any = self.strategy, carrier, wishes.hold_s, wishes.retries
        return TroubledBuyer(faults, *of_any) if faults else Buyer(*of_any)

    def _carrier(self, shop: Shop, name: str) -> Carrier:
        return Carrier(self.world, shop, f"{self.seed}/{name}")

    def _loop(self, daemon: Daemon, carrier: Carrier) -> Goes:
        while not self._over:
            worked = False
            with suppress(StepError):
                worked = yield from carrier.carry_out(daemon.turn())
            if not worked and not self._over:
                yield daemon.pause_s

    # --------------------------------------------------------------------------- before and after

    def _load(self) -> None:
        """At no cost: the stock is there before the run begins."""
        line = self.world.session()
        openings = self.demand.openings
        for at in range(0, len(openings), LOAD_BATCH):
            at_once(self.world, line, self.strategy.load(openings[at : at + LOAD_BATCH]))

    def _settle(self, loops: list[tuple[Daemon, Carrier]]) -> bool:
        for _ in range(SETTLE_TURNS):
            worked = [self._finished(carrier, daemon.turn()) for daemon, carrier in loops]
            if not any(worked):
                return True
        return False

    def _recover(self) -> bool:
        env = self.world.env
        return bool(env.run(env.process(self._mended())))

    def _mended(self) -> Goes:
        """Mend what lost requests left behind; a server that falls meanwhile is waited for."""
        carrier = self._carrier(self._helper, "recovery")
        for attempt in range(RECOVERIES):
            try:
                yield from carrier.carry_out(self.strategy.recover())
            except StepError:
                yield RECOVERY_PAUSE_S * 2**attempt
            else:
                return True
        return False

    def _finished(self, carrier: Carrier, plan: Plan[Any]) -> Any:
        env = self.world.env
        try:
            return env.run(env.process(carrier.carry_out(plan)))
        except StepError:
            return False

    def _audit(self) -> Audit:
        """With faults, what is read before the recovery must not change."""
        return audit_of(self.world, goes_on=bool(self.scenario.faults))


def _result(buyers: list[Buyer], dropped: list[Attempts], over_s: float) -> Result:
    """Everything that was recorded, as one worker would hand it back."""
    kept = [(number, buyer.attempts) for number, buyer in enumerate(buyers)]
    kept += [(-1, attempts) for attempts in dropped]
    columns = np.concatenate([attempts.columns() for _, attempts in kept], axis=1)
    position, attempt, sent_ns, replied_ns, answer = columns
    numbers, counts = [number for number, _ in kept], [attempts.count for _, attempts in kept]
    return Result(
        position=position,
        attempt=attempt,
        client=np.repeat(numbers, counts),
        sent_ns=sent_ns,
        replied_ns=replied_ns,
        answer=answer,
        steps=(),
        lags_ns=np.zeros(0, np.int64),
        cpu_s=0.0,
        wall_s=over_s,
    )
