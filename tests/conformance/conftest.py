"""Every honest strategy with rows, its rows in MariaDB, as a fixture."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from inventory_core.stores.servers import Place, Servers, Settings
from inventory_core.stores.stacks import stack_for
from inventory_core.strategy import Needs, registry
from scenarios.conformance.judged import judged
from scenarios.conformance.opening import cleared, opened_shop
from scenarios.conformance.shop import Shop

WITH_ROWS = [n for n in judged(controls=False) if Needs.SQL in registry.find_strategy(n).needs]


@pytest.fixture(scope="session")
def servers_with_mariadb(mariadb_server_url: str) -> Iterator[Servers]:
    """A MariaDB, and a private Valkey."""
    with Servers(Settings(sql_url=mariadb_server_url)) as running:
        yield running


@pytest.fixture(scope="session")
def places_with_mariadb(servers_with_mariadb: Servers) -> Iterator[dict[str, Place]]:
    """The places opened so far, by stack; removed at the end."""
    opened: dict[str, Place] = {}
    yield opened
    for place in opened.values():
        place.__exit__(None, None, None)


@pytest.fixture(params=WITH_ROWS)
def mariadb_shop(
    request: pytest.FixtureRequest,
    servers_with_mariadb: Servers,
    places_with_mariadb: dict[str, Place],
) -> Iterator[Shop]:
    """A strategy that is not a control, its rows in MariaDB."""
    name = request.param
    stack = stack_for(registry.find_strategy(name), servers_with_mariadb.settings.sql_url)
    yield from opened_shop(name, cleared(places_with_mariadb, servers_with_mariadb, stack))
