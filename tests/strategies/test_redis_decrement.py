"""What a decrement that looks afterwards costs: buyers who are refused a unit that is there."""

import random

import pytest

from inventory_core.domain import Cell, Line, Opening, Order, Outcome
from inventory_core.drivers import carry_out
from inventory_core.strategy import Strategy
from inventory_core.strategy.registry import make
from scenarios.model import model_place
from scenarios.model.crowd import together

A = Cell("a")
SEEDS = range(40)


def refused_falsely(strategy: Strategy, seed: int) -> int:
    """Three want four of five units and will not get them twice; three want one, and should."""
    place = model_place()
    carry_out(strategy.load([Opening(A, 7)]), place.connect().perform)
    big = [Order(f"big {n}", (Line(A, 4),)) for n in range(3)]
    small = [Order(f"small {n}", (Line(A, 1),)) for n in range(3)]
    found = together(place, [strategy.deduct(order) for order in big + small], random.Random(seed))
    assert set(found) <= {Outcome.DEDUCTED, Outcome.REFUSED}
    sold = sum(o.lines[0].quantity for o, f in zip(big + small, found, strict=True) if f is _YES)
    (left,) = carry_out(strategy.read([A]), place.connect().perform)
    assert sold + left == 7
    return sum(answer is Outcome.REFUSED for answer in found[3:])


_YES = Outcome.DEDUCTED


def test_transient_negatives_refuse_buyers_whose_unit_is_there() -> None:
    """One big order fits and all three small ones do, whoever comes first."""
    lost = [refused_falsely(make("redis_decrement"), seed) for seed in SEEDS]
    assert sum(lost) > len(SEEDS) / 4, f"{sum(lost)} of {3 * len(SEEDS)} small orders refused"


@pytest.mark.parametrize("name", ["redis_script", "conditional_update"])
def test_whoever_looks_first_refuses_nobody_falsely(name: str) -> None:
    assert [refused_falsely(make(name), seed) for seed in SEEDS] == [0] * len(SEEDS)
