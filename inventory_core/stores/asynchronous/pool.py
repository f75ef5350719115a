"""Sessions of a service, shared by many plans: few connections, a bounded queue before them.

A hot row gets slower with every connection that wants it, so the crowd waits here, not there. A
session comes back at rest, or is mended in the background before anybody else gets it: a plan that
was cancelled in the middle of a transaction holds no lock for longer than that takes.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from typing import TypeVar

from inventory_core.domain import Limits
from inventory_core.drivers.asynchronous import carry_out
from inventory_core.steps.errors import ConnectionLost
from inventory_core.steps.step import Plan
from inventory_core.stores.asynchronous.clock import AsyncClockPart
from inventory_core.stores.asynchronous.memory import AsyncMemoryPart
from inventory_core.stores.asynchronous.session import AsyncSession
from inventory_core.stores.kv.asynchronous import AsyncRedisConnection, AsyncRedisPart
from inventory_core.stores.memory import memory_of
from inventory_core.stores.service import ServiceAddress
from inventory_core.stores.sql.asynchronous import AsyncPostgresqlPart
from inventory_core.stores.sql.schema import Schema

T = TypeVar("T")


class Busy(Exception):
    """No session for you now: all are taken and enough others wait, or the pool closes."""

    def __init__(self, why: str, retry_after_s: float) -> None:
        super().__init__(why)
        self.retry_after_s = retry_after_s


@dataclass(frozen=True, slots=True)
class PoolCounts:
    """How a pool stands. `size` sessions were made so far, at most `most`."""

    most: int
    size: int
    in_use: int
    mending: int  # of those in use
    waiting: int
    refused: int  # since the pool was made, as everything below
    mended: int


class AsyncPool:
    """At most `size` sessions on the stores of a service; they connect when first wanted.

    Whoever comes when all are taken waits, first come, first served: at most `queue_most` of them,
    each at most `wait_most_s`. The others are told `Busy`.
    """

    def __init__(
        self,
        address: ServiceAddress,
        size: int = 8,
        limits: Limits | None = None,
        queue_most: int = 256,
        wait_most_s: float = 5.0,
    ) -> None:
        assert size > 0, "a pool without sessions serves nobody"
        self._address = address
        self._limits = limits or Limits()
        self._most = size
        self._queue_most = queue_most
        self._wait_most_s = wait_most_s
        self._redis = AsyncRedisConnection(address.kv_url, self._limits) if address.kv_url else None
        self._sessions: list[AsyncSession] = []
        self._idle: list[AsyncSession] = []  # the last one back goes first: it is warm
        self._waiting: deque[asyncio.Future[AsyncSession]] = deque()
        self._mending: set[asyncio.Task[None]] = set()
        self._closing = False
        self._quiet = asyncio.Event()
        self._refused = self._mended = 0

    # -------------------------------------------------------------------- what callers want

    async def run(self, plan: Plan[T]) -> T:
        """Carry out a plan on a session, as soon as there is one; `Busy` if it never began."""
        try:
            async with self.session() as session:
                return await carry_out(plan, session.perform)
        finally:
            plan.close()  # also one that never began

    @asynccontextmanager
    async def session(self) -> AsyncIterator[AsyncSession]:
        """A session for one plan at a time, at rest; `ConnectionLost` if a server is not there."""
        session = await self._taken()
        try:
            if not session.at_rest:
                await session.reset()
            yield session
        finally:
            self._give_back(session)

    def counts(self) -> PoolCounts:
        """How the pool stands, for metrics."""
        return PoolCounts(
            most=self._most,
            size=len(self._sessions),
            in_use=self._in_use,
            mending=len(self._mending),
            waiting=len(self._waiting),
            refused=self._refused,
            mended=self._mended,
        )

    async def close(self, within_s: float = 10.0) -> None:
        """Let nobody new in, wait for those inside, at most `within_s`, and hang up."""
        self._closing = True
        if self._in_use:
            with suppress(TimeoutError):
                await asyncio.wait_for(self._quiet.wait(), within_s)
        for late in self._mending:
            late.cancel()
        while self._waiting:
            self._refuse(self._waiting.popleft(), "the service is stopping")
        for session in self._sessions:
            await session.close()
        if self._redis is not None:
            self._redis.close()

    # ------------------------------------------------------------------------- inside the pool

    @property
    def _in_use(self) -> int:
        return len(self._sessions) - len(self._idle)

    async def _taken(self) -> AsyncSession:
        if self._closing:
            raise self._busy("the service is stopping")
        if self._idle:
            return self._idle.pop()
        if len(self._sessions) < self._most:
            self._sessions.append(self._made())
            return self._sessions[-1]
        return await self._queued()

    async def _queued(self) -> AsyncSession:
        if len(self._waiting) >= self._queue_most:
            raise self._busy(f"all {self._most} sessions are taken and the queue is full")
        loop = asyncio.get_running_loop()
        turn: asyncio.Future[AsyncSession] = loop.create_future()
        self._waiting.append(turn)
        why = f"all {self._most} sessions were taken for {self._wait_most_s:g} s"
        patience = loop.call_later(self._wait_most_s, self._refuse, turn, why)
        try:
            return await turn
        except asyncio.CancelledError:
            if turn.done() and not turn.cancelled() and turn.exception() is None:
                self._give_back(turn.result())  # it came in the very moment when we went
            raise
        finally:
            patience.cancel()
            with suppress(ValueError):
                self._waiting.remove(turn)

    def _give_back(self, session: AsyncSession) -> None:
        """Let the next one have it, after mending if need be. Nothing is awaited here."""
        if session.at_rest or self._closing:
            self._hand_on(session)
            return
        mending = asyncio.get_running_loop().create_task(self._mend(session))
        self._mending.add(mending)
        mending.add_done_callback(self._mending.discard)

    async def _mend(self, session: AsyncSession) -> None:
        try:
            await session.reset()
            self._mended += 1
        except ConnectionLost:
            pass  # whoever gets it next tries again
        finally:
            self._hand_on(session)

    def _hand_on(self, session: AsyncSession) -> None:
        while self._waiting:
            turn = self._waiting.popleft()
            if not turn.done():
                turn.set_result(session)
                return
        self._idle.append(session)
        if not self._in_use:
            self._quiet.set()

    def _refuse(self, turn: asyncio.Future[AsyncSession], why: str) -> None:
        if not turn.done():
            turn.set_exception(self._busy(why))

    def _busy(self, why: str) -> Busy:
        self._refused += 1
        return Busy(why, retry_after_s=max(1.0, self._wait_most_s))

    def _made(self) -> AsyncSession:
        address, limits = self._address, self._limits
        schema = Schema(address.sql_url, address.schema)
        engines: dict[str, list[AsyncRedisPart]] = {}
        if self._redis is not None:
            for name in address.engines_with_keys:
                alone = name in address.engines_that_watch
                redis = AsyncRedisConnection(address.kv_url, limits) if alone else self._redis
                engines[name] = [AsyncRedisPart(redis, address.prefix_of(name), alone=alone)]
        dice = AsyncClockPart(len(self._sessions))
        queues = AsyncMemoryPart(memory_of(address))
        return AsyncSession([AsyncPostgresqlPart(schema, limits), queues, dice], engines)
