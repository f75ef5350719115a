"""Short runs of the three questions: the shop as it is holds, and every planted bug is seen."""

from __future__ import annotations

import pytest

from scenarios.serving.desk import plan_of
from tests.scenarios.serving import planted_bugs
from tests.scenarios.serving.conftest import Ran

pytestmark = [pytest.mark.live, pytest.mark.slow]

PLENTY = "stock.quantity=500"
SHORT_WINDOW = ("shop.window_s=[1, 2]", "shop.quota=40", "shop.parallel=0.6", "shop.buyers=20")


def test_holds_that_run_out_are_resolved_once_and_their_units_are_sold_again(ran: Ran) -> None:
    found = ran("payment_timeouts", plan_of, 2.0, "stock.quantity=8")
    row, shop = found["row"], found["row"]["shop"]
    assert row["verdict"] == "holds", found["states"]
    assert shop["abandoned_holds"] > 0
    assert shop["returned_units"] > 0
    assert (
        shop["paid_orders"] + shop["abandoned_holds"] + shop["cancelled_orders"]
        <= shop["placed_orders"] + shop["paid_late_orders"]
    )
    assert shop["return_ms_worst"] < 2_000
    kinds = set(found["folder"].table("attempts")["kind"].to_pylist())
    assert kinds == {"deduct", "pay", "roll_back", "expire"}


def test_where_payment_deducts_some_are_refused_at_the_till_and_nothing_is_blocked(
    ran: Ran,
) -> None:
    found = ran("order_or_payment_time", plan_of, 1.5, "stock.quantity=4")
    shop = found["row"]["shop"]
    assert found["row"]["verdict"] == "holds", found["states"]
    assert found["row"]["rule"] == "payment"
    assert shop["refused_at_till_orders"] > 0
    assert shop["blocked_unit_s"] == 0
    assert shop["paid_units"] <= 16


def test_an_activity_sells_in_its_window_within_its_limits_and_its_remainder_goes_home(
    ran: Ran,
) -> None:
    found = ran("activity_window", plan_of, 3.0, *SHORT_WINDOW)
    shop = found["row"]["shop"]
    assert found["row"]["verdict"] == "holds", found["states"]
    assert shop["refused_before"] > 0
    assert shop["refused_after"] > 0
    assert shop["refused_over_limit"] > 0
    assert shop["most_of_one_buyer"] == 2
    home = shop["home_at_close_units"] + shop["home_later_units"]
    assert home == shop["quota_units"] - shop["paid_units"]


@pytest.mark.parametrize(
    "bug, name, seconds, sets, check",
    [
        ("expires_what_is_paid", "payment_timeouts", 1.5, (PLENTY,), "every hold resolved once"),
        (
            "keeps_nobody_waiting",
            "payment_timeouts",
            1.0,
            (PLENTY, "demand.pay_expired=0.4"),
            "late payments answered rightly",
        ),
        ("forgets_a_promise", "payment_timeouts", 1.0, (PLENTY,), "the law at rest"),
        ("sells_all_day", "activity_window", 2.5, SHORT_WINDOW, "sold in the window only"),
        ("ignores_the_limit", "activity_window", 2.5, SHORT_WINDOW, "the limit per buyer"),
        ("gives_twice", "activity_window", 2.5, SHORT_WINDOW, "the remainder came home once"),
    ],
)
def test_a_planted_bug_is_seen(
    ran: Ran, bug: str, name: str, seconds: float, sets: tuple[str, ...], check: str
) -> None:
    found = ran(name, getattr(planted_bugs, bug), seconds, *sets)
    assert found["states"][check] == "broken", found["states"]
    assert found["row"]["verdict"] == "void"
