"""The API as two worker processes on fresh stores, and one article of its own for each engine."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import httpx

from inventory_core.api import keyring
from inventory_core.api.crew import Crew
from inventory_core.api.listening import bound, url_of
from inventory_core.api.settings import ApiSettings
from inventory_core.drivers import carry_out
from inventory_core.records import Role
from inventory_core.services.contract import ServiceLimits
from inventory_core.stores.service import ServiceAddress, ServiceStores
from tests.services.live.market import book_of
from tests.services.live.worker import STALE_MS

SETTINGS = ApiSettings(
    drain_s=0.0, read_staleness_ms=0, services=ServiceLimits(intent_stale_ms=STALE_MS)
)
ADDRESS = "Hainan"


@dataclass(frozen=True, slots=True)
class Stock:
    """What there is of an engine's article, and how many orders own (or were shipped) units."""

    physical: int
    pre_occupied: int
    sellable: int
    unassigned: int
    owners: int

    def minus(self, before: Stock) -> Stock:
        """What has changed."""
        return Stock(
            self.physical - before.physical,
            self.pre_occupied - before.pre_occupied,
            self.sellable - before.sellable,
            self.unassigned - before.unassigned,
            self.owners - before.owners,
        )


@dataclass(frozen=True)
class Served:
    """Where it is served, on which stores, with which key."""

    url: str
    address: ServiceAddress
    key: str
    pids: tuple[int, ...] = ()

    def client(self) -> httpx.Client:
        """An admin's, with a connection of its own."""
        said = {"Authorization": f"Bearer {self.key}"}
        return httpx.Client(base_url=self.url, headers=said, timeout=30)

    def stock(self, client: httpx.Client, engine: str) -> Stock:
        """What there is of an engine's article, from the API and from the engine's log."""
        seen = client.get(f"/v1/stock/of-{engine}").raise_for_status().json()
        orders = book_of(self.address, engine).orders.values()
        return Stock(
            seen["physical"],
            seen["pre_occupied"],
            seen["sellable"],
            seen["unassigned"],
            sum(any(cell.sku == f"of-{engine}" for cell in one.units()) for one in orders),
        )


@contextmanager
def made(postgresql_url: str, valkey_url: str, engines: tuple[str, ...]) -> Iterator[Served]:
    """Stores with an admin's key, not served yet; removed at the end."""
    name = f"stockproof_live_{secrets.token_hex(4)}"
    address = ServiceAddress(postgresql_url, name, valkey_url, f"{name}:", engines)
    stores, key = ServiceStores(address), keyring.WholeKey.fresh()
    stores.create()
    try:
        session = stores.connect()
        carry_out(keyring.add(key, "the tester", Role.ADMIN), session.perform)
        session.close()
        yield Served("", address, str(key))
    finally:
        stores.remove()


@contextmanager
def served(postgresql_url: str, valkey_url: str, engines: tuple[str, ...]) -> Iterator[Served]:
    """Two API processes that share the stores and one socket."""
    with (
        made(postgresql_url, valkey_url, engines) as stores,
        bound("127.0.0.1", 0) as listener,
        Crew(stores.address, SETTINGS, listener, 2) as crew,
    ):
        yield Served(url_of(listener), stores.address, stores.key, crew.pids)


def furnish(client: httpx.Client, engine: str, units: int) -> None:
    """A warehouse, a channel with that engine, and units of its article: some to sell, some not."""
    place = {"name": "W", "kind": "own", "address": ADDRESS}
    serves = {"region": ADDRESS, "rank": 1, "transit_days": 1}
    client.put("/v1/warehouses/w", json=place).raise_for_status()
    client.put("/v1/warehouses/w/services", json=serves).raise_for_status()
    sku, target = f"of-{engine}", f"channel:{engine}"
    receipt = {"warehouse": "w", "sku": sku, "quantity": 2 * units}
    move = {"sku": sku, "source": "unassigned", "target": target, "quantity": units}
    client.put(f"/v1/channels/{engine}", json={"name": "E", "engine": engine}).raise_for_status()
    client.post("/v1/receipts", json=receipt).raise_for_status()
    client.post("/v1/moves", json=move).raise_for_status()


def order_of(engine: str, number: str, quantity: int) -> dict[str, object]:
    """The body of an order for an engine's article."""
    lines = [{"sku": f"of-{engine}", "quantity": quantity}]
    return {
        "channel": engine,
        "number": number,
        "buyer": "b",
        "address": ADDRESS,
        "lines": lines,
    }
