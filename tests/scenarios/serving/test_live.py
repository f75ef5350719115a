"""Short runs of the three questions: the shop as it is holds, and every planted bug is seen."""

from __future__ import annotations

import pytest

from scenarios.serving.desk import plan_of
from tests.scenarios.serving import planted_bugs
from tests.scenarios.serving.conftest import Ran
from tests.scenarios.serving.expected import (
    PLENTY,
    SHORT_WINDOW,
    came_back,
    refused_at_the_till,
    sold_in_the_window,
)

pytestmark = [pytest.mark.live, pytest.mark.slow]


def test_holds_that_run_out_are_resolved_once_and_their_units_are_sold_again(ran: Ran) -> None:
    found = ran("payment_timeouts", plan_of, 2.0, "stock.quantity=8")
    assert found["row"]["verdict"] == "holds", found["states"]
    came_back(found["row"]["shop"])
    kinds = set(found["folder"].table("attempts")["kind"].to_pylist())
    assert kinds == {"deduct", "pay", "roll_back", "expire"}


def test_where_payment_deducts_some_are_refused_at_the_till_and_nothing_is_blocked(
    ran: Ran,
) -> None:
    found = ran("order_or_payment_time", plan_of, 1.5, "stock.quantity=4")
    assert found["row"]["verdict"] == "holds", found["states"]
    assert found["row"]["rule"] == "payment"
    refused_at_the_till(found["row"]["shop"], 16)


def test_an_activity_sells_in_its_window_within_its_limits_and_its_remainder_goes_home(
    ran: Ran,
) -> None:
    found = ran("activity_window", plan_of, 3.0, *SHORT_WINDOW)
    assert found["row"]["verdict"] == "holds", found["states"]
    sold_in_the_window(found["row"]["shop"])


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
