"""What a server of keys that loses the unflushed tail of its log costs: units are sold twice."""

import pytest

from inventory_core.domain import Cell, Line, Opening, Order, Outcome
from inventory_core.drivers import carry_out
from inventory_core.strategy import Fault, Strategy
from inventory_core.strategy.registry import make
from scenarios.model import model_place

A = Cell("a")
STOCK, FLUSHED, TAIL = 10, 6, 4


def sold_around_a_power_cut(strategy: Strategy) -> tuple[int, int]:
    """Sell everything; the keys lose the last orders; sell again. Answers what was sold, twice."""
    place = model_place()
    perform = place.connect().perform
    carry_out(strategy.load([Opening(A, STOCK)]), perform)

    def sold(who: str, buyers: int) -> int:
        orders = [Order(f"{who} {n}", (Line(A, 1),)) for n in range(buyers)]
        answers = [carry_out(strategy.deduct(order), perform) for order in orders]
        return answers.count(Outcome.DEDUCTED)

    first = sold("flushed", FLUSHED)
    flushed = place.kv.copy()
    first += sold("tail", TAIL)
    place.kv = flushed  # the power is cut, and the server starts again from its log
    return first, sold("after", STOCK)


@pytest.mark.parametrize(
    "name", ["redis_script", "redis_decrement", "scattered_keys", "redis_then_database"]
)
def test_every_unit_of_the_unflushed_tail_is_sold_again(name: str) -> None:
    strategy = make(name)
    assert Fault.POWER_LOST in strategy.promises.loses, "and its promises say so"
    assert sold_around_a_power_cut(strategy) == (STOCK, TAIL)


def test_keys_that_are_lost_are_nothing_to_who_counts_in_rows() -> None:
    assert sold_around_a_power_cut(make("conditional_update")) == (STOCK, 0)


def test_a_gate_before_the_rows_may_lose_its_flags() -> None:
    """Its tokens and flags are keys, but the units are not."""
    assert sold_around_a_power_cut(make("admission_gate")) == (STOCK, 0)
