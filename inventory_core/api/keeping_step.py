"""Keeping step with the warehouses, as work of an API process: two kinds for each of them.

    warehouses       which need turns: looked at again and again, so a new one is seen
    dispatch.CODE    tells it of paid orders
    sync.CODE        reads its feed, and counts it once a day

Each has a pace, a pause after failure and a line in the metrics of its own, so a warehouse that is
dead keeps no other waiting. A session is held while the stores work, and not while a warehouse
thinks.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from typing import TYPE_CHECKING, Any, TypeVar

from inventory_core.api.shop import Shop
from inventory_core.api.work import Work
from inventory_core.steps.step import Plan
from inventory_core.stores.asynchronous import AsyncPool
from inventory_core.sync.daemon import Turns, in_need
from inventory_core.sync.daily import Daily
from inventory_core.sync.dispatching import Dispatching
from inventory_core.sync.synchronisation import Synchronisation

if TYPE_CHECKING:
    from inventory_core.sync.warehouse_client import AsyncWarehouseClient

T = TypeVar("T")

SESSIONS = 2
"""For each of the two kinds. A count is long, so what is told to warehouses has its own."""
LOOK_EVERY_S = 1.0
TELL_EVERY_S = 0.5
READ_EVERY_S = 5.0
BACK_OFF_MOST_S = 10.0
TRIES = 2
"""Of one question: the next turn is a try, too."""


class KeepingStep:
    """Makes the work of each warehouse, and carries out turns that ask it."""

    def __init__(self, shop: Shop, pool: Callable[[int], AsyncPool], stop: asyncio.Event) -> None:
        self._sync = Synchronisation(shop.stock)
        self._daily = Daily(self._sync)
        self._dispatching = Dispatching(shop.flow, self._sync)
        self._counting, self._telling = pool(SESSIONS), pool(SESSIONS)
        self._stop = stop
        self._client: AsyncWarehouseClient | None = None
        self._known: set[str] = set()

    def work(self, begin: Callable[[Work], None]) -> Work:
        """Look for warehouses that need turns; what there is to do for a new one is begun."""

        async def look(plan: Plan[frozenset[str]]) -> bool:
            fresh = await self._counting.run(plan) - self._known
            self._known |= fresh
            for code in sorted(fresh):
                for work in self._of(code):
                    begin(work)
            return bool(fresh)

        return Work("warehouses", lambda: in_need(self._sync), LOOK_EVERY_S, look)

    def _of(self, code: str) -> Iterator[Work]:
        turns = Turns(code, self._daily, self._dispatching)
        telling, counting = self._asking(self._telling), self._asking(self._counting)
        most = BACK_OFF_MOST_S
        yield Work(f"dispatch.{code}", turns.dispatch, TELL_EVERY_S, telling, most)
        yield Work(f"sync.{code}", turns.count, READ_EVERY_S, counting, most, eager=False)

    def _asking(self, pool: AsyncPool) -> Callable[[Plan[T]], Awaitable[T]]:
        async def asked(plan: Plan[T]) -> T:
            try:
                # They bring httpx: who has no warehouse system need not wait for that.
                alternating, clients = await asyncio.to_thread(_imported)
                if self._client is None:
                    self._client = clients.AsyncWarehouseClient(
                        patience=clients.Patience(tries=TRIES)
                    )
                client = clients.UntilStopped(self._client, self._stop)
                answer: T = await alternating.alternate_async(plan, pool.run, client)
            finally:
                plan.close()  # also one that never began
            return answer

        return asked

    async def close(self) -> None:
        """Hang up."""
        for pool in (self._counting, self._telling):
            await pool.close()
        if self._client is not None:
            await self._client.close()


def _imported() -> tuple[Any, Any]:
    from inventory_core.sync import alternating, warehouse_client

    return alternating, warehouse_client
