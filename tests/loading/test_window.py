"""A window beside a loaded shop: who looks, what is told of it, and the lies that are caught."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace

import pytest

from scenarios.lagging.cases import streamed
from scenarios.lagging.demand import article_of, sku_of, visits_of
from scenarios.lagging.judging import Figures, judge
from scenarios.lagging.scenario import Sale, load_lag
from scenarios.loading.answers import Reply
from scenarios.loading.job import Front, LoadJob, Window
from scenarios.loading.tills import till_of
from scenarios.loading.visits import Visit
from scenarios.loading.window.checks import Sold, judge_window
from scenarios.loading.window.history import history_of
from scenarios.loading.window.keeper import Refilled
from scenarios.loading.window.looks import LOOK, Look, look_of
from scenarios.loading.window.shoppers import orders_of, scenario_of, shop_of
from scenarios.loading.window.witness import Change
from scenarios.serving.agenda import Act
from scenarios.serving.buyers import PLACE, Life, Order

SECOND_NS, ZERO_US = 1_000_000_000, 5_000_000
LAG = load_lag(None, ["sale.articles=1", "sale.quantity=1", "sale.seconds=8"])
PLACES = [{"place": PLACE, "total": 3, "as_of_us": 70}]


def an_order(serial: int, quantity: int = 1) -> Order:
    return Order(serial, 0, "ann", sku_of(0), PLACE, quantity, Life.ABANDON, 0.0, 0)


ORDERS = {serial: an_order(serial) for serial in range(5)}


def a_reply(key: int, kind: str, outcome: str, at_s: float, units: int = 0, us: int = 0) -> Reply:
    sent = round(at_s * 1e9)
    return Reply(key, kind, 0, 0, 0, sent, sent, sent + 1_000_000, outcome, 0, units, us)


# ------------------------------------------------------------------------------------------ looks


@pytest.mark.parametrize(
    "status, said, wants, seen",
    [
        (200, {"total": 3, "places": PLACES}, True, Look("in stock", 3, 70)),
        (200, {"total": 0, "places": PLACES}, True, Look("turned away", 0, 70)),
        (200, {"total": 0, "places": PLACES}, False, Look("sold out", 0, 70)),
        (200, {"total": 3}, True, Look("error")),
        (404, {"detail": "nothing is known of it"}, True, Look("error")),
        (503, {}, True, Look("unknown")),
        (0, {}, True, Look("unknown")),
    ],
)
def test_a_look_is_what_the_product_system_says_and_no_more(
    status: int, said: object, wants: bool, seen: Look
) -> None:
    assert look_of(status, json.dumps(said).encode(), wants=wants) == seen


# --------------------------------------------------------------------------------------- shoppers


def test_the_shoppers_are_those_of_stockproof_lag() -> None:
    sale = Sale(seconds=5.0)
    orders = list(orders_of(sale))
    visits = list(visits_of(sale, sale.seed))
    assert [article_of(order.sku) for order in orders] == [visit.article for visit in visits]
    assert [bool(order.quantity) for order in orders] == [visit.wants for visit in visits]
    cancelled = [order for order in orders if order.life is Life.CANCEL]
    assert cancelled
    assert all(order.arrives_ns / 1e9 + order.waits_s < sale.seconds for order in cancelled)


def test_what_comes_in_during_the_sale_is_spare_before() -> None:
    assert shop_of(Sale(seconds=10.0, refill=5, refill_every_s=2.0)).spare == 25
    assert shop_of(Sale(seconds=1.0, refill=0)).spare == 0


def a_job(workers: int = 1) -> LoadJob:
    scenario = scenario_of("sync_lag", LAG)
    front = Front("http://127.0.0.1:1", "web", "east", ("one",))
    window = Window("http://127.0.0.1:2", LAG.sale)
    return LoadJob(scenario, 7, LAG.sale.seconds, workers, 4, front, window=window)


def test_a_window_is_the_same_after_its_way_over_the_wire() -> None:
    assert LoadJob.heard(a_job().told()) == a_job()


def test_two_workers_share_the_shoppers_and_nobody_comes_twice() -> None:
    keys: list[int] = []
    for worker in (0, 1):
        till = till_of(a_job(2), worker)
        till.begin(0, 8 * SECOND_NS)
        while isinstance(visit := till.take(8 * SECOND_NS), Visit):
            assert isinstance(visit.thing, Act)
            keys.append(visit.key)
    assert sorted(keys) == list(range(len(list(orders_of(LAG.sale)))))


# ----------------------------------------------------------------------------------------- history


CHANGES = [Change(0, 0, ZERO_US + 1_000_000), Change(0, 1, ZERO_US + 2_000_000)]
"""Of one unit: sold after a second, back after two."""


def figures_of(replies: Sequence[Reply]) -> Figures:
    history = history_of(LAG.sale, ORDERS, replies, CHANGES, ZERO_US)
    return judge(history, streamed(LAG).path)


def test_a_look_that_knew_the_newest_change_is_fresh() -> None:
    found = figures_of(
        [
            a_reply(0, LOOK, "in stock", 0.5, 1, ZERO_US - 9),
            a_reply(0, "deduct", "deducted", 0.6),
            a_reply(1, LOOK, "turned away", 1.5, 0, ZERO_US + 1_000_000),
            a_reply(2, LOOK, "in stock", 2.5, 1, ZERO_US + 2_000_000),
        ]
    )
    assert (found.looks, found.stale_share, found.sold, found.changes) == (3, 0, 1, 2)
    assert (found.false_in_stock, found.false_sold_out, found.lost_sales) == (0, 0, 0)


def test_a_late_window_promises_what_is_gone_and_turns_away_from_what_is_there() -> None:
    found = figures_of(
        [
            a_reply(0, LOOK, "in stock", 1.25, 1, ZERO_US - 9),
            a_reply(0, "deduct", "contended", 1.3),
            a_reply(0, "deduct", "refused", 1.4),
            a_reply(1, LOOK, "turned away", 2.25, 0, ZERO_US + 1_000_000),
            a_reply(2, LOOK, "sold out", 2.25, 0, ZERO_US + 1_000_000),
            a_reply(3, LOOK, "unknown", 2.25),
        ]
    )
    assert (found.looks, found.stale_share, found.refused) == (3, 1.0, 1)
    assert (found.false_in_stock, found.false_sold_out, found.lost_sales) == (1, 2, 1)
    assert found.behind_ms_mean == pytest.approx(250)


# ------------------------------------------------------------------------------------------ checks


HONEST = [
    a_reply(0, "deduct", "deducted", 1.0),
    a_reply(1, "deduct", "refused", 1.5),
    a_reply(0, "roll_back", "rolled_back", 2.0),
    a_reply(2, "deduct", "unknown", 2.1),
    a_reply(2, "deduct", "replayed", 2.2),
    a_reply(3, "deduct", "deducted", 3.0),
]
SOLD = Sold(1, ORDERS, HONEST, [Refilled(0, 1, 2_900_000_000)])


def states(sold: Sold, *wrong: str) -> dict[str, str]:
    return {each.name: each.state for each in judge_window(sold, wrong)}


def test_what_came_back_and_what_came_in_may_be_sold_again() -> None:
    assert set(states(SOLD).values()) == {"holds"}


@pytest.mark.parametrize(
    "lie",
    [
        replace(SOLD, refilled=[]),
        replace(SOLD, refilled=[Refilled(0, 1, 3_100_000_000)]),
        replace(SOLD, replies=[*HONEST, a_reply(4, "deduct", "deducted", 1.6)]),
        replace(SOLD, replies=[one for one in HONEST if one.kind != "roll_back"]),
    ],
    ids=["nothing came in", "it came in later", "one more was told yes", "nothing came back"],
)
def test_an_order_of_a_unit_that_was_not_there_yet_is_caught(lie: Sold) -> None:
    came_in, _ = judge_window(lie, [])
    assert came_in.state == "broken"
    assert came_in.figures["oversold_units"] == 1


def test_a_window_that_is_left_wrong_is_caught() -> None:
    found = states(SOLD, "the window shows 3 of sku-0000, and there are 0")
    assert found["the window ends right"] == "broken"
