"""Whole runs: Locust at the API of a shop, judged; and every lie is void."""

from __future__ import annotations

from pathlib import Path

import pytest

from inventory_core.stores.servers import Servers, Settings
from inventory_core.stores.stacks import find_stack
from scenarios.history import RunFolder
from scenarios.loading.direct import load_stores
from scenarios.loading.fleet import Crewing, Fleet
from scenarios.loading.run import LoadQuestion
from scenarios.loading.shop_run import load_shop
from scenarios.scenario import load_scenario
from scenarios.serving.place import ShopPlace
from tests.loading.conftest import ENGINE, Loaded
from tests.loading.lying import Lying

pytestmark = [pytest.mark.slow, pytest.mark.live]


def test_attempts_to_oversell_by_two_workers_oversell_nothing(loaded: Loaded) -> None:
    ran = loaded("oversell_attempts", Fleet(Crewing(2)))
    row = ran["row"]
    assert row["verdict"] == "holds", (row["note"], ran["states"])
    assert row["world"] == "loaded"
    assert row["oversold_units"] == 0
    assert row["deducted"] > 0
    assert row["attempts"] == sum(
        row[name]
        for name in ("deducted", "replayed", "refused", "contended", "errors", "unknown", "dropped")
    )
    assert row["requests"] >= row["attempts"] > 0
    assert {"the service's own audit", "duplicates answered alike"} <= set(row["judged"])
    folder: RunFolder = ran["folder"]
    assert folder.table("attempts").num_rows == row["requests"]
    report = folder.path / "locust"
    assert "deduct: deducted" in (report / "locust.txt").read_text()
    assert "deduct: deducted" in (report / "locust_stats.csv").read_text()
    assert "<html" in (report / "locust.html").read_text()


def test_an_acknowledgement_that_no_book_bears_out_is_void(loaded: Loaded) -> None:
    nothing_fits = ("stock.quantity=1", "demand.quantities=[2]")
    ran = loaded("flash_sale", Lying(Crewing()), *nothing_fits, seconds=0.7)
    row, states = ran["row"], ran["states"]
    assert row["verdict"] == "void"
    assert states["answers and books agree"] == "broken"
    assert states["never oversold"] == "broken"
    assert row["oversold_units"] >= 1
    assert row["lost_orders"] >= 1


def test_a_shop_s_buyers_pay_and_abandon_and_every_hold_is_resolved_once(
    shop: ShopPlace, tmp_path: Path
) -> None:
    sets = ("demand.rate_per_s=20", "stock.quantity=6")
    question = LoadQuestion(load_scenario("payment_timeouts", sets), ENGINE, 7, 1.0, users=4)
    row = load_shop(question, shop, Fleet(Crewing()), RunFolder(tmp_path / "run"))
    assert row["verdict"] == "holds", row["note"]
    assert row["shop"]["paid_orders"] > 0
    assert row["other_verbs"]["expired"] > 0
    assert "every hold resolved once" in row["judged"]


def test_users_of_plans_go_to_the_stores_themselves(postgresql_url: str, tmp_path: Path) -> None:
    question = LoadQuestion(load_scenario("flash_sale"), ENGINE, 7, 0.5, users=4)
    folder = RunFolder(tmp_path / "run")
    with (
        Servers(Settings(sql_url=postgresql_url)) as servers,
        servers.open(find_stack("postgresql")) as place,
    ):
        row = load_stores(question, place, Fleet(Crewing()), folder)
    assert (row["verdict"], row["world"]) == ("holds", "loaded")
    assert row["deducted"] > 0
    assert "PLAN" in (folder.path / "locust" / "locust.txt").read_text()
