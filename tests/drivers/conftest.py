"""Stores on real servers, an event loop, and a shop whose plans run in it."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import replace
from uuid import uuid4

import pytest

from inventory_core.stores.kv import RedisStore
from inventory_core.stores.sql import PostgresqlStore
from inventory_core.strategy import Needs, registry
from scenarios.conformance.shop import Shop
from tests.drivers.asynchronous_shop import ENGINE, PATIENCE_S, Stores, open_shop
from tests.engines import ENGINES


@pytest.fixture(scope="session")
def made_stores(postgresql_url: str, valkey_url: str) -> Iterator[Stores]:
    name = f"test_{uuid4().hex[:12]}"
    stores = Stores(
        PostgresqlStore(postgresql_url, name), RedisStore(valkey_url, f"{name}:{ENGINE}:")
    )
    stores.rows.create()
    stores.keys.create()
    yield stores
    stores.rows.remove()
    stores.keys.remove()
    stores.keys.close()


@pytest.fixture
def stores(made_stores: Stores) -> Stores:
    """Empty stores on both servers."""
    made_stores.clear()
    return made_stores


@pytest.fixture
def runner() -> Iterator[asyncio.Runner]:
    """An event loop that tells of what was forgotten."""
    with asyncio.Runner() as running:
        yield running


def opened(name: str, stores: Stores, runner: asyncio.Runner) -> Iterator[Shop]:
    watches = Needs.KV_SESSION in registry.find_strategy(name).needs
    own = replace(stores, engines_that_watch=(ENGINE,) if watches else ())
    pool = own.pool(wait_most_s=PATIENCE_S)
    yield open_shop(name, stores, runner, pool)
    counts = pool.counts()
    assert counts.in_use == counts.waiting == 0, "a session was not given back"
    runner.run(pool.close())


EACH = (*ENGINES, "redis_watch")
"""Those that stand for all; and one whose connection is its own."""


@pytest.fixture(params=EACH)
def shop(request: pytest.FixtureRequest, stores: Stores, runner: asyncio.Runner) -> Iterator[Shop]:
    """A strategy at work: one of those that stand for all; a driver treats them alike."""
    yield from opened(request.param, stores, runner)


@pytest.fixture(params=EACH)
def live_shop(
    request: pytest.FixtureRequest, stores: Stores, runner: asyncio.Runner
) -> Iterator[Shop]:
    """The same; the suite asks for strategies that are not controls by this name."""
    yield from opened(request.param, stores, runner)
