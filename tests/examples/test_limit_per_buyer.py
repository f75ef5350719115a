"""A limit of two per buyer meets two parallel orders of two.

Six tea are set aside for a sale, two for each buyer. Ann sends two orders of 2 at once: on every
schedule that is drawn one is taken and one refused (`limit_per_buyer`), and 4 are left. Bob is not
concerned: he takes 2, and 2 are left. Ann cancels hers: 4; now she may have two again: 2.
"""

from __future__ import annotations

import random
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from inventory_core.drivers import carry_out
from inventory_core.records import Activity
from inventory_core.services.contract import Said
from scenarios.model.crowd import together
from tests.services.mall import Mall, request
from tests.services.test_law import model_mall


def open_sale(mall: Mall, hold_s: int = 900) -> None:
    """Six tea for the sale, two for each buyer; then 6 are left to the channel."""
    sale = Activity("sale", "Sale", "mall", "conditional_update", 0, 2**50, 2, hold_s=hold_s)
    mall.do(mall.stock.plan_activity(sale, [("tea", 6)]))
    mall.do(mall.stock.open_activity("sale"))
    assert (mall.sellable("tea", "activity:sale"), mall.sellable("tea")) == (6, 6)


def two_orders(mall: Mall) -> list[Any]:
    """Two orders of two, both by Ann."""
    return [mall.flow.place(request(number, ("tea", 2, "sale"))) for number in ("1", "2")]


def judge(mall: Mall, answers: list[Any]) -> None:
    """One is taken, one refused for the limit; what is given back may be taken again."""
    assert sorted(answer.said.value for answer in answers) == ["placed", "refused"]
    refused = next(answer for answer in answers if answer.said is Said.REFUSED)
    assert refused.reason.split(":")[0] == "limit_per_buyer"
    assert mall.sellable("tea", "activity:sale") == 4
    assert mall.place("3", ("tea", 2, "sale"), buyer="bob").said is Said.PLACED
    placed = next(answer for answer in answers if answer.said is Said.PLACED)
    mall.do(mall.flow.cancel(placed.order.order.order_id))
    assert mall.sellable("tea", "activity:sale") == 4
    assert mall.place("4", ("tea", 2, "sale")).said is Said.PLACED
    assert mall.sellable("tea", "activity:sale") == 2
    assert mall.do(mall.stock.audit()) == ()


@pytest.mark.parametrize("seed", range(50))
def test_two_parallel_orders_do_not_pass_the_limit(seed: int) -> None:
    place, mall = model_mall("conditional_update")
    open_sale(mall)
    judge(mall, together(place, two_orders(mall), random.Random(seed)))


@pytest.mark.live
def test_two_threads_do_not_pass_the_limit(live_mall: Mall) -> None:
    open_sale(live_mall)
    sessions = [live_mall.connect(), live_mall.connect()]
    with ThreadPoolExecutor(2) as pool:
        performers = [session.perform for session in sessions]
        answers = list(pool.map(carry_out, two_orders(live_mall), performers))
    for session in sessions:
        session.close()
    judge(live_mall, answers)
