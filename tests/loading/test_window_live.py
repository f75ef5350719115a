"""`load sync_lag` whole: a pipeline in time, one that stands still, buyers who lie, and Ctrl-C."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import psutil
import pytest

from inventory_core.stores.servers import Servers, Settings
from inventory_core.stores.stacks import find_stack
from scenarios.history import RunFolder
from scenarios.lagging.cases import streamed
from scenarios.lagging.paths import Kind, SyncPath
from scenarios.lagging.scenario import load_lag
from scenarios.loading.fleet import Crewing, Fleet
from scenarios.loading.run import LoadQuestion
from scenarios.loading.window.run import WindowWanted, load_window
from scenarios.loading.window.shoppers import scenario_of
from scenarios.serving.place import ShopPlace, shop_on
from tests.loading.conftest import ENGINE
from tests.loading.lying import Lying
from workbench.loading_window import SOURCE, ProductWindow, product_window
from workbench.private_pipeline import PrivatePipeline

pytestmark = [pytest.mark.slow, pytest.mark.live]

LAG = load_lag(
    None,
    [
        *("sale.articles=4", "sale.quantity=3", "sale.shoppers_per_s=60", "sale.seconds=1.5"),
        *("sale.come_back_after_s=0.3", "sale.refill=1", "sale.refill_every_s=0.6"),
        *("faults.at_s=0", "faults.for_s=0.01"),
    ],
)
STREAMING = streamed(LAG).path
Gone = Callable[..., dict[str, Any]]


@pytest.fixture(scope="module")
def captured() -> Iterator[ShopPlace]:
    with (
        Servers(Settings(postgresql=SOURCE)) as servers,
        shop_on(servers.open(find_stack("postgresql")), ENGINE) as place,
    ):
        yield place


@pytest.fixture
def gone_to(captured: ShopPlace, tmp_path: Path) -> Gone:
    """`gone_to(fleet, shown=...)`: the row of a run, what each check has found, and its folder."""

    def run(
        fleet: Fleet, path: SyncPath = STREAMING, shown: Any = None, rest_within_s: float = 30.0
    ) -> Any:
        scenario = scenario_of("sync_lag", LAG)
        question = LoadQuestion(scenario, ENGINE, 7, LAG.sale.seconds, users=8)
        opened = shown or partial(product_window, path)
        folder, wanted = RunFolder(tmp_path / "run"), WindowWanted(LAG.sale, path, opened)
        row = load_window(question, captured, wanted, fleet, folder, rest_within_s)
        found = {each["name"]: each["state"] for each in folder.json("verdict")["findings"]}
        return {"row": row, "states": found, "folder": folder}

    return run


def test_two_workers_look_before_they_order_and_nothing_is_oversold(gone_to: Gone) -> None:
    ran = gone_to(Fleet(Crewing(2)))
    row, window, folder = ran["row"], ran["row"]["window"], ran["folder"]
    assert row["verdict"] == "holds", (row["note"], ran["states"])
    assert (row["world"], row["locust_processes"], row["oversold_units"]) == ("loaded", 2, 0)
    assert {"never more than had come in", "the window ends right"} <= set(row["judged"])
    assert window["looks"] > row["attempts"] >= row["deducted"] > 0
    assert window["turned_away"] > 0
    assert (window["unanswered"], window["wrong_at_rest"]) == (0, 0)
    assert 0 < window["refilled_units"] <= 9
    assert 0 <= window["stale_share"] < 1
    assert window["changes"] == folder.table("changes").num_rows
    assert window["looks"] == folder.table("looks").num_rows
    assert folder.table("attempts").num_rows + window["looks"] == row["requests"]
    report = (folder.path / "locust" / "locust.txt").read_text()
    for name in ("look: in stock", "look: turned away", "deduct: deducted"):
        assert name in report


def test_a_window_that_polls_is_later_than_one_that_is_told(gone_to: Gone) -> None:
    ran = gone_to(Fleet(Crewing()), SyncPath(Kind.POLLING, 0.5))
    assert ran["row"]["verdict"] == "holds", (ran["row"]["note"], ran["states"])
    window = ran["row"]["window"]
    assert (window["path"], window["poll_ms"], window["wrong_at_rest"]) == ("polling", 500, 0)
    assert window["stale_share"] > 0.3
    assert 100 < window["behind_ms_p99"] < 1_000


def test_a_consumer_that_stands_still_makes_a_stale_window_that_ends_wrong(gone_to: Gone) -> None:
    stopped: list[int] = []

    @contextmanager
    def standing(url: str, schema: str) -> Iterator[ProductWindow]:
        with product_window(STREAMING, url, schema) as window:
            assert isinstance(window.fed, PrivatePipeline)
            stopped.append(window.fed.parts["consumer"].pid)
            try:
                yield window
            finally:
                os.kill(stopped[0], signal.SIGCONT)

    def tell(said: Mapping[str, Any]) -> None:
        if said["event"] == "begin":
            os.kill(stopped[0], signal.SIGSTOP)

    ran = gone_to(Fleet(Crewing(), tell), shown=standing, rest_within_s=0.5)
    row, states = ran["row"], ran["states"]
    assert (row["verdict"], states["the window ends right"]) == ("void", "broken")
    assert states["never oversold"] == states["never more than had come in"] == "holds"
    assert row["window"]["stale_share"] > 0.5
    assert row["window"]["refused_though_shown"] > 0
    assert row["window"]["false_sold_out"] == 0, "it shows for ever what there was at the opening"
    name = "deduct: refused though shown"
    assert name in (ran["folder"].path / "locust" / "locust.txt").read_text()


def test_an_order_that_only_its_buyer_knows_of_is_void(gone_to: Gone) -> None:
    ran = gone_to(Lying(Crewing(), outcome="turned away"))
    assert ran["row"]["verdict"] == "void"
    assert ran["states"]["answers and books agree"] == "broken"
    assert ran["states"]["no lost deduction"] == "broken"


def test_ctrl_c_judges_what_was_answered_and_leaves_nobody(gone_to: Gone) -> None:
    def tell(said: Mapping[str, Any]) -> None:
        if said["event"] == "begin":
            raise KeyboardInterrupt

    before = set(psutil.Process().children(recursive=True))
    ran = gone_to(Fleet(Crewing(2), tell))
    assert ran["row"]["stopped"]
    assert ran["row"]["verdict"] == "holds", ran["states"]
    left = set(psutil.Process().children(recursive=True)) - before
    assert not [each for each in left if "postgres" not in each.name()]
