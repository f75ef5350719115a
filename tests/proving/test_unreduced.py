"""The explorer finds what plain exploration finds: states, ends, verdicts, distances."""

from dataclasses import replace
from typing import Any

import pytest

from inventory_core.strategy.registry import make
from scenarios.proving.case import Case
from scenarios.proving.cases import CASES
from scenarios.proving.explorer import Bounds
from scenarios.proving.trial import try_out
from scenarios.proving.world import LIMITS
from tests.proving.unreduced import breaches, explore

TWO_ACTORS = [case for case in CASES.values() if len(case.actors) == 2]
NAMES = (
    "conditional_update",
    "naive_read_write",
    "optimistic_version",
    "redis_lock",
    "redis_lock_fenced",
    "redis_script",
    "redis_with_task",
    "row_lock",
)


def compare(name: str, case: Case) -> None:
    strategy = make(name, LIMITS)
    plain = explore(strategy, case)
    trial, world, explored = try_out(strategy, case, Bounds())
    sql, kv = world.tables
    ends = [explored.states[at] for at in explored.ends()]
    assert len(explored.states) == len(plain.keys)
    assert {(sql.key(state[0]), kv.key(state[1])) for state in ends} == plain.end_stores()
    assert {p: b.moves for p, b in trial.breaches.items()} == breaches(strategy, case, plain)


def test_there_are_two_actor_cases_with_one_line_and_with_two() -> None:
    assert {case.lines for case in TWO_ACTORS} == {1, 2}


def pairs() -> list[Any]:
    """Every strategy in every case; leases make the largest worlds: two lines only in a soak."""
    soaked = {"redis_lock", "redis_lock_fenced"}
    return [
        pytest.param(
            name,
            case,
            marks=[pytest.mark.soak] if name in soaked and case.lines > 1 else [],
            id=f"{name}-{case.title}",
        )
        for name in NAMES
        for case in TWO_ACTORS
    ]


@pytest.mark.slow
@pytest.mark.timeout(300)
@pytest.mark.parametrize("name, case", pairs())
def test_every_case_of_two_actors_is_explored_as_plainly(name: str, case: Case) -> None:
    compare(name, case)


@pytest.mark.slow
@pytest.mark.timeout(300)
@pytest.mark.parametrize("name", ["conditional_update", "redis_script", "redis_with_task"])
@pytest.mark.parametrize(
    "title, actors",
    [
        ("last unit, 1 line", (0, 1)),
        ("cancel before deduct, 1 line", (0, 1)),
        ("pay or expire, 1 line", (0, 1)),
        ("late payment, 1 line", (0, 2)),
        ("restock beside buyers, 1 line", (0, 1)),
        ("recovery beside buyers, 1 line", (0, 1)),
    ],
)
def test_pairs_out_of_larger_cases_are_explored_as_plainly(
    name: str, title: str, actors: tuple[int, int]
) -> None:
    case = CASES[title]
    compare(name, replace(case, actors=tuple(case.actors[n] for n in actors)))
