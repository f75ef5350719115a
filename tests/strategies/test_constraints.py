"""Do constraints lose sales? On a counter none; where a unit is picked without a retry, many."""

import random
from collections.abc import Sequence

import pytest

from inventory_core.domain import Cell, Line, Opening, Order, Outcome
from inventory_core.drivers import carry_out
from inventory_core.strategy.registry import make
from scenarios.model import model_place
from scenarios.model.crowd import together

A = Cell("a")
UNITS, BUYERS = 12, 12
SEEDS = range(10)


def sold(name: str, seed: int, quantities: Sequence[int] = (1,)) -> int:
    """How many of the units are sold to as many buyers who all come at once."""
    place, strategy = model_place(), make(name)
    carry_out(strategy.load([Opening(A, UNITS * max(quantities))]), place.connect().perform)
    dice = random.Random(seed)
    orders = [Order(f"{n}", (Line(A, dice.choice(quantities)),)) for n in range(BUYERS)]
    found = together(place, [strategy.deduct(order) for order in orders], dice)
    assert set(found) <= {Outcome.DEDUCTED, Outcome.REFUSED}
    again = [carry_out(strategy.deduct(one), place.connect().perform) for one in orders]
    assert [answer is Outcome.REPLAYED for answer in again] == [f is _YES for f in found]
    assert all(units >= 0 for units in place.audit().books[0].remaining.values())
    return sum(answer is _YES for answer in found)


_YES = Outcome.DEDUCTED


@pytest.mark.parametrize("name", ["constraint_only", "conditional_update"])
def test_a_constraint_on_a_counter_loses_no_sale(name: str) -> None:
    assert [sold(name, seed) for seed in SEEDS] == [BUYERS] * len(SEEDS)


def test_picking_a_unit_without_a_retry_loses_many() -> None:
    lost = [BUYERS - sold("unit_pick_constraint_only", seed) for seed in SEEDS]
    assert min(lost) > 0
    assert sum(lost) > 0.36 * BUYERS * len(SEEDS), f"{sum(lost)} of {BUYERS * len(SEEDS)}"


def test_skipping_locked_units_loses_none_while_nobody_gives_back() -> None:
    assert [sold("claimed_units", seed) for seed in SEEDS] == [BUYERS] * len(SEEDS)


def test_a_pick_that_fails_half_way_blocks_no_unit() -> None:
    """Whoever got one of two units and lost the other leaves no claim behind."""
    place, strategy = model_place(), make("unit_pick_constraint_only")
    perform = place.connect().perform
    carry_out(strategy.load([Opening(A, 6)]), perform)
    for seed in SEEDS:
        two = [Order(f"{seed} {n}", (Line(A, 2),)) for n in range(2)]
        found = together(place, [strategy.deduct(order) for order in two], random.Random(seed))
        for order, answer in zip(two, found, strict=True):
            if answer is _YES:
                carry_out(strategy.roll_back(order.number), perform)
    assert carry_out(strategy.deduct(Order("all", (Line(A, 6),))), perform) is _YES
