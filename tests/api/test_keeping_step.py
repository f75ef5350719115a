"""Served processes keep step with the warehouses by themselves; one that is dead stops no other.

Everything is done over HTTP: on one side the API, on the other the warehouse system, which is the
real process.
"""

from __future__ import annotations

import re
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from inventory_core.api.work import Work
from tests.api.serving import Serving, serving
from tests.warehouse_system.running import Running, start

WAIT_S = 30.0
DEAF = ("deaf-1", "deaf-2", "deaf-3")
"""Each takes twenty seconds to give up: who waited for them in turn would be too late."""


@dataclass
class Street:
    """The service, and the warehouse system of `east`."""

    service: Serving
    client: httpx.Client
    system: Running

    def lies(self, sku: str) -> int:
        """What is on the shelf, says the warehouse."""
        said = httpx.get(f"{self.system.url}/warehouses/east/counts/{sku}").json()
        return int(said["quantity"])

    def told(self, order_id: str) -> list[int]:
        """The movements of the shipments that the warehouse made for an order."""
        said = httpx.get(f"{self.system.url}/warehouses/east/movements?after=0&limit=500").json()
        prefix = f"{order_id}#"
        return [one["sequence"] for one in said["movements"] if one["reference"].startswith(prefix)]

    def stock(self, sku: str) -> dict[str, Any]:
        """What the service says of an article; empty if it knows of none."""
        answer = self.client.get(f"/v1/stock/{sku}")
        return answer.json() if answer.status_code == 200 else {}

    def state(self, number: str) -> str:
        """Where an order stands."""
        return str(self.client.get(f"/v1/orders/street/{number}").json()["state"])

    def buy(self, number: str, sku: str, quantity: int) -> None:
        """Place and pay an order."""
        line = {"sku": sku, "quantity": quantity}
        order = {"channel": "street", "number": number, "buyer": "ann", "address": "Coast"}
        assert self.client.post("/v1/orders", json=order | {"lines": [line]}).status_code == 201
        assert self.client.post(f"/v1/orders/street/{number}/pay").status_code == 200

    def turns(self, daemon: str, result: str) -> float:
        """How many turns of a daemon came to that, says `/metrics`."""
        words = f'stockproof_daemon_turns_total{{daemon="{daemon}",result="{result}"}} '
        found = re.search(re.escape(words) + r"(\S+)", self.client.get("/metrics").text)
        return float(found.group(1)) if found else 0.0


def until(holds: Callable[[], bool], what: str) -> None:
    """Wait for it."""
    before = time.monotonic()
    while not holds():
        assert time.monotonic() < before + WAIT_S, f"not within {WAIT_S:g} s: {what}"
        time.sleep(0.05)


def open_warehouse(client: httpx.Client, code: str, url: str, rank: int) -> None:
    """A warehouse with a system."""
    body = {"name": code, "kind": "own", "address": "Coast", "system_url": url}
    client.put(f"/v1/warehouses/{code}", json=body).raise_for_status()
    serves = {"region": "Coast", "rank": rank, "transit_days": 1}
    client.put(f"/v1/warehouses/{code}/services", json=serves).raise_for_status()


@pytest.fixture(scope="module")
def street(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Street]:
    """Two API processes; `east` lives, `deaf-N` take connections and say nothing, `a-gone` is not.

    The dead ones come first, in the order of codes and for whoever lives on the coast.
    """
    folder: Path = tmp_path_factory.mktemp("east")
    (folder / "stock.csv").write_text("warehouse,sku,quantity\neast,tea,10\neast,cup,20\n")
    with ExitStack() as stack:
        system = start(folder / "system.db", "--stock", str(folder / "stock.csv"))
        stack.callback(system.kill)
        deaf = stack.enter_context(socket.create_server(("127.0.0.1", 0)))
        service = stack.enter_context(serving("--workers", "2", "--no-sample"))
        client = stack.enter_context(service.client())
        engine = {"name": "Street", "engine": "conditional_update"}
        client.put("/v1/channels/street", json=engine).raise_for_status()
        for code in DEAF:
            open_warehouse(client, code, f"http://127.0.0.1:{deaf.getsockname()[1]}", 1)
        open_warehouse(client, "a-gone", "http://127.0.0.1:1", 2)
        open_warehouse(client, "east", system.url, 3)
        yield Street(service, client, system)
        assert system.process.stdout is not None
        system.process.stdout.close()


