"""What the routes of one API process share: services, pools, keys, memory, figures.

    routes --plan--> shop.write / shop.read --> pool of sessions --> stores

Reads have sessions of their own, so that a crowd that looks never waits behind one that buys.
"""

from __future__ import annotations

import asyncio
import math
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

from inventory_core.api.keyring import Keyring, find
from inventory_core.api.metrics import Metrics
from inventory_core.api.problems import Refusal, busy
from inventory_core.api.read_cache import ReadCache
from inventory_core.api.readiness import checks
from inventory_core.api.reference import found
from inventory_core.api.settings import ApiSettings
from inventory_core.problems import Problem
from inventory_core.records import SyncRun
from inventory_core.services.order_flow import OrderFlow
from inventory_core.services.query import Query
from inventory_core.services.stock_management import StockManagement
from inventory_core.steps.errors import ConnectionLost, ConstraintBroken, StepError, StoreFull
from inventory_core.steps.step import Plan
from inventory_core.stores.asynchronous import AsyncPool, Busy
from inventory_core.stores.service import ServiceAddress
from inventory_core.strategy import Strategy

T = TypeVar("T")


class Shop:
    """Everything that a route may use. It is opened and closed with the application."""

    def __init__(
        self,
        address: ServiceAddress,
        settings: ApiSettings,
        engines: dict[str, Strategy],
    ) -> None:
        self.address = address
        self.settings = settings
        self.engines = engines
        self.flow = OrderFlow(engines, settings.services)
        self.stock = StockManagement(engines, settings.services)
        self.query = Query(engines)
        self.metrics = Metrics()
        self.keyring = Keyring(
            lambda key_id: self.read(find(key_id)), settings.key_memory_s, settings.keys_remembered
        )
        self.cache = ReadCache(
            lambda channel, address, skus: self.read(
                self.query.availability(channel, address, skus)
            ),
            settings.read_staleness_ms,
            settings.cached_articles,
        )
        self.draining = False  # readiness is red; requests are still answered
        self.stopping = False
        self._under_way: set[asyncio.Task[Any]] = set()

    def open(self, pool: Callable[[int], AsyncPool]) -> None:
        """Make the pools; their sessions connect when they are first wanted."""
        self.writes = pool(self.settings.write_sessions)
        self.reads = pool(self.settings.read_sessions)

    async def write(self, plan: Plan[T]) -> T:
        """Carry out a plan that changes something."""
        return await self._carried_out(self.writes, plan)

    async def read(self, plan: Plan[T]) -> T:
        """Carry out a plan that only looks."""
        return await self._carried_out(self.reads, plan)

    async def _carried_out(self, pool: AsyncPool, plan: Plan[T]) -> T:
        task = self._begun(pool.run(plan))
        done, _ = await asyncio.wait({task}, timeout=self.settings.request_timeout_s)
        if not done:
            raise busy("it takes too long; it goes on: ask again with the same key", "timed_out")
        try:
            return task.result()
        except Busy as error:
            after_s = math.ceil(error.retry_after_s)
            raise busy(f"{error}: ask again", "too_busy", after_s) from None
        except Problem as problem:
            raise Refusal(409, str(problem), outcome="refused") from None
        except ConnectionLost:
            raise busy(
                "a store is gone, and may have done it: ask again with the same key", "unknown"
            ) from None
        except StoreFull:
            raise busy("a store has no room left: free some", "store_full", 30) from None
        except ConstraintBroken:
            raise
        except StepError:
            raise busy("there was too much of a crowd: ask again", "contended") from None

    async def synchronise(self, plan: Plan[SyncRun], run: str) -> SyncRun:
        """Carry out a plan that asks warehouses; it holds no session while they think.

        If it takes long it goes on by itself, and the answer is how far the run is.
        """
        from inventory_core.api.warehouses import asked  # brings httpx: late, for a quick start

        task = self._begun(asked(plan, self.write))
        done, _ = await asyncio.wait({task}, timeout=self.settings.request_timeout_s / 2)
        if not done:
            so_far = await self.read(found(SyncRun, run))
            if so_far is not None:
                return so_far
        return await asyncio.shield(task)

    def _begun(self, doing: Coroutine[Any, Any, T]) -> asyncio.Task[T]:
        """Something that is carried to its end, even if whoever asked no longer waits."""
        task = asyncio.create_task(doing)
        self._under_way.add(task)
        task.add_done_callback(self._under_way.discard)
        task.add_done_callback(_heard)
        return task

    async def settle(self) -> None:
        """Wait for every plan that is under way; nothing new may begin."""
        if self._under_way:
            await asyncio.wait(self._under_way, timeout=self.settings.shutdown_s)

    async def checked(self) -> dict[str, str]:
        """What readiness looks at: `ok`, or a sentence, for each."""
        said = {"process": "it is stopping"} if self.draining else {"process": "ok"}
        if self.stopping:
            return said
        return said | await checks(self.address, self.engines, self.reads)

    async def close(self) -> None:
        """Hang up."""
        await self.writes.close()
        await self.reads.close()


def _heard(task: asyncio.Task[Any]) -> None:
    """Somebody may have stopped waiting for it: what it raised is then nobody's."""
    if not task.cancelled():
        task.exception()
