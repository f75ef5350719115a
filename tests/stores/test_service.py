"""The stores of a service: made once, found again with their stock, emptied, removed."""

import pickle
from collections.abc import Iterator
from uuid import uuid4

import psycopg
import pytest

from inventory_core.domain import Cell, Limits, Line, Opening, Order, Outcome
from inventory_core.drivers.blocking import carry_out
from inventory_core.problems import Problem
from inventory_core.steps.engine import on
from inventory_core.stores.service import ServiceAddress, ServiceStores, connect_service
from inventory_core.strategy import registry

ENGINES = ("conditional_update", "redis_script", "redis_with_task")
PEN = Cell("pen", "channel:mall")


@pytest.fixture
def stores(postgresql_url: str, valkey_url: str) -> Iterator[ServiceStores]:
    """Stores with engines of every kind."""
    name = f"test_{uuid4().hex[:12]}"
    stores = ServiceStores(ServiceAddress(postgresql_url, name, valkey_url, f"{name}:", ENGINES))
    stores.create()
    yield stores
    stores.remove()


def left(stores: ServiceStores, engine: str) -> int:
    """The pens that an engine may still promise."""
    session = stores.connect()
    try:
        return carry_out(on(engine, registry.make(engine).read([PEN])), session.perform)[0]
    finally:
        session.close()


def sell(stores: ServiceStores, engine: str, units: int) -> Outcome:
    """Open ten pens, and sell some."""
    session = stores.connect()
    strategy = registry.make(engine)
    try:
        carry_out(on(engine, strategy.load([Opening(PEN, 10)])), session.perform)
        order = Order("o-1", (Line(PEN, units),), "ann")
        return carry_out(on(engine, strategy.deduct(order)), session.perform)
    finally:
        session.close()


@pytest.mark.live
@pytest.mark.slow
@pytest.mark.parametrize("engine", ["conditional_update", "redis_script"])
def test_what_was_sold_is_still_sold_when_the_service_starts_again(
    stores: ServiceStores, engine: str
) -> None:
    assert sell(stores, engine, 3) is Outcome.DEDUCTED
    again = ServiceStores(pickle.loads(pickle.dumps(stores.address)))
    again.create()
    again.check()
    assert left(again, engine) == 7


@pytest.mark.live
@pytest.mark.slow
def test_the_keys_of_one_engine_are_nothing_to_another(stores: ServiceStores) -> None:
    sell(stores, "redis_script", 3)
    sell_other = registry.make("redis_with_task")
    session = stores.connect()
    carry_out(on("redis_with_task", sell_other.load([Opening(PEN, 5)])), session.perform)
    session.close()
    assert left(stores, "redis_script") == 7
    assert left(stores, "redis_with_task") == 5


@pytest.mark.live
@pytest.mark.slow
def test_emptied_they_are_as_new_and_of_the_same_version(stores: ServiceStores) -> None:
    sell(stores, "conditional_update", 3)
    sell(stores, "redis_script", 3)
    stores.clear()
    stores.check()
    assert sell(stores, "redis_script", 2) is Outcome.DEDUCTED
    assert left(stores, "redis_script") == 8


@pytest.mark.live
def test_removed_they_leave_nothing(stores: ServiceStores) -> None:
    stores.remove()
    with pytest.raises(Problem, match="stockproof migrate"):
        stores.check()
    with psycopg.connect(stores.address.sql_url) as connection:
        asked = "SELECT to_regnamespace(%s)"
        assert connection.execute(asked, [stores.address.schema]).fetchone() == (None,)


def test_an_engine_that_needs_keys_is_refused_where_there_are_none() -> None:
    with pytest.raises(Problem, match="redis_script needs Redis or Valkey"):
        ServiceAddress("postgresql:///x", engines=("redis_script",))


@pytest.mark.live
def test_stores_that_nobody_made_are_a_sentence(postgresql_url: str) -> None:
    with pytest.raises(Problem, match="does not exist"):
        connect_service(ServiceAddress(postgresql_url, f"test_{uuid4().hex[:12]}"), Limits())
