"""Real processes on PostgreSQL: a count half received, an applier killed, replies that are lost."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import httpx
import pytest

from inventory_core.records import Entry, Kind, SyncRun, WarehouseStock
from inventory_core.steps import rows
from inventory_core.stores.service import ServiceAddress, connect_service
from inventory_core.sync.limits import SyncLimits
from inventory_core.sync.warehouse_client import WarehouseClient
from tests.sync.conftest import HURRIED, made_service
from tests.sync.town import Town, build, give_to_channel
from tests.warehouse_system.running import ROOT, running

pytestmark = [pytest.mark.slow, pytest.mark.live]

ARTICLES = 300
LIMITS = SyncLimits(page=100, batch=5)


@pytest.fixture
def service(postgresql_url: str) -> Iterator[ServiceAddress]:
    with made_service(postgresql_url) as address:
        yield address


def stock_file(folder: Path) -> Path:
    """Article number n has n units in the east."""
    lines = [f"east,a{number:03},{number}" for number in range(1, ARTICLES + 1)]
    file = folder / "stock.csv"
    file.write_text("\n".join(["warehouse,sku,quantity", *lines]))
    return file


def opened(stack: ExitStack, service: ServiceAddress, folder: Path, *faults: str) -> Town:
    """The town, with a warehouse system in a process of its own."""
    words = ("--stock", str(stock_file(folder)), *faults)
    there = stack.enter_context(running(folder / "system.db", *words, warehouses=("east", "west")))
    system = stack.enter_context(httpx.Client(base_url=there.url))
    town = Town(lambda: connect_service(service), WarehouseClient("", HURRIED), system, LIMITS)
    stack.callback(town.session.close)
    town.carry(build(there.url))
    return town


async def shelves() -> dict[str, int]:
    there = await rows.Select(WarehouseStock, (("warehouse", "=", "east"),))
    return {one.sku: one.physical for one in there}


async def counted(run: str) -> list[str]:
    """The articles whose shelves a run has touched, with one entry each."""
    cause = (("cause", "=", f"count:{run}"), ("kind", "=", Kind.PHYSICAL))
    return [one.sku for one in await rows.Select(Entry, cause)]


def test_half_a_count_changes_nothing(service: ServiceAddress, tmp_path: Path) -> None:
    with ExitStack() as stack:
        town = opened(stack, service, tmp_path, "--cut-after-page", "2", "--cuts", "3")
        ended = town.do(town.sync.full("east", "half"))
        assert (ended.state.value, ended.pages, ended.staged, ended.applied) == (
            "abandoned",
            2,
            200,
            0,
        )
        assert "does not answer" in ended.reason
        assert town.do(shelves()) == {}
        # The fault is over: a page that is asked again is answered, and the count goes on.
        again = town.do(town.sync.full("east", "whole"))
        assert (again.state.value, again.pages, again.applied) == ("done", 3, ARTICLES)
        expected = {f"a{number:03}": number for number in range(1, ARTICLES + 1)}
        assert town.do(shelves()) == expected


def test_a_page_that_is_lost_once_is_asked_for_again(
    service: ServiceAddress, tmp_path: Path
) -> None:
    with ExitStack() as stack:
        town = opened(stack, service, tmp_path, "--cut-after-page", "0", "--cuts", "2")
        ended = town.do(town.sync.full("east"))
        assert (ended.state.value, ended.applied) == ("done", ARTICLES)


def test_an_applier_is_killed_and_two_others_finish_each_count_once(
    service: ServiceAddress, tmp_path: Path
) -> None:
    with ExitStack() as stack:
        town = opened(stack, service, tmp_path)
        town.do(town.sync.read_feed("east"))
        extra = [(f"a{number:03}", 1) for number in range(1, ARTICLES + 1)]
        town.moves("adjustments", "one more of each", *extra)
        town.do(_shelves_forget(ARTICLES))
        first = started(service, "count")
        while not ((run := town.run("count")) and 0 < run.applied < ARTICLES):
            assert first.poll() is None, "it was done before it could be killed"
            time.sleep(0.005)
        first.kill()
        first.wait()
        left = town.run("count")
        assert left.state.value == "applying"
        assert 0 < left.applied < ARTICLES
        others = [started(service, ""), started(service, "")]
        assert [other.wait(60) for other in others] == [0, 0]
        for each in (first, *others):
            assert each.stdout is not None
            each.stdout.close()
        ended = town.run("count")
        figures = (ended.state.value, ended.staged, ended.applied, ended.changed, ended.stale)
        assert figures == ("done", ARTICLES, ARTICLES, ARTICLES, 0)
        expected = {f"a{number:03}": number + 1 for number in range(1, ARTICLES + 1)}
        assert town.do(shelves()) == expected
        assert len(town.do(counted("count"))) == ARTICLES


async def _shelves_forget(articles: int) -> None:
    """The shop has lost a unit of each article, and every movement that says so is known."""
    from inventory_core.records import FeedMark

    await rows.Put(FeedMark("east", 2 * articles))


def started(service: ServiceAddress, run: str) -> subprocess.Popen[Any]:
    """A process that brings the count in."""
    told = json.dumps([service.sql_url, service.schema, run])
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.sync.applier", told], stdout=subprocess.PIPE, cwd=ROOT
    )
    assert process.stdout is not None
    assert process.stdout.readline() == b"ready\n"
    return process


def test_a_shipment_whose_reply_was_lost_is_shipped_once(
    service: ServiceAddress, tmp_path: Path
) -> None:
    with ExitStack() as stack:
        town = opened(stack, service, tmp_path, "--lose-replies", "4")
        town.do(town.sync.read_feed("east"))
        town.do(give_to_channel("a050", 20))
        town.buy("1", ("a050", 3))
        assert town.tell("1") == ["no answer"]  # three tries, each done and never heard of
        assert (town.lies("a050"), town.stock("a050")) == (47, (50, 3, 0))
        assert town.tell("1") == ["shipped"]
        assert (town.lies("a050"), town.stock("a050")) == (47, (47, 0, 0))
        town.law("a050")


def test_runs_are_kept(service: ServiceAddress, tmp_path: Path) -> None:
    with ExitStack() as stack:
        town = opened(stack, service, tmp_path)
        town.do(town.sync.one("east", "a007", "mine"))
        kept = town.run("mine")
        assert isinstance(kept, SyncRun)
        assert (kept.sku, kept.applied) == ("a007", 1)
        assert town.stock("a007") == (7, 0, 0)
