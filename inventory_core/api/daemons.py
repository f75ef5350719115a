"""Work beside the requests: expire holds, finish what others left, keep step with warehouses.

Any number of API processes may run them: every turn locks what it takes, and leaves what others
have. The engines' own sweepers are not run: the order flow expires its orders itself.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import partial

from inventory_core.api.keeping_step import KeepingStep
from inventory_core.api.shop import Shop
from inventory_core.api.work import Work
from inventory_core.problems import Problem
from inventory_core.steps.engine import on
from inventory_core.steps.errors import StepError
from inventory_core.steps.step import Plan
from inventory_core.stores.asynchronous import AsyncPool, Busy
from inventory_core.strategy import Strategy
from inventory_core.strategy.contract import Daemon

SWEEPER = "sweeper"
_log = logging.getLogger("stockproof.api")


def work_of(shop: Shop) -> tuple[Work, ...]:
    """Everything that has to be done beside the requests."""
    return (
        Work("expire", shop.flow.sweep, 0.25),
        Work("finish", shop.flow.finish, 0.5),
        Work("finish_moves", shop.stock.finish_moves, 0.5),
        Work("tick", shop.stock.tick, 0.5),
        *_of_engines(shop),
    )


def _of_engines(shop: Shop) -> Iterator[Work]:
    for name, engine in shop.engines.items():
        for daemon in engine.daemons():
            if daemon.name != SWEEPER:
                yield Work(f"{name}.{daemon.name}", _at(name, daemon), daemon.pause_s)


def _at(engine: str, daemon: Daemon) -> Callable[[], Plan[bool]]:
    async def turn() -> bool:
        return await on(engine, daemon.turn())

    return turn


class Daemons:
    """Runs the work of one process, each kind on a session of its own."""

    def __init__(self, shop: Shop, pool: Callable[[int], AsyncPool]) -> None:
        self._shop = shop
        self._work = work_of(shop)
        self._pool = pool(len(self._work))
        self._stop = asyncio.Event()
        self._keeping_step = KeepingStep(shop, pool, self._stop)
        self._tasks: list[asyncio.Task[None]] = []

    def start(self) -> None:
        """Mend what dead processes left in the engines, and begin."""
        for work in (*self._work, self._keeping_step.work(self._begin)):
            self._begin(work)
        self._tasks.append(asyncio.create_task(self._recover()))

    def _begin(self, work: Work) -> None:
        self._tasks.append(asyncio.create_task(self._run(work)))

    async def stop(self) -> None:
        """Let every turn that has begun come to its end; one that takes too long is cut.

        Any turn may be cut anywhere: whoever takes the next begins from what the stores say.
        """
        self._stop.set()
        if self._tasks:
            _, late = await asyncio.wait(self._tasks, timeout=self._shop.settings.shutdown_s / 2)
            for task in late:
                _log.warning("a turn was cut: it took too long to end")
                task.cancel()
            await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._keeping_step.close()
        await self._pool.close()

    async def _recover(self) -> None:
        for name, engine in self._shop.engines.items():
            await self._turn(Work(f"{name}.recover", partial(_recovered, name, engine), 0))

    async def _run(self, work: Work) -> None:
        failures = 0
        while not self._stop.is_set():
            worked = await self._turn(work)
            failures = failures + 1 if worked is None else 0
            pause_s = work.pause_after_s(worked, failures)
            if pause_s:
                with suppress(TimeoutError):
                    await asyncio.wait_for(self._stop.wait(), pause_s)

    async def _turn(self, work: Work) -> bool | None:
        """One turn; None if it failed, which is counted, logged, and tried again later."""
        result: bool | None = None
        try:
            result = await (work.carry or self._pool.run)(work.turn())
        except (StepError, Busy, Problem) as error:
            _log.warning("the daemon %s failed: %s", work.name, _why(error))
        except Exception:  # noqa: BLE001 - a worker's life is owned here
            _log.exception("the daemon %s failed", work.name)
        said = {True: "worked", False: "idle", None: "failed"}[result]
        self._shop.metrics.daemon_turns.labels(work.name, said).inc()
        return result


def _why(error: Exception) -> str:
    """What users may read, if there is any."""
    kind = type(error).__name__
    return f"{kind}: {error}" if isinstance(error, Problem) else kind


async def _recovered(name: str, engine: Strategy) -> bool:
    await on(name, engine.recover())
    return False
