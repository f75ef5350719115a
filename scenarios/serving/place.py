"""The stores of a shop: records and rows in one schema, and a key prefix for its engine."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace

from inventory_core.problems import Problem
from inventory_core.stores.kv import RedisStore
from inventory_core.stores.servers import Place
from inventory_core.stores.service import ServiceAddress, ServiceStores
from inventory_core.stores.sql import PostgresqlStore
from inventory_core.stores.stacks import Stack, find_stack
from inventory_core.stores.store import Store
from inventory_core.strategy import Needs, Strategy


@dataclass(frozen=True)
class ShopPlace:
    """The opened stores of a shop whose channel has one engine."""

    place: Place
    address: ServiceAddress
    stores: ServiceStores

    def clear(self) -> None:
        """Empty them between two runs."""
        self.stores.clear()


def stack_of_shop(kind: type[Strategy]) -> Stack:
    """The smallest stack for a shop with this engine: its records are always rows."""
    return find_stack("postgresql+redis" if Needs.KV in kind.needs else "postgresql")


def why_no_shop(stack: Stack, kind: type[Strategy], name: str) -> str:
    """Empty if a shop can run there with this engine; otherwise the sentence why not."""
    if kind.needs is Needs.NOTHING:
        return f"{name} keeps no stock, so no shop can have it as its engine"
    if stack.name.startswith("mariadb"):
        return f"a shop keeps its records in PostgreSQL, and the stack {stack.name} has none"
    if Needs.SQL not in stack.offers:
        return f"a shop keeps its records in rows, and the stack {stack.name} has none"
    return stack.fits(kind, name)


@contextmanager
def shop_on(servers_place: Place, engine: str) -> Iterator[ShopPlace]:
    """Make a shop's stores where a place (not created itself) has its servers; remove them."""
    at = servers_place.address
    prefix = at.kv_prefix
    address = ServiceAddress(at.sql_url, at.sql_schema, at.kv_url, prefix, (engine,))
    stores = ServiceStores(address)
    read: dict[str, Store] = {"sql": PostgresqlStore(at.sql_url, at.sql_schema)}
    if engine in address.engines_with_keys:
        read["kv"] = RedisStore(at.kv_url, address.prefix_of(engine))
    place = replace(servers_place, stores=read)
    stores.create()
    try:
        yield ShopPlace(place, address, stores)
    finally:
        with suppress(Problem):
            stores.remove()
