"""A client may die at any await: its plan says no goodbye, and the stores are mended afterwards."""

from typing import Any

import pytest

from inventory_core.domain import Outcome
from inventory_core.steps import Plan
from scenarios.conformance.shop import Perform, Shop, order

STEPS_MOST = 60


def abandon(plan: Plan[Any], perform: Perform, after: int) -> bool:
    """Carry out so many steps and drop the plan; says whether it was still going on."""
    step = plan.send(None)
    for _ in range(after):
        try:
            step = plan.send(perform(step))
        except StopIteration:
            return False
    plan.close()  # raises RuntimeError if the plan awaits on its way out
    return True


@pytest.mark.parametrize("verb", ["deduct", "roll_back", "pay", "adjust", "drain"])
def test_a_plan_may_be_abandoned_at_every_step(shop: Shop, verb: str) -> None:
    shop.open(a=400, b=400)
    went_on, number = True, 0
    while went_on and number < STEPS_MOST:
        basket = order(f"{number}", ("a", 1), ("b", 2))
        if verb != "deduct":
            shop.do(shop.strategy.deduct(basket))
        dying = shop.connect()
        went_on = abandon(plan_of(shop, verb, basket.number), dying.perform, number)
        dying.close()
        shop.settle()
        shop.assert_law()
        number += 1
    assert number > 1, "a verb without a step cannot be abandoned"
    assert not went_on, f"{verb} has more than {STEPS_MOST} steps"
    assert shop.do(shop.strategy.deduct(order("after", ("a", 1)))) is Outcome.DEDUCTED or (
        verb == "drain"
    )


def plan_of(shop: Shop, verb: str, number: str) -> Plan[Any]:
    """The verb on a basket of two cells (or on the first of them)."""
    cell = order(number, ("a", 1)).lines[0].cell
    match verb:
        case "deduct":
            return shop.strategy.deduct(order(number, ("a", 1), ("b", 2)))
        case "adjust":
            return shop.strategy.adjust(f"adjust {number}", cell, 2, "count")
        case "drain":
            return shop.strategy.drain(f"drain {number}", cell)
        case _:
            chosen: Plan[Any] = getattr(shop.strategy, verb)(number)
            return chosen
