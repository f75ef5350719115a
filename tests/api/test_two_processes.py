"""Two API processes share the stores: no strategy that promises so oversells, and the law holds."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator

import httpx
import pytest

from inventory_core.strategy.promises import Promise
from tests.api.serving import Serving, serving
from tests.engines import promising, soaked

pytestmark = [pytest.mark.live, pytest.mark.slow]
UNITS, ORDERS, BUYERS = 12, 36, 6
SAFE = promising(Promise.NEVER_OVERSELLS)


@pytest.fixture(scope="module")
def both() -> Iterator[Serving]:
    """Two processes on one socket, and a warehouse with enough of everything."""
    with serving("--workers", "2", "--no-sample") as service:
        with service.client() as client:
            place = {"name": "W", "kind": "own", "address": "Hainan"}
            serves = {"region": "Hainan", "rank": 1, "transit_days": 1}
            client.put("/v1/warehouses/w", json=place).raise_for_status()
            client.put("/v1/warehouses/w/services", json=serves).raise_for_status()
        yield service


def open_channel(client: httpx.Client, engine: str) -> None:
    """A channel with that engine, and units in it; its warehouse has more than the channel."""
    sku, target = f"of-{engine}", f"channel:{engine}"
    receipt = {"warehouse": "w", "sku": sku, "quantity": 2 * UNITS}
    move = {"sku": sku, "source": "unassigned", "target": target, "quantity": UNITS}
    client.put(f"/v1/channels/{engine}", json={"name": "E", "engine": engine}).raise_for_status()
    client.post("/v1/receipts", json=receipt).raise_for_status()
    client.post("/v1/moves", json=move).raise_for_status()


def buy(service: Serving, engine: str, buyer: int, placed: list[str]) -> None:
    """Orders of one unit each; each delivered until it is answered for good."""
    with service.client() as client:
        for number in range(buyer, ORDERS, BUYERS):
            body = {
                "channel": engine,
                "number": f"o-{number}",
                "buyer": "b",
                "address": "Hainan",
                "lines": [{"sku": f"of-{engine}", "quantity": 1}],
            }
            for _ in range(200):
                answer = client.post("/v1/orders", json=body)
                if answer.status_code == 201:
                    placed.append(str(number))
                    break
                if answer.json().get("outcome") == "refused":
                    break


def at_rest(client: httpx.Client) -> bool:
    """Wait until nothing is under way; says whether the law holds then."""
    for _ in range(100):
        said = client.get("/v1/audit", params={"limit": 200}).json()
        if said["at_rest"]:
            return bool(said["holds"])
        time.sleep(0.1)
    return False


@pytest.mark.parametrize("engine", soaked(SAFE))
def test_no_unit_is_sold_twice(both: Serving, engine: str):
    placed: list[str] = []
    with both.client() as client:
        open_channel(client, engine)
        crowd = [
            threading.Thread(target=buy, args=(both, engine, buyer, placed))
            for buyer in range(BUYERS)
        ]
        for each in crowd:
            each.start()
        for each in crowd:
            each.join()

        assert len(placed) <= UNITS, f"{engine} sold {len(placed)} of {UNITS} units"
        assert placed
        assert at_rest(client)
        seen = client.get(f"/v1/stock/of-{engine}").json()
        assert seen["sellable"] + len(placed) == UNITS
        assert seen["pre_occupied"] == len(placed)
