"""Simulation and exploration agree: whatever a simulated run ends in, the explorer has seen.

The same small cases, the same plans, the same models of the stores. The explorer tries every order
of events; a simulation has one, which follows from costs. Each of many simulations, with costs of
its own, must end in answers and counters that are among the explorer's.
"""

from __future__ import annotations

import random
from dataclasses import replace
from typing import Any

import pytest

from inventory_core.domain import Cell
from inventory_core.steps import StepError
from inventory_core.strategy import Needs, Strategy
from inventory_core.strategy.registry import make, strategies
from scenarios.predicting import profile as costs
from scenarios.predicting.carrier import Carrier, Shop
from scenarios.predicting.loop import Goes
from scenarios.predicting.profile import Profile
from scenarios.predicting.world import World as Simulated
from scenarios.proving import cases
from scenarios.proving.case import Actor, Case, Shelf
from scenarios.proving.explorer import TESTIMONY, Bounds
from scenarios.proving.testimony import TIME_SLOT, Answer, Trouble
from scenarios.proving.trial import Judge, endings
from scenarios.proving.world import LIMITS, World, give

NAMES = [name for name, kind in strategies().items() if kind.needs is not Needs.NOTHING]
CASES = {
    case.title: replace(case, faults=0)
    for make_case in (cases.last_unit, cases.do_not_fit, cases.early_cancel)
    for case in (make_case(Shelf(1)), make_case(Shelf(2)))
}
SEEDS = 25
_SPREAD_S = 3e-4

Outcome = tuple[frozenset[tuple[int, int, Answer]], frozenset[tuple[str, Cell, int]]]
"""Who was told what of which of his operations, and what each store's counters say at rest."""


def explored(strategy: Strategy, case: Case) -> set[Outcome]:
    """Every outcome that any order of events leads to."""
    world = World(strategy, case)
    found = world.explorer.explore(world.first, Bounds())
    assert not found.bounded
    judge, slots = Judge(world), {slot: who for who, slot in world.explorer.slots.items()}
    outcomes = set()
    for at in found.ends():
        state = found.states[at]
        told = frozenset(
            (*slots[slot][:2], delivery.answer)
            for slot, delivery in enumerate(world.explorer.testimonies.all[state[TESTIMONY]])
            if slot != TIME_SLOT and delivery is not None and delivery.answer is not None
        )
        for ending in endings(world, state):
            books = judge.remains(ending.rest).books
            outcomes.add((told, _counters(books)))
    return outcomes


def simulated(strategy: Strategy, case: Case, seed: int) -> Outcome:
    """The outcome of one simulation, whose costs and moments are drawn."""
    dice = random.Random(seed)
    world = Simulated(_some_profile(dice), seed, strategy.limits.lock_wait_s)
    world.session()
    give(strategy, case, (world.sql, world.kv))
    shop, told = Shop(world, 0), set[tuple[int, int, Answer]]()

    def lives(number: int, actor: Actor) -> Goes:
        carrier = Carrier(world, shop, f"{seed}/{actor.name}")
        yield world.env.timeout(dice.random() * _SPREAD_S)
        for at, operation in enumerate(actor.script):
            answer: Any = Trouble.SILENT
            try:
                heard = yield from carrier.carry_out(operation.plan(strategy))
                answer = heard if operation.is_told else Trouble.SILENT
            except StepError:
                answer = Trouble.ERROR
            told.add((number, at, answer))

    everybody = [world.env.process(lives(*actor)) for actor in enumerate(case.actors)]
    world.env.run(world.env.all_of(everybody))
    helper = Carrier(world, shop, f"{seed}/helper")
    world.env.run(world.env.process(helper.carry_out(strategy.recover())))
    working = True
    while working:
        turns = [helper.carry_out(daemon.turn()) for daemon in strategy.daemons()]
        worked = [world.env.run(world.env.process(turn)) for turn in turns]
        working = any(worked)
    return frozenset(told), _counters([world.sql.book(), world.kv.book()])


def _some_profile(dice: random.Random) -> Profile:
    def some(most_us: float) -> float:
        return dice.random() * most_us

    return Profile(
        "drawn",
        machine=costs.Machine(server_cores=dice.choice([1, 2, 4]), wake_us=some(20)),
        network=costs.Network(one_way_us=some(100), jitter_us=some(200)),
        client=costs.Client(order_us=some(30), sql_us=some(40), kv_us=some(40)),
        sql=costs.Sql(
            statement_us=some(80),
            commit_us=some(40),
            flush_us=some(300),
            hand_over_us=some(30),
            grant=dice.choice(["any", "first"]),
        ),
        kv=costs.Kv(command_us=some(40)),
    )


def _counters(books: Any) -> frozenset[tuple[str, Cell, int]]:
    return frozenset(
        (book.store, cell, units)
        for book in books
        if book is not None
        for cell, units in book.remaining.items()
    )


@pytest.mark.parametrize("title", CASES)
@pytest.mark.parametrize("name", NAMES)
def test_every_simulated_outcome_is_among_the_explored(name: str, title: str) -> None:
    strategy, case = make(name, LIMITS), CASES[title]
    seen = explored(strategy, case)
    for seed in range(SEEDS):
        assert simulated(strategy, case, seed) in seen


def test_simulations_do_not_all_end_alike() -> None:
    strategy, case = make("conditional_update", LIMITS), CASES["last unit, 1 line"]
    outcomes = {simulated(strategy, case, seed) for seed in range(SEEDS)}
    assert len(outcomes) > 2, "otherwise agreement says little"


def test_a_simulation_that_answers_wrongly_is_noticed() -> None:
    """Planted: a carrier whose statements are not performed in one piece with their commit."""
    strategy, case = make("conditional_update", LIMITS), CASES["last unit, 1 line"]
    careless = make("naive_read_write", LIMITS)
    outcomes = {simulated(careless, case, seed) for seed in range(SEEDS)}
    assert not outcomes <= explored(strategy, case)
