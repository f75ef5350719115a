"""The shop of the conformance suite, with every plan carried out in an event loop, over a pool."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from inventory_core.domain import Limits
from inventory_core.steps import Plan, Step
from inventory_core.steps.engine import OnEngine, on
from inventory_core.stores.asynchronous import AsyncPool, AsyncSession
from inventory_core.stores.audit import Audit
from inventory_core.stores.kv import RedisStore
from inventory_core.stores.sql import PostgresqlStore
from inventory_core.strategy import registry
from scenarios.conformance.shop import Shop

ENGINE = "shop"
LIMITS = Limits(lease_ms=40, back_off_s=0.000_5, lock_wait_s=5.0)
"""A short lease, so that an abandoned lock does not hold the suite up."""

PATIENCE_S = 60.0
"""A crowd that waits in circles loses a second each; who came last must still get his answer."""


@dataclass(frozen=True)
class Stores:
    """An empty place on both servers, as a service would be told of it."""

    rows: PostgresqlStore
    keys: RedisStore
    engines: tuple[str, ...] = (ENGINE,)
    engines_that_watch: tuple[str, ...] = ()

    @property
    def sql_url(self) -> str:
        return self.rows.url

    @property
    def schema(self) -> str:
        return self.rows.schema

    @property
    def kv_url(self) -> str:
        return self.keys.url

    def prefix_of(self, engine: str) -> str:
        return self.keys.prefix.removesuffix(f"{ENGINE}:") + f"{engine}:"

    @property
    def engines_with_keys(self) -> tuple[str, ...]:
        return self.engines

    def pool(self, size: int = 8, limits: Limits = LIMITS, **queue: Any) -> AsyncPool:
        """A pool of sessions on these stores."""
        return AsyncPool(self, size, limits, **queue)  # type: ignore[arg-type]

    def audit(self) -> Audit:
        """The books of both, read past everything that is tried here."""
        books = (self.rows.book(), self.keys.book())
        return Audit(tuple(book for book in books if book and (book.remaining or book.orders)))

    def clear(self) -> None:
        self.rows.clear()
        self.keys.clear()


class Waiting:
    """A session of the pool as the conformance suite wants one: it waits for every step."""

    def __init__(self, runner: asyncio.Runner, pool: AsyncPool) -> None:
        self._runner = runner
        self._lent = pool.session()
        self._session: AsyncSession = runner.run(self._lent.__aenter__())

    def perform(self, step: Step[Any]) -> Any:
        return self._runner.run(self._performed(step))

    async def _performed(self, step: Step[Any]) -> Any:
        return await self._session.perform(OnEngine(ENGINE, step))

    def close(self) -> None:
        """Back into the pool, as an abandoned plan left it; until it is mended."""
        self._runner.run(self._closed())

    async def _closed(self) -> None:
        await self._lent.__aexit__(None, None, None)
        await self._session.reset()


@dataclass
class AsynchronousShop(Shop):
    """As the services ask a strategy: as an engine, through the pool."""

    runner: asyncio.Runner
    pool: AsyncPool

    def do(self, plan: Plan[Any]) -> Any:
        return self.runner.run(self.pool.run(on(ENGINE, plan)))

    def at_once(self, plans: Sequence[Plan[Any]]) -> list[Any]:
        return self.runner.run(self._together(plans))

    async def _together(self, plans: Sequence[Plan[Any]]) -> list[Any]:
        return list(await asyncio.gather(*[self.pool.run(on(ENGINE, plan)) for plan in plans]))


def open_shop(name: str, stores: Stores, runner: asyncio.Runner, pool: AsyncPool) -> Shop:
    """A strategy at work in an event loop."""
    strategy = registry.make(name, LIMITS)
    first = Waiting(runner, pool)
    first.close()
    return AsynchronousShop(
        strategy, lambda: Waiting(runner, pool), stores.audit, first, runner, pool
    )
