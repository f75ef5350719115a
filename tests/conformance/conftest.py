"""Every strategy that holds stock, on the model and on real servers, as fixtures."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from inventory_core.domain import Limits
from inventory_core.stores.servers import Place, Servers, Settings
from inventory_core.stores.stacks import Stack, stack_for
from inventory_core.strategy import Needs, Promise, registry
from scenarios.model import model_place
from tests.conformance.shop import Shop

LIMITS = Limits(lease_ms=40, back_off_s=0.000_5, lock_wait_s=5.0, units=10)
"""A short lease, so that an abandoned lock does not hold the suite up."""

WRONG_ALONE = frozenset({"seed_sql_verbatim"})
"""Controls that need nobody else to go wrong."""

JUDGED = [
    n for n, k in registry.strategies().items() if k.family != "floor" and n not in WRONG_ALONE
]
HONEST = [n for n in JUDGED if not registry.find_strategy(n).control]
WITH_ROWS = [n for n in HONEST if Needs.SQL in registry.find_strategy(n).needs]


@pytest.fixture(scope="session")
def servers() -> Iterator[Servers]:
    """Private PostgreSQL and Valkey, started when the first test wants them."""
    with Servers(Settings()) as running:
        yield running


@pytest.fixture(scope="session")
def places(servers: Servers) -> Iterator[dict[str, Place]]:
    """The places opened so far, by stack; removed at the end."""
    opened: dict[str, Place] = {}
    yield opened
    for place in opened.values():
        place.__exit__(None, None, None)


def cleared(places: dict[str, Place], servers: Servers, stack: Stack) -> Place:
    """An empty place on a stack, made once a session."""
    if stack.name not in places:
        places[stack.name] = servers.open(stack).__enter__()
    places[stack.name].clear()
    return places[stack.name]


def opened_shop(name: str, place: Any) -> Iterator[Shop]:
    """A shop with one session. Who may refuse what is there, in fragments, has one part only."""
    whole = Promise.NO_FALSE_SOLD_OUT in registry.find_strategy(name).promises.kept
    limits = LIMITS if whole else replace(LIMITS, parts=1)
    session = place.connect(limits)
    yield Shop(registry.make(name, limits), lambda: place.connect(limits), place.audit, session)
    session.close()


@pytest.fixture(params=[f"{name}-{world}" for world in ("model", "live") for name in JUDGED])
def shop(request: pytest.FixtureRequest) -> Iterator[Shop]:
    """A strategy at work, on the model or on the smallest stack of servers that fits it."""
    name, _, world = request.param.partition("-")
    if world == "model":
        yield from opened_shop(name, model_place())
        return
    yield from _live(name, request)


@pytest.fixture(params=HONEST)
def live_shop(request: pytest.FixtureRequest) -> Iterator[Shop]:
    """A strategy that is not a control, on real servers."""
    yield from _live(request.param, request)


def _live(name: str, request: pytest.FixtureRequest) -> Iterator[Shop]:
    stack = stack_for(registry.find_strategy(name))
    running = request.getfixturevalue("servers")
    yield from opened_shop(name, cleared(request.getfixturevalue("places"), running, stack))


@pytest.fixture(scope="session")
def servers_with_mariadb(mariadb_server_url: str) -> Iterator[Servers]:
    """A MariaDB, and a private Valkey."""
    with Servers(Settings(sql_url=mariadb_server_url)) as running:
        yield running


@pytest.fixture(params=WITH_ROWS)
def mariadb_shop(request: pytest.FixtureRequest) -> Iterator[Shop]:
    """A strategy that is not a control, its rows in MariaDB."""
    name = request.param
    running = request.getfixturevalue("servers_with_mariadb")
    stack = stack_for(registry.find_strategy(name), running.settings.sql_url)
    yield from opened_shop(name, cleared(request.getfixturevalue("places"), running, stack))
