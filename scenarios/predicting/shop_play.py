"""How a shop is simulated: its own services, buyers and sweepers, in virtual time.

    furnish -> buyers of every process, sweepers beside them -> last buyer gone -> settle -> books

The order flow is the one behind the API, carried out step by step on the model; what buyers want is
what they want of a live shop (`scenarios/serving`).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

import simpy

from inventory_core.domain import Limits
from inventory_core.services.stock_management import StockManagement
from inventory_core.steps import ConnectionLost, Plan, Step, StepError
from inventory_core.steps.engine import OnEngine, on
from inventory_core.steps.relay import relayed
from inventory_core.strategy import Strategy
from inventory_core.strategy.registry import make
from scenarios.measuring.client import ERROR, UNKNOWN
from scenarios.measuring.driving import driver_of
from scenarios.predicting.at_once import at_once, audit_of
from scenarios.predicting.buyers import NS
from scenarios.predicting.carrier import Carrier, Shop
from scenarios.predicting.loop import Goes
from scenarios.predicting.profile import Profile
from scenarios.predicting.world import World
from scenarios.scenario import Scenario
from scenarios.serving.agenda import Act, Agenda, arrivals_of, what_follows
from scenarios.serving.books import read_books, work_left
from scenarios.serving.buyers import Buyers
from scenarios.serving.checks.case import Clock, ShopCase
from scenarios.serving.client import AGAIN, PAUSE_S, Served, plan_of, word_of
from scenarios.serving.clocks import store_clock
from scenarios.serving.desk import PlanOf, ShopPlan, Turn
from scenarios.serving.furnishing import announce, furnish
from scenarios.serving.run import SETTLE_PAUSE_S, SETTLE_WITHIN_S
from scenarios.serving.watching import Watched
from scenarios.serving.worker import AFTER_S, SWEEPER_PAUSE_S

CLOCK = Clock(0.5, 1.0)
"""The stores' clock tells whole milliseconds, rounded up."""


async def _asked(step: Step[Any]) -> Any:
    """There is one engine, and it is the only one to have keys."""
    return await (step.step if isinstance(step, OnEngine) else step)


def one_engine(plan: Plan[Any]) -> Plan[Any]:
    """A plan of the services, its steps addressed to nobody in particular."""
    return relayed(plan, _asked)


class Calls:
    """What a process's connections have to do next, in virtual time."""

    def __init__(self, env: simpy.Environment, acts: Sequence[Act]) -> None:
        self._env = env
        self._agenda = Agenda(acts)
        self._changed = env.event()

    def next(self) -> Act | float | None:
        """The act that is due; or how many seconds to wait; or None: nothing more will come."""
        return self._agenda.next(round(self._env.now * NS))

    def wait(self, seconds: float) -> Goes:
        """Until an act may be due."""
        yield self._env.timeout(seconds) | self._changed

    def done(self, follows: Act | None) -> None:
        """An act is over; what follows from it, if anything."""
        self._agenda.done(follows)
        changed, self._changed = self._changed, self._env.event()
        changed.succeed()


