"""The pool on the stores of a service: records, the strategies' rows, and every engine's keys."""

import asyncio
from collections.abc import Iterator
from uuid import uuid4

import pytest

from inventory_core.domain import Cell, Line, Opening, Order, Outcome
from inventory_core.records import BuyerCount
from inventory_core.steps import rows, sql
from inventory_core.steps.engine import on
from inventory_core.stores.asynchronous import AsyncPool
from inventory_core.stores.service import ServiceAddress, ServiceStores
from inventory_core.strategy import registry

pytestmark = [pytest.mark.live, pytest.mark.slow]

ENGINES = ("conditional_update", "redis_script", "redis_watch", "redis_with_task")


@pytest.fixture
def address(postgresql_url: str, valkey_url: str) -> Iterator[ServiceAddress]:
    """The stores of a service, made and removed."""
    name = f"test_{uuid4().hex[:12]}"
    made = ServiceAddress(postgresql_url, name, valkey_url, f"{name}:", ENGINES)
    stores = ServiceStores(made)
    stores.create()
    yield made
    stores.remove()


def test_a_plan_of_a_service_writes_records_and_asks_each_engine(address: ServiceAddress) -> None:
    count = BuyerCount("sale", "ann", 2)

    async def plan() -> list[Outcome]:
        outcomes = []
        async with sql.transaction():
            assert await rows.Insert(count)
        for name in ENGINES:
            engine = registry.make(name)
            cell = Cell("a", f"channel:{name}")
            await on(name, engine.load([Opening(cell, 5)]))
            outcomes.append(await on(name, engine.deduct(Order(name, (Line(cell, 1),)))))
        async with sql.transaction():
            assert await rows.Lock(BuyerCount, ("sale", "ann")) == count
            assert await rows.StoreClock() > 0
        return outcomes

    async def main() -> list[Outcome]:
        pool = AsyncPool(address, 2)
        try:
            return await pool.run(plan())
        finally:
            await pool.close()

    assert asyncio.run(main()) == [Outcome.DEDUCTED] * len(ENGINES)