@pytest.fixture(scope="module")
def stocked(street: Street) -> Street:
    """The count of `east` has come by itself, and the street sells half of it."""
    until(lambda: street.stock("cup").get("physical") == 20, "east is counted")
    for sku, quantity in (("tea", 5), ("cup", 10)):
        until(lambda sku=sku: bool(street.stock(sku)), f"{sku} is counted")  # type: ignore[misc]
        move = {"sku": sku, "quantity": quantity}
        move |= {"source": "unassigned", "target": "channel:street"}
        street.client.post("/v1/moves", json=move | {"key": f"open-{sku}"}).raise_for_status()
    return street


live = [pytest.mark.live, pytest.mark.slow]


class TestServed:
    """Two processes, one warehouse that lives and four that are dead."""

    pytestmark = live

    def test_a_new_warehouse_is_counted_once_in_a_day_by_whichever_process(self, stocked: Street):
        runs = stocked.client.get("/v1/syncs", params={"warehouse": "east"}).json()["items"]
        assert [(run["state"], run["staged"], run["applied"]) for run in runs] == [("done", 2, 2)]

    def test_what_is_paid_is_shipped_once(self, stocked: Street):
        stocked.buy("o-1", "tea", 3)
        until(lambda: stocked.state("o-1") == "shipped", "the order is shipped")
        assert len(stocked.told("street/o-1")) == 1
        assert stocked.lies("tea") == 7
        seen = stocked.stock("tea")
        figures = ("physical", "pre_occupied", "sellable", "difference")
        assert [seen[name] for name in figures] == [7, 0, 2, 0]

    def test_many_orders_and_two_processes_ship_each_once(self, stocked: Street):
        numbers = [f"many-{number}" for number in range(8)]
        for number in numbers:
            stocked.buy(number, "cup", 1)
        until(lambda: {stocked.state(one) for one in numbers} == {"shipped"}, "all are shipped")
        assert [len(stocked.told(f"street/{one}")) for one in numbers] == [1] * 8
        assert (stocked.lies("cup"), stocked.stock("cup")["physical"]) == (12, 12)

    def test_what_moves_in_the_warehouse_is_known_soon(self, stocked: Street):
        body = {"reference": "late delivery", "lines": [{"sku": "pot", "quantity": 4}]}
        url = f"{stocked.system.url}/warehouses/east/receipts"
        assert httpx.post(url, json=body).status_code == 201
        until(lambda: stocked.stock("pot").get("physical") == 4, "the feed was read")

    def test_the_figures_tell_which_warehouse_is_dead(self, stocked: Street):
        until(lambda: stocked.turns("sync.a-gone", "failed") > 0, "that one is dead is seen")
        assert {stocked.turns(f"sync.{code}", "worked") for code in ("a-gone", *DEAF)} == {0}
        assert stocked.turns("sync.east", "worked") > 0
        assert stocked.turns("dispatch.east", "worked") > 0
        assert stocked.turns("dispatch.east", "failed") == 0

    def test_a_warehouse_that_comes_back_is_caught_up_with(self, stocked: Street):
        stocked.system.kill()
        stocked.buy("o-2", "cup", 1)
        until(lambda: stocked.turns("dispatch.east", "failed") > 0, "it was found to be dead")
        assert stocked.state("o-2") == "paid"
        port = stocked.system.url.rpartition(":")[2]
        assert stocked.system.process.stdout is not None
        stocked.system.process.stdout.close()
        database = stocked.system.process.args[stocked.system.process.args.index("--database") + 1]  # type: ignore[union-attr, index]
        again = start(Path(str(database)), "--port", port)
        stocked.system.process = again.process
        until(lambda: stocked.state("o-2") == "shipped", "what was paid meanwhile is shipped")
        assert len(stocked.told("street/o-2")) == 1

    def test_it_stops_in_good_order_while_a_warehouse_is_deaf(self, stocked: Street):
        stocked.service.process.terminate()
        assert stocked.service.process.wait(60) == 0


def test_a_failure_is_followed_by_ever_longer_pauses_up_to_a_bound():
    work = Work("w", lambda: None, 0.5, back_off_most_s=10.0)  # type: ignore[arg-type, return-value]
    assert [work.pause_after_s(None, failures) for failures in (1, 2, 3, 4, 5, 99)] == [
        1.0,
        2.0,
        4.0,
        8.0,
        10.0,
        10.0,
    ]
    assert (work.pause_after_s(True, 0), work.pause_after_s(False, 0)) == (0.0, 0.5)


def test_work_that_is_not_eager_rests_after_every_turn():
    work = Work("w", lambda: None, 0.5, eager=False)  # type: ignore[arg-type, return-value]
    assert work.pause_after_s(True, 0) == 0.5
