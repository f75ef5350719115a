"""A counter in several keys: who asks every part finds the last unit, unless it is being moved."""

from collections.abc import Sequence

import pytest

from inventory_core.domain import Cell, Limits, Line, Opening, Order, Outcome
from inventory_core.drivers import carry_out
from inventory_core.steps import parts
from inventory_core.steps.kv import part_key
from inventory_core.strategy import Strategy
from inventory_core.strategy.registry import make
from scenarios.model import model_place

A = Cell("a")
PARTS = 4


class Shop:
    """One strategy on a model of its own; what lies in each part can be seen."""

    def __init__(self, units: int) -> None:
        self.strategy: Strategy = make("scattered_keys", Limits(parts=PARTS))
        self._place = model_place()
        self.perform = self._place.connect().perform
        carry_out(self.strategy.load([Opening(A, units)]), self.perform)

    def buys(self, number: str, quantity: int) -> Outcome:
        return carry_out(self.strategy.deduct(Order(number, (Line(A, quantity),))), self.perform)

    def lies(self) -> Sequence[int]:
        return [int(self._place.kv.keys.values[part_key(A, n)]) for n in range(PARTS)]


@pytest.mark.parametrize("units", [0, 1, 5, 8])
def test_units_are_dealt_out_evenly(units: int) -> None:
    lies = Shop(units).lies()
    assert sum(lies) == units
    assert max(lies) - min(lies) <= 1


def test_a_large_order_is_served_from_several_parts() -> None:
    shop = Shop(8)
    assert shop.buys("large", 7) is Outcome.DEDUCTED
    assert sum(shop.lies()) == 1
    assert shop.buys("last", 1) is Outcome.DEDUCTED
    assert shop.buys("late", 1) is Outcome.REFUSED


def test_what_comes_back_goes_to_the_parts_it_came_from() -> None:
    shop = Shop(8)
    before = shop.lies()
    shop.buys("large", 7)
    carry_out(shop.strategy.roll_back("large"), shop.perform)
    assert shop.lies() == before


def test_the_leveller_deals_out_anew_and_then_rests() -> None:
    shop = Shop(8)
    carry_out(shop.strategy.adjust("k", A, -5, "broken"), shop.perform)
    assert shop.lies() == [0, 0, 1, 2]
    assert carry_out(shop.strategy.level(), shop.perform)  # type: ignore[attr-defined]
    assert shop.lies() == [1, 1, 1, 0]
    assert not carry_out(shop.strategy.level(), shop.perform)  # type: ignore[attr-defined]


def test_a_delivery_that_died_between_parts_is_given_back_exactly() -> None:
    shop = Shop(8)
    plan = shop.strategy.deduct(Order("dies", (Line(A, 7),)))
    step, taken = plan.send(None), 0
    while taken < 2:
        answer = shop.perform(step)
        taken += isinstance(step, parts.TakePart)
        step = plan.send(answer)
    plan.close()
    assert sum(shop.lies()) == 4
    carry_out(shop.strategy.recover(), shop.perform)
    assert shop.lies() == [2, 2, 2, 2]
    assert shop.buys("dies", 7) is Outcome.DEDUCTED
