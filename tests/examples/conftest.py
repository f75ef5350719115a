"""The small mall of `tests/services/mall.py`, on the model and on PostgreSQL, for worked examples.

Each example ends with the law: every unit of every article is somewhere, once.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Iterator

import pytest

from inventory_core.records import DeductAt
from inventory_core.stores.service import ServiceAddress, ServiceStores
from inventory_core.strategy import registry
from scenarios.model import model_place
from tests.services.mall import Mall, furnish

ENGINE = "conditional_update"
HOLD_S = 900


@pytest.fixture
def model_mall() -> Iterator[Mall]:
    """The mall on the model. Its clock begins at 08:00 of a Thursday, at the warehouses."""
    place, engines = model_place(), {ENGINE: registry.make(ENGINE)}
    mall = Mall(engines, place.connect, place.sleep, place.connect())
    mall.do(furnish(engines, DeductAt.ORDER, HOLD_S))
    yield mall
    the_law_holds(mall)


@pytest.fixture(scope="module")
def live_stores(request: pytest.FixtureRequest) -> Iterator[ServiceStores]:
    """The stores of a service on a PostgreSQL."""
    name = f"examples_{secrets.token_hex(4)}"
    url: str = request.getfixturevalue("postgresql_url")
    stores = ServiceStores(ServiceAddress(url, name, engines=(ENGINE,)))
    stores.create()
    yield stores
    stores.remove()


@pytest.fixture
def live_mall(live_stores: ServiceStores) -> Iterator[Mall]:
    """The mall on PostgreSQL. Letting time pass is waiting."""
    live_stores.clear()
    engines = {ENGINE: registry.make(ENGINE)}
    mall = Mall(engines, live_stores.connect, time.sleep, live_stores.connect())
    mall.do(furnish(engines, DeductAt.ORDER, HOLD_S))
    yield mall
    the_law_holds(mall)
    mall.session.close()


@pytest.fixture(params=["model", pytest.param("live", marks=[pytest.mark.live, pytest.mark.slow])])
def mall(request: pytest.FixtureRequest) -> Mall:
    """The mall, on each."""
    opened: Mall = request.getfixturevalue(f"{request.param}_mall")
    return opened


def the_law_holds(mall: Mall) -> None:
    """Both sides agree for every article, and every number has its journal."""
    assert mall.do(mall.stock.audit()) == ()
