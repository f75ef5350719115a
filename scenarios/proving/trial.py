"""One strategy in one case: every schedule is explored, and every end of it is judged."""

from __future__ import annotations

import time
from dataclasses import dataclass, field

from inventory_core.strategy import Promise, Strategy
from scenarios.model.dialects import POSTGRESQL, Dialect
from scenarios.proving.case import Case
from scenarios.proving.clients import KV, NOWHERE, SQL
from scenarios.proving.endings import Ending, Rest
from scenarios.proving.explorer import (
    FIRST_ACTOR,
    SURROUNDINGS,
    TESTIMONY,
    Bounds,
    Explored,
    State,
)
from scenarios.proving.judging import Account, Findings, Heard, Remains, judge_end, judge_now
from scenarios.proving.schedules import schedules
from scenarios.proving.testimony import TIME_SLOT, Testimony
from scenarios.proving.world import World


@dataclass(frozen=True, slots=True)
class Breach:
    """A broken promise: in which state, how many moves away, and how.

    ending  what came after the actors; None if it is broken at this very moment
    """

    promise: Promise
    sentence: str
    at: int
    moves: int
    ending: Ending | None


@dataclass(slots=True)
class Trial:
    """What came of one strategy in one case. `breaches`: the nearest of each promise."""

    case: Case
    states: int = 0
    schedules: int = 0
    seconds: float = 0.0  # of exploration
    judged_s: float = 0.0
    bounded: bool = False
    breaches: dict[Promise, Breach] = field(default_factory=dict)


class Judge:
    """Judges the states of one world, each account with each remains once."""

    def __init__(self, world: World) -> None:
        self.world = world
        self._slots = {slot: delivery for delivery, slot in world.explorer.slots.items()}
        self._accounts: dict[int, Account] = {}
        scripts = tuple(actor.script for actor in world.case.actors)
        slots = tuple(world.explorer.slots.items())
        self._heard_before = _accounts_of((world.shop, scripts, slots, world.recovers))
        self._ends: dict[tuple[int, Rest], Findings] = {}

    def now(self, testimony: int) -> Findings:
        """What clients' words alone prove, at any moment."""
        return judge_now(self.account(testimony))

    def end(self, testimony: int, rest: Rest) -> Findings:
        """What is proved when all has come to rest."""
        key = (testimony, rest)
        known = self._ends.get(key)
        if known is None:
            known = self._ends[key] = judge_end(self.account(testimony), self.remains(rest))
        return known

    def account(self, testimony: int) -> Account:
        """What clients saw."""
        known = self._accounts.get(testimony)
        if known is None:
            deliveries = self.world.explorer.testimonies.all[testimony]
            known = self._heard_before.get(deliveries)
            if known is None:
                known = self._heard_before[deliveries] = self._account(deliveries)
            self._accounts[testimony] = known
        return known

    def _account(self, deliveries: Testimony) -> Account:
        world = self.world
        heard = []
        for slot, delivery in enumerate(deliveries):
            if slot == TIME_SLOT or delivery is None:
                continue
            actor, operation, _ = self._slots[slot]
            script = world.case.actors[actor].script
            heard.append(Heard(slot, script[operation], delivery.before, delivery.answer))
        passed = deliveries[TIME_SLOT] is not None
        return Account(world.shop, tuple(heard), passed, world.recovers)

    def remains(self, rest: Rest) -> Remains:
        """The books at the end."""
        books = (self.world.tables[table].book(rest.stores[table]) for table in (SQL, KV))
        found = tuple(book for book in books if book is not None)
        return Remains(found, rest.trouble, rest.broke)


_Accounts = dict[Testimony, Account]
_LAST: dict[object, _Accounts] = {}


def _accounts_of(situation: object) -> _Accounts:
    """The accounts of this situation so far; those of the one before are forgotten.

    The clients of one strategy are told what those of another were told, so what was judged of an
    account for one of them (`judge`) need not be judged again for the next.
    """
    if situation not in _LAST:
        _LAST.clear()
        _LAST[situation] = {}
    return _LAST[situation]


def try_out(
    strategy: Strategy, case: Case, bounds: Bounds, dialect: Dialect = POSTGRESQL
) -> tuple[Trial, World, Explored]:
    """Explore and judge."""
    world = World(strategy, case, dialect)
    explored = world.explorer.explore(world.first, bounds)
    started = time.perf_counter()
    trial = Trial(case, len(explored.states), schedules(explored), explored.seconds)
    trial.bounded = explored.bounded
    judge = Judge(world)
    heard: dict[int, int] = {}
    for at, state in enumerate(explored.states):
        heard.setdefault(state[TESTIMONY], at)  # what was told is judged where it is first known
    for testimony, at in heard.items():
        _judge_moment(trial, judge, explored, at, testimony)
    for at in explored.ends():
        _judge_end(trial, judge, explored, at)
    trial.judged_s = time.perf_counter() - started
    return trial, world, explored


def _judge_moment(trial: Trial, judge: Judge, explored: Explored, at: int, testimony: int) -> None:
    for promise, sentence in judge.now(testimony).items():
        if promise not in trial.breaches:
            moves = explored.depth(at)
            trial.breaches[promise] = Breach(promise, sentence, at, moves, None)


def _judge_end(trial: Trial, judge: Judge, explored: Explored, at: int) -> None:
    """Judge everything that may come after an end; the states are in the order of their depth."""
    state = explored.states[at]
    for ending in endings(judge.world, state):
        for promise, sentence in judge.end(state[TESTIMONY], ending.rest).items():
            if promise not in trial.breaches:
                moves = explored.depth(at)
                trial.breaches[promise] = Breach(promise, sentence, at, moves, ending)


def endings(world: World, state: State) -> tuple[Ending, ...]:
    """What may come after an end of the actors; one without recovery if they never come to rest."""
    stores, faults = world.left_behind(state)
    around = world.explorer.surroundings.all[state[SURROUNDINGS]]
    places = state[FIRST_ACTOR:]
    bug = next((place.bug for place in places if place.bug), "")
    waiting = [place.client.name for place in places if place.table != NOWHERE]
    if bug or waiting or not around.settled:
        who = " and ".join(waiting) or "a late request"
        return (Ending(Rest(stores, bug or f"{who} waits for ever", bool(bug)), NOWHERE),)
    return world.endings.after(stores, faults)
