"""Who comes to the shop: the same for the same seed, under either rule, and as the shares say."""

from __future__ import annotations

from collections import Counter
from itertools import pairwise

import pytest

from inventory_core.problems import Problem
from scenarios.scenario import load_scenario
from scenarios.serving.agenda import Act, Agenda, Kind
from scenarios.serving.buyers import ACTIVITY, Buyers, Life


def buyers(name: str, *sets: str, seed: int = 1) -> Buyers:
    return Buyers(load_scenario(name, list(sets)), seed, 10.0)


def test_both_rules_and_every_strategy_meet_the_same_buyers() -> None:
    held = buyers("order_or_payment_time", 'shop.deduct_at=["order"]').orders()
    unheld = buyers("order_or_payment_time", 'shop.deduct_at=["payment"]').orders()
    assert held == unheld
    assert held != buyers("order_or_payment_time", seed=2).orders()


def test_what_buyers_do_next_has_the_shares_that_were_asked_for() -> None:
    orders = buyers("payment_timeouts").orders()
    lives = Counter(order.life for order in orders)
    assert lives[Life.PAY] / len(orders) == pytest.approx(0.52, abs=0.06)
    assert lives[Life.ABANDON] / len(orders) == pytest.approx(0.25, abs=0.06)
    late = [order.waits_s for order in orders if order.life is Life.PAY_LATE]
    assert min(late) > 1.0, "after the hold has run out"
    assert max(order.waits_s for order in orders if order.life is Life.PAY) < 1.0


def test_parallel_orders_of_one_buyer_come_at_the_same_moment() -> None:
    orders = buyers("activity_window", "shop.parallel=0.9").orders()
    close = [
        (one, other)
        for one, other in pairwise(orders)
        if one.buyer == other.buyer and other.arrives_ns - one.arrives_ns < 2_000_000
    ]
    assert len(close) > 100
    assert {order.activity for order in orders} == {ACTIVITY}


def test_an_agenda_hands_out_what_is_due_and_waits_for_what_follows() -> None:
    order = buyers("payment_timeouts").orders()[0]
    agenda = Agenda([Act(5, 0, 0, Kind.PLACE, order)])
    assert agenda.next(0) == 5 / 1e9
    act = agenda.next(5)
    assert isinstance(act, Act)
    assert isinstance(agenda.next(6), float), "something may follow"
    agenda.done(Act(9, 0, 0, Kind.PAY, order))
    assert isinstance(agenda.next(9), Act)
    agenda.done()
    assert agenda.next(10) is None


@pytest.mark.parametrize(
    "setting, named",
    [
        ("demand.kind=closed", "demand.kind"),
        ("demand.hold_s=1.5", "demand.hold_s"),
        ('shop.deduct_at=["never"]', "shop.deduct_at"),
        ("shop.window_s=[3, 1]", "shop.window_s"),
        ("shop.quota=100000", "shop.quota"),
        ("demand.other_body=0.1", "demand.other_body"),
    ],
)
def test_a_wish_that_no_shop_fulfils_is_refused(setting: str, named: str) -> None:
    with pytest.raises(Problem, match=named):
        load_scenario("payment_timeouts", [setting])
