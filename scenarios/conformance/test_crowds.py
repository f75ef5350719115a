"""Many at once, on real servers: nobody gets a unit twice, no order is taken twice."""

import pytest

from inventory_core.domain import Outcome
from inventory_core.strategy import Promise
from scenarios.conformance.shop import Shop, order

pytestmark = [pytest.mark.live, pytest.mark.slow]


def may_refuse(shop: Shop) -> bool:
    """May buyers be refused although there is enough?"""
    return Promise.NO_FALSE_SOLD_OUT not in shop.strategy.promises.kept


@pytest.mark.parametrize("deliveries", [2, 3, 5])
def test_parallel_deliveries_of_one_order_have_one_effect(live_shop: Shop, deliveries: int) -> None:
    live_shop.open(a=9, b=9)
    answers = live_shop.crowd([order("1", ("a", 1), ("b", 2))] * deliveries)
    assert answers.count(Outcome.DEDUCTED) == 1
    assert answers.count(Outcome.REPLAYED) == deliveries - 1
    assert live_shop.left("a", "b") == (8, 7)
    live_shop.settle()
    live_shop.assert_law()


def test_a_crowd_gets_exactly_what_there_is(live_shop: Shop) -> None:
    live_shop.open(a=5)
    answers = live_shop.crowd([order(f"{n}", ("a", 1)) for n in range(16)])
    sold = answers.count(Outcome.DEDUCTED)
    assert sold == 5 or (sold < 5 and may_refuse(live_shop))
    assert answers.count(Outcome.REFUSED) == 16 - sold
    assert live_shop.left("a") == (5 - sold,)
    live_shop.settle()
    live_shop.assert_law()


def test_crossing_baskets_all_end(live_shop: Shop) -> None:
    live_shop.open(a=50, b=50)
    there = [order(f"there {n}", ("a", 1), ("b", 1)) for n in range(6)]
    back = [order(f"back {n}", ("b", 1), ("a", 1)) for n in range(6)]
    answers = live_shop.crowd([each for pair in zip(there, back, strict=True) for each in pair])
    sold = answers.count(Outcome.DEDUCTED)
    assert sold == 12 or (
        set(answers) == {Outcome.DEDUCTED, Outcome.REFUSED} and may_refuse(live_shop)
    )
    assert live_shop.left("a", "b") == (50 - sold, 50 - sold)
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
