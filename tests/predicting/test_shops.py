"""Shops in virtual time: the services themselves, the buyers of live runs, and every check."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from inventory_core.steps import rows
from scenarios.history import RunFolder
from scenarios.predicting.costs import rows_in
from scenarios.predicting.run import Asked
from scenarios.predicting.shop_play import ShopPlay
from scenarios.predicting.shop_run import predict_shop
from scenarios.scenario import Scenario, load_scenario
from scenarios.serving.desk import PlanOf, plan_of
from tests.predicting.conftest import PLAIN
from tests.scenarios.serving import planted_bugs
from tests.scenarios.serving.expected import (
    PLENTY,
    SHORT_WINDOW,
    came_back,
    refused_at_the_till,
    sold_in_the_window,
)

pytestmark = pytest.mark.slow


def shop_of(name: str, rule: str, *sets: str) -> Scenario:
    quick = ("demand.processes=2", "demand.connections=4", "demand.rate_per_s=60")
    scenario = load_scenario(name, [*quick, *sets])
    assert scenario.shop is not None
    return replace(scenario, shop=replace(scenario.shop, deduct_at=(rule,)))


def predicted(
    name: str,
    seconds: float,
    *sets: str,
    strategy: str = "conditional_update",
    rule: str = "order",
    folder: RunFolder | None = None,
    services: PlanOf = plan_of,
) -> dict[str, Any]:
    asked = Asked(shop_of(name, rule, *sets), strategy, PLAIN, 7, seconds)
    return predict_shop(asked, folder, services)


@pytest.mark.parametrize("strategy", ["conditional_update", "redis_script", "redis_with_task"])
def test_holds_that_run_out_are_resolved_once_and_their_units_are_sold_again(strategy: str) -> None:
    row = predicted("payment_timeouts", 2.0, "stock.quantity=8", strategy=strategy)
    assert row["verdict"] == "holds", row["promises_broken"]
    assert row["world"] == "predicted"
    assert row["stack"] == ("postgresql" if "redis" not in strategy else "postgresql+redis")
    came_back(row["shop"])
    assert row["accepted_latency_ms_p50"] > 0


def test_where_payment_deducts_some_are_refused_at_the_till_and_nothing_is_blocked() -> None:
    row = predicted("order_or_payment_time", 1.5, "stock.quantity=4", rule="payment")
    assert row["verdict"] == "holds", row["promises_broken"]
    refused_at_the_till(row["shop"], 16)


def test_an_activity_sells_in_its_window_within_its_limits_and_its_remainder_goes_home() -> None:
    row = predicted("activity_window", 3.0, *SHORT_WINDOW)
    assert row["verdict"] == "holds", row["promises_broken"]
    sold_in_the_window(row["shop"])


@pytest.mark.parametrize(
    "bug, name, seconds, sets, check",
    [
        ("expires_what_is_paid", "payment_timeouts", 1.5, (PLENTY,), "every hold resolved once"),
        ("forgets_a_promise", "payment_timeouts", 1.0, (PLENTY,), "the law at rest"),
        ("sells_all_day", "activity_window", 2.5, SHORT_WINDOW, "sold in the window only"),
        ("ignores_the_limit", "activity_window", 2.5, SHORT_WINDOW, "the limit per buyer"),
        ("gives_twice", "activity_window", 2.5, SHORT_WINDOW, "the remainder came home once"),
    ],
)
def test_a_planted_bug_is_seen(
    tmp_path: Path, bug: str, name: str, seconds: float, sets: tuple[str, ...], check: str
) -> None:
    folder = RunFolder(tmp_path / "run")
    services = getattr(planted_bugs, bug)
    row = predicted(name, seconds, *sets, folder=folder, services=services)
    states = {each["name"]: each["state"] for each in folder.json("verdict")["findings"]}
    assert states[check] == "broken", states
    assert row["verdict"] == "void"


def test_the_same_seed_gives_the_same_bytes_and_every_engine_meets_the_same_buyers(
    tmp_path: Path,
) -> None:
    tables = []
    for number, strategy in enumerate(["row_lock", "row_lock", "redis_script"]):
        folder = RunFolder(tmp_path / f"{number}")
        predicted("payment_timeouts", 1.0, strategy=strategy, folder=folder)
        tables.append(folder.path / "attempts.parquet")
    first, again, other = (path.read_bytes() for path in tables)
    assert first == again
    assert first != other
    placed = [
        {
            (number, intended_ns)
            for number, kind, intended_ns in zip(
                *(RunFolder(path.parent).table("attempts")[name].to_pylist()
                  for name in ("order_number", "kind", "intended_ns")),
                strict=True,
            )
            if kind == "deduct"
        }
        for path in tables
    ]  # fmt: skip
    assert placed[0] == placed[2]


def test_slower_servers_make_buyers_wait_longer() -> None:
    slow = replace(PLAIN, sql=replace(PLAIN.sql, flush_us=2_000.0))
    waited = []
    for profile in (PLAIN, slow):
        scenario = shop_of("order_or_payment_time", "order")
        play = ShopPlay(scenario, "row_lock", profile, 7, 1.0, plan_of)
        case = play.run()
        assert case.at_rest
        placing = [one for one in case.attempts if one.outcome == "deducted"]
        waited.append(sum(one.replied_ns - one.sent_ns for one in placing) / len(placing) / 1e6)
    assert waited[1] > waited[0] + 2.0  # ms: a flush at least, of each placed order


def test_conditions_of_a_search_are_no_rows_that_are_written() -> None:
    assert rows_in(rows.Select) is None
    assert rows_in(rows.Add) is None
    counted = rows_in(rows.PutAll)
    assert counted is not None
    assert counted(rows.PutAll(("a", "b", "c"))) == 2  # type: ignore[arg-type]
