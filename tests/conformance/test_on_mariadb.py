"""The same strategies with their rows in MariaDB: one buyer, a few at once, the dead."""

import pytest

from inventory_core.domain import Outcome
from scenarios.conformance.shop import Shop, order
from scenarios.conformance.test_abandoned_plans import abandon
from scenarios.conformance.test_crowds import may_refuse

pytestmark = [pytest.mark.live, pytest.mark.slow]

CROWD, UNITS = 8, 3


def test_one_buyer_gets_the_same_answers_as_elsewhere(mariadb_shop: Shop) -> None:
    mariadb_shop.open(a=5, b=1)
    verbs, do = mariadb_shop.strategy, mariadb_shop.do
    assert do(verbs.deduct(order("1", ("a", 2), ("b", 1)))) is Outcome.DEDUCTED
    assert do(verbs.deduct(order("1", ("a", 2), ("b", 1)))) is Outcome.REPLAYED
    assert do(verbs.deduct(order("1", ("a", 3)))) is Outcome.MISMATCHED
    assert do(verbs.deduct(order("2", ("a", 1), ("b", 1)))) is Outcome.REFUSED
    assert do(verbs.deduct(order("3", ("a", 1)))) is Outcome.DEDUCTED
    assert do(verbs.roll_back("3")) is Outcome.ROLLED_BACK
    assert do(verbs.roll_back("3")) is Outcome.ALREADY_ROLLED_BACK
    assert do(verbs.roll_back("4")) is Outcome.TOMBSTONED
    assert do(verbs.pay("1")) is Outcome.PAID
    assert do(verbs.ship("1")) is Outcome.SHIPPED
    mariadb_shop.settle()
    assert mariadb_shop.left("a", "b") == (3, 0)
    mariadb_shop.assert_law()


def test_a_crowd_gets_exactly_what_there_is(mariadb_shop: Shop) -> None:
    mariadb_shop.open(a=UNITS)
    answers = mariadb_shop.crowd([order(f"{n}", ("a", 1)) for n in range(CROWD)])
    sold = answers.count(Outcome.DEDUCTED)
    assert sold == UNITS or (sold < UNITS and may_refuse(mariadb_shop))
    assert answers.count(Outcome.REFUSED) == CROWD - sold
    assert mariadb_shop.left("a") == (UNITS - sold,)
    mariadb_shop.settle()
    mariadb_shop.assert_law()


def test_parallel_deliveries_and_crossing_baskets_all_end(mariadb_shop: Shop) -> None:
    mariadb_shop.open(a=20, b=20)
    there = [order(f"there {n}", ("a", 1), ("b", 1)) for n in range(3)]
    back = [order(f"back {n}", ("b", 1), ("a", 1)) for n in range(3)]
    answers = mariadb_shop.crowd([*there, *back, there[0]])
    sold = answers.count(Outcome.DEDUCTED)
    assert sold == 6 or may_refuse(mariadb_shop)
    assert mariadb_shop.left("a", "b") == (20 - sold, 20 - sold)
    mariadb_shop.settle()
    mariadb_shop.assert_law()


def test_a_deduction_may_be_abandoned_at_every_third_step(mariadb_shop: Shop) -> None:
    mariadb_shop.open(a=400, b=400)
    went_on, number = True, 0
    while went_on:
        assert number < 60, "a deduction has an end"
        dying = mariadb_shop.connect()
        basket = order(f"{number}", ("a", 1), ("b", 2))
        went_on = abandon(mariadb_shop.strategy.deduct(basket), dying.perform, number)
        dying.close()
        mariadb_shop.settle()
        mariadb_shop.assert_law()
        number += 3
    after = mariadb_shop.do(mariadb_shop.strategy.deduct(order("after", ("a", 1))))
    assert after is Outcome.DEDUCTED
