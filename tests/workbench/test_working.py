"""`stockproof worker` as a user calls it: runs, says how far it is, ends in good order."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import httpx
import pytest

from inventory_core.domain import Cell
from inventory_core.drivers import carry_out
from inventory_core.records import DeductAt
from inventory_core.services.order_flow import OrderFlow
from inventory_core.steps import sql
from inventory_core.stores.kv import tagged
from inventory_core.stores.service import ServiceAddress, ServiceStores
from inventory_core.strategy import registry
from tests.services.mall import furnish, request
from tests.workbench.command import command, stockproof

ENGINE, SCHEMA = "redis_with_task", "stockproof_working"
TEA = Cell("tea", "channel:mall")
WITHIN_S = 60.0


@pytest.fixture
def shop(postgresql_url: str, valkey_url: str) -> Iterator[Any]:
    """A session of a furnished service."""
    address = ServiceAddress(postgresql_url, SCHEMA, valkey_url, tagged(SCHEMA), (ENGINE,))
    stores = ServiceStores(address)
    stores.create()
    stores.clear()
    engines = {ENGINE: registry.make(ENGINE)}
    with closing(stores.connect()) as session:
        carry_out(furnish(engines, DeductAt.ORDER, 900), session.perform)
        yield session
    stores.remove()


def buys(session: Any, number: str) -> str:
    flow = OrderFlow({ENGINE: registry.make(ENGINE)})
    answer = carry_out(flow.place(request(number, ("tea", 1), buyer=number)), session.perform)
    return answer.said.value


def until_row_is(session: Any, units: int) -> None:
    deadline_s = time.monotonic() + WITHIN_S
    while session.perform(sql.ReadCells((TEA,))) != (units,):
        assert time.monotonic() < deadline_s
        time.sleep(0.05)


def until_shown(port: int, *lines: str) -> None:
    """The metrics have all of these lines."""
    deadline_s = time.monotonic() + WITHIN_S
    shown = ""
    while not all(line in shown for line in lines):
        assert time.monotonic() < deadline_s, shown
        time.sleep(0.05)
        shown = httpx.get(f"http://127.0.0.1:{port}/metrics", trust_env=False).text


@pytest.mark.live
@pytest.mark.slow
def test_a_worker_runs_tells_and_ends(shop: Any, postgresql_url: str, valkey_url: str) -> None:
    said = ("--sql-url", postgresql_url, "--redis-url", valkey_url, "--schema", SCHEMA)
    assert buys(shop, "1") == "placed"
    never = stockproof("worker", "status", ENGINE, *said, "--json")
    assert (never.returncode, json.loads(never.stdout)["waiting"]) == (1, 1)
    words = command("worker", "run", ENGINE, *said, "--metrics-port", "0")
    root = str(Path(__file__).parents[2])
    process = subprocess.Popen(
        words, stdout=subprocess.PIPE, text=True, env=os.environ | {"PYTHONPATH": root}
    )
    try:
        assert process.stdout is not None
        ready = json.loads(process.stdout.readline())
        assert ready["engine"] == ENGINE
        until_row_is(shop, 11)
        until_shown(
            ready["metrics_port"],
            f'worker_applied_total{{engine="{ENGINE}"}} 1.0',
            f'worker_waiting{{engine="{ENGINE}"}} 0.0',
        )
        found = stockproof("worker", "status", ENGINE, *said, "--json")
        assert (found.returncode, json.loads(found.stdout)["applied"]) == (0, 1)
        process.send_signal(signal.SIGTERM)
        assert process.wait(WITHIN_S) == 0
    finally:
        process.kill()
        process.communicate()
    again = stockproof("worker", "retry", ENGINE, *said, "--json")
    assert json.loads(again.stdout) == {"engine": ENGINE, "done": 0, "still_aside": 0}
    rebuilt = stockproof("worker", "rebuild", ENGINE, *said, "--json")
    assert json.loads(rebuilt.stdout)["holds"] == 1
    assert buys(shop, "2") == "placed"


@pytest.mark.slow
@pytest.mark.parametrize(
    "said, complaint",
    [
        (("run", "row_lock"), "leaves nothing for a worker"),
        (("run", "redis_with_tusk"), "there is no strategy"),
        (("status", ENGINE), "say --sql-url"),
        (("status", ENGINE, "--sql-url", "redis://x"), "must begin with postgresql://"),
        (("rebuild", ENGINE, "--sql-url", "postgresql://a.example/b"), "--allow-host a.example"),
    ],
)
def test_a_usage_error_is_one_sentence(
    said: tuple[str, ...], complaint: str, tmp_path: Path
) -> None:
    quiet = {"STOCKPROOF_SQL_URL": "", "STOCKPROOF_REDIS_URL": ""}
    result = stockproof("worker", *said, cwd=tmp_path, **quiet)
    assert result.returncode == 2
    assert complaint in result.stderr
    assert len(result.stderr.strip().splitlines()) == 1
