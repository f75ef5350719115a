"""Schedules are counted without walking them; bounds are reported; nothing depends on chance."""

from dataclasses import replace

import pytest

from inventory_core.strategy.registry import make
from scenarios.proving.cases import CASES
from scenarios.proving.explorer import Bounds, Explored
from scenarios.proving.moves import Kind
from scenarios.proving.schedules import schedules
from scenarios.proving.trial import try_out
from scenarios.proving.world import LIMITS, World


def walked(explored: Explored, at: int = 0) -> int:
    """The number of ways to an end, by walking all of them."""
    following = explored.next[at]
    return sum(walked(explored, after) for after in following) if following else 1


@pytest.mark.parametrize("title", ["last unit, 1 line", "cancel twice, 2 lines"])
def test_schedules_are_as_many_as_walking_finds(title: str) -> None:
    world = World(make("redis_script", LIMITS), CASES[title])
    explored = world.explorer.explore(world.first, Bounds())
    assert schedules(explored) == walked(explored) > 10


def test_two_scripts_without_faults_have_two_schedules() -> None:
    case = replace(CASES["enough for both, 1 line"], faults=0)
    trial, _, _ = try_out(make("redis_script", LIMITS), case, Bounds())
    assert trial.schedules == 2
    assert trial.states == 5  # the end is two states: in each, another one came first


def test_exploring_twice_finds_the_same_states_in_the_same_order() -> None:
    def shapes() -> list[tuple[int, ...]]:
        world = World(make("conditional_update", LIMITS), CASES["last unit, 1 line"])
        explored = world.explorer.explore(world.first, Bounds())
        return [state[:4] for state in explored.states]

    assert shapes() == shapes()


def test_a_bound_that_cuts_a_case_short_is_reported() -> None:
    strategy, case = make("redis_lock", LIMITS), CASES["last unit, 1 line"]
    assert try_out(strategy, case, Bounds(states=500))[0].bounded
    assert not try_out(make("redis_script", LIMITS), case, Bounds(states=500))[0].bounded


def test_every_kind_of_move_is_tried() -> None:
    seen = set()
    for name, title in (
        ("conditional_update", "last unit, 2 lines"),
        ("redis_with_task", "cancel before deduct, 1 line"),
        ("redis_script", "two sweepers, 1 line"),
    ):
        world = World(make(name, LIMITS), CASES[title])
        explored = world.explorer.explore(world.first, Bounds())
        for state in explored.states:
            seen |= {move.kind for move, _ in world.explorer.expand(state)}
    assert seen >= set(Kind) - {Kind.HALFWAY}


def test_a_strategy_that_survives_no_fault_is_spared_them() -> None:
    strategy = make("redis_script", LIMITS)
    promises = replace(strategy.promises, survives=frozenset())
    fragile = type("Fragile", (type(strategy),), {"promises": promises})(limits=LIMITS)
    assert World(fragile, CASES["last unit, 1 line"]).faults == 0
    assert World(strategy, CASES["last unit, 1 line"]).faults == 1
