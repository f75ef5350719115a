"""Many at once, on real servers: nobody gets a unit twice, no order is taken twice."""

from collections import Counter
from collections.abc import Sequence

import pytest

from inventory_core.domain import Outcome
from inventory_core.strategy import Promise
from scenarios.conformance.shop import Shop, order

pytestmark = [pytest.mark.live, pytest.mark.slow]


def broken(promise: Promise, answers: Sequence[Outcome]) -> str:
    """What to say when a crowd's answers break a promise."""
    told = ", ".join(f"{one.value} {n}" for one, n in Counter(answers).most_common())
    return f"breaks: {promise.value}; the crowd was told {told}"


def assert_sold(shop: Shop, sold: int, there: int, answers: Sequence[Outcome]) -> None:
    """As many sales as there were units, or fewer if it may refuse what is there."""
    assert sold <= there, broken(Promise.NEVER_OVERSELLS, answers)
    may_refuse = Promise.NO_FALSE_SOLD_OUT not in shop.strategy.promises.kept
    assert sold == there or may_refuse, broken(Promise.NO_FALSE_SOLD_OUT, answers)
    assert set(answers) <= {Outcome.DEDUCTED, Outcome.REFUSED}, f"not final: {answers}"


@pytest.mark.parametrize("deliveries", [2, 3, 5])
def test_parallel_deliveries_of_one_order_have_one_effect(live_shop: Shop, deliveries: int) -> None:
    live_shop.open(a=9, b=9)
    answers = live_shop.crowd([order("1", ("a", 1), ("b", 2))] * deliveries)
    assert answers.count(Outcome.DEDUCTED) == 1, broken(Promise.EXACTLY_ONCE, answers)
    assert answers.count(Outcome.REPLAYED) == deliveries - 1, broken(Promise.EXACTLY_ONCE, answers)
    assert live_shop.left("a", "b") == (8, 7)
    live_shop.settle()
    live_shop.assert_law()


def test_a_crowd_gets_exactly_what_there_is(live_shop: Shop) -> None:
    live_shop.open(a=5)
    answers = live_shop.crowd([order(f"{n}", ("a", 1)) for n in range(16)])
    sold = answers.count(Outcome.DEDUCTED)
    assert_sold(live_shop, sold, 5, answers)
    assert live_shop.left("a") == (5 - sold,)
    live_shop.settle()
    live_shop.assert_law()


def test_crossing_baskets_all_end(live_shop: Shop) -> None:
    live_shop.open(a=50, b=50)
    there = [order(f"there {n}", ("a", 1), ("b", 1)) for n in range(6)]
    back = [order(f"back {n}", ("b", 1), ("a", 1)) for n in range(6)]
    answers = live_shop.crowd([each for pair in zip(there, back, strict=True) for each in pair])
    sold = answers.count(Outcome.DEDUCTED)
    assert_sold(live_shop, sold, 12, answers)
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
