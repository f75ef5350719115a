"""Many at once, on real servers: nobody gets a unit twice, no order is taken twice."""

import pytest

from inventory_core.domain import Outcome
from tests.conformance.shop import Shop, order

pytestmark = [pytest.mark.live, pytest.mark.slow]


@pytest.mark.parametrize("deliveries", [2, 3, 5])
def test_parallel_deliveries_of_one_order_have_one_effect(live_shop: Shop, deliveries: int) -> None:
    live_shop.open(a=9, b=9)
    deduct = live_shop.strategy.deduct
    basket = order("1", ("a", 1), ("b", 2))
    answers = live_shop.at_once([deduct(basket) for _ in range(deliveries)])
    assert answers.count(Outcome.DEDUCTED) == 1
    assert answers.count(Outcome.REPLAYED) == deliveries - 1
    assert live_shop.left("a", "b") == (8, 7)
    live_shop.settle()
    live_shop.assert_law()


def test_a_crowd_gets_exactly_what_there_is(live_shop: Shop) -> None:
    live_shop.open(a=5)
    deduct = live_shop.strategy.deduct
    answers = live_shop.at_once([deduct(order(f"{n}", ("a", 1))) for n in range(16)])
    assert answers.count(Outcome.DEDUCTED) == 5
    assert answers.count(Outcome.REFUSED) == 11
    assert live_shop.left("a") == (0,)
    live_shop.settle()
    live_shop.assert_law()


def test_crossing_baskets_all_end(live_shop: Shop) -> None:
    live_shop.open(a=50, b=50)
    deduct = live_shop.strategy.deduct
    there = [deduct(order(f"there {n}", ("a", 1), ("b", 1))) for n in range(6)]
    back = [deduct(order(f"back {n}", ("b", 1), ("a", 1))) for n in range(6)]
    answers = live_shop.at_once([plan for pair in zip(there, back, strict=True) for plan in pair])
    assert set(answers) == {Outcome.DEDUCTED}
    assert live_shop.left("a", "b") == (38, 38)
    live_shop.settle()
    live_shop.assert_law()


def test_one_of_many_resolvers_wins(live_shop: Shop) -> None:
    live_shop.open(a=5)
    verbs = live_shop.strategy
    live_shop.do(verbs.deduct(order("1", ("a", 2), hold_s=0.0)))
    answers = live_shop.at_once(
        [verbs.pay("1"), verbs.expire("1"), verbs.expire("1"), verbs.expire("1")]
    )
    assert answers.count(Outcome.EXPIRED) + answers.count(Outcome.PAID) == 1
    assert (answers[0] is Outcome.PAID_LATE) == (Outcome.EXPIRED in answers)
    assert live_shop.left("a") == (3,)
    live_shop.settle()
    live_shop.assert_law()