@dataclass
class ShopPlay:
    """One run in the making. `scenario` is under one rule; `services` opens the shop."""

    scenario: Scenario
    strategy: str
    profile: Profile
    seed: int
    seconds: float
    services: PlanOf
    limits: Limits = field(default_factory=Limits)

    def __post_init__(self) -> None:
        self.buyers = Buyers(self.scenario, self.seed, self.seconds)
        self.engine: Strategy = make(self.strategy, self.limits)
        self.world = World(self.profile, self.seed, self.limits.lock_wait_s)
        driver = driver_of(self.scenario)
        self._shops = [
            Shop(self.world, node, driver=driver) for node in range(self.scenario.demand.processes)
        ]
        self._watched: list[Watched] = []
        self._attempts: list[Served] = []
        self._line = self.world.session()
        self._over = False

    def run(self) -> ShopCase:
        """Simulate it, and answer what is to be judged."""
        env = self.world.env
        self._do(furnish(self.buyers, self.strategy, self.engine))
        window_ms = None
        if self.buyers.shop.window_s:
            window_ms = self._do(announce(self.buyers, self.strategy, 0))
        plans = [self.services(self) for _ in self._shops]
        crowd = [env.process(goes) for goes in self._crowd(plans)]
        turns = [env.process(goes) for goes in self._helpers(plans)]
        env.run(env.all_of(crowd))
        self._over = True
        env.run(env.all_of(turns))
        settled = self._settle(self.services(self), window_ms)
        return ShopCase(
            self.buyers,
            self._attempts,
            [one for watched in self._watched for one in watched.expiries],
            self._do(read_books()),
            audit_of(self.world),
            CLOCK,
            window_ms,
            settled,
            self._do(StockManagement({self.strategy: self.engine}).audit()),
        )

    @property
    def ended_ns(self) -> int:
        """When all had come to rest."""
        return self._now_ns()

    # ------------------------------------------------------------------------------- who is there

    def _crowd(self, plans: Sequence[ShopPlan]) -> Iterator[Goes]:
        """The connections of every process, which take its buyers in turns."""
        wishes = self.scenario.demand
        for node, shop in enumerate(self._shops):
            calls = Calls(self.world.env, arrivals_of(self.buyers.of(node, wishes.processes), 0))
            for place in range(wishes.connections):
                number = node * wishes.connections + place
                carrier = self._carrier(shop, str(number))
                yield self._connection(number, plans[node], calls, carrier)

    def _helpers(self, plans: Sequence[ShopPlan]) -> Iterator[Goes]:
        for node, shop in enumerate(self._shops):
            for place, turn in enumerate(plans[node].daemons):
                yield self._helper(turn, self._carrier(shop, f"{node} helper {place}"))

    def _carrier(self, shop: Shop, name: str) -> Carrier:
        return Carrier(self.world, shop, f"{self.seed}/{name}")

    def _connection(self, number: int, plan: ShopPlan, calls: Calls, carrier: Carrier) -> Goes:
        gives_up_s = self.seconds + AFTER_S
        while self.world.env.now < gives_up_s and (act := calls.next()) is not None:
            if isinstance(act, Act):
                outcome = yield from self._served(number, plan, act, carrier)
                calls.done(what_follows(act, outcome, self._now_ns()))
            else:
                yield from calls.wait(act)

    def _served(self, number: int, plan: ShopPlan, act: Act, carrier: Carrier) -> Goes:
        """Do it until there is an answer to go home with."""
        outcome = ERROR
        for attempt in range(self.scenario.demand.retries + 1):
            sent_ns = self._now_ns()
            try:
                answer = yield from carrier.carry_out(one_engine(plan_of(plan.flow, act)))
                outcome = word_of(answer)
            except ConnectionLost:
                outcome = UNKNOWN
            except StepError:
                outcome = ERROR
            at = (act.serial, plan.kinds[act.kind], act.delivery, attempt, number)
            self._attempts.append(Served(*at, act.due_ns, sent_ns, self._now_ns(), outcome))
            if outcome not in AGAIN:
                break
            yield PAUSE_S * 2**attempt
        return outcome

    def _watch(self) -> Watched:
        self._watched.append(Watched(self._now_ns))
        return self._watched[-1]

    def _helper(self, turn: Turn, carrier: Carrier) -> Goes:
        watched = self._watch()
        while not self._over:
            worked = yield from self._turn(watched.through(turn()), carrier)
            if not worked and not self._over:
                yield SWEEPER_PAUSE_S

    def _turn(self, plan: Plan[Any], carrier: Carrier) -> Goes:
        """One turn. A step error is the store's affair: the next turn tries again."""
        with suppress(StepError):
            return (yield from carrier.carry_out(one_engine(plan)))
        return False

    # --------------------------------------------------------------------------- before and after

    def _do(self, plan: Plan[Any]) -> Any:
        """At no cost, while nobody else is there and time stands still."""
        self.world.tick()
        return at_once(self.world, self._line, one_engine(plan))

    def _settle(self, plan: ShopPlan, window_ms: tuple[int, int] | None) -> bool:
        """Sweep on until nothing is held, begun or under way; False if that does not end."""
        env, watched = self.world.env, self._watch()
        carrier = self._carrier(Shop(self.world, len(self._shops)), "settling")
        closes_ms = window_ms[1] if window_ms else 0

        def take(turn: Plan[Any]) -> Any:
            return env.run(env.process(self._turn(watched.through(turn), carrier)))

        take(on(self.strategy, self.engine.recover()))
        deadline_s = env.now + self.scenario.demand.hold_s + SETTLE_WITHIN_S
        while env.now < deadline_s:
            worked = [take(turn()) for turn in plan.daemons]
            if not any(worked):
                if self._do(store_clock()) >= closes_ms and not self._do(work_left()):
                    return True
                env.run(env.timeout(SETTLE_PAUSE_S))
        return False

    def _now_ns(self) -> int:
        return round(self.world.env.now * NS)
