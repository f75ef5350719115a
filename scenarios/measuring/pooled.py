"""How a pool of sessions in an event loop compares with blocking connections, order for order.

Both carry out the same plans on the same servers, in slices that take turns, so that what the
machine does meanwhile happens to both.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from statistics import median

from inventory_core.domain import Cell, Limits, Line, Opening, Order
from inventory_core.drivers import carry_out
from inventory_core.problems import Problem
from inventory_core.stores.asynchronous import AsyncPool
from inventory_core.stores.servers import Place
from inventory_core.stores.service import ServiceAddress
from inventory_core.stores.session import Session
from inventory_core.strategy import Strategy
from inventory_core.strategy.registry import make

ROWS = 100
SLICES = 21
ORDERS = 320  # of one slice
UNITS = 1_000_000


@dataclass(frozen=True, slots=True)
class Pooled:
    """Orders per second, medians over slices; `ratio` is the median of the slices' own ratios."""

    strategy: str
    connections: int
    pool_per_s: float
    one_blocking_per_s: float
    threads_per_s: float
    ratio_to_one: float
    ratio_to_threads: float


def pooled(place: Place, strategy_name: str, connections: int = 8) -> Pooled:
    """Measure the pool on an open place with rows; whatever is in the place is cleared."""
    if not place.address.sql_url:
        raise Problem("the pool is measured on PostgreSQL: choose a stack that has it")
    strategy = make(strategy_name)
    place.clear()
    sessions = [place.connect(Limits()) for _ in range(connections)]
    try:
        openings = [Opening(Cell(f"sku-{n}"), UNITS) for n in range(ROWS)]
        carry_out(strategy.load(openings), sessions[0].perform)
        return asyncio.run(_measured(place, strategy_name, strategy, sessions))
    finally:
        for session in sessions:
            session.close()


async def _measured(
    place: Place, name: str, strategy: Strategy, sessions: Sequence[Session]
) -> Pooled:
    address = ServiceAddress(place.address.sql_url, place.address.sql_schema, engines=())
    pool = AsyncPool(address, len(sessions), queue_most=ORDERS, wait_most_s=60.0)
    orders = _Orders()
    taken: list[tuple[float, float, float]] = []
    with ThreadPoolExecutor(len(sessions)) as threads:
        for _ in range(1 + SLICES):
            together = await _pool_slice(pool, strategy, orders.some(ORDERS))
            alone = _alone_slice(strategy, sessions[:1], orders.some(ORDERS), None)
            threaded = _alone_slice(strategy, sessions, orders.some(ORDERS), threads)
            taken.append((together, alone, threaded))
    await pool.close()
    slices = taken[1:]  # the first warms up
    rates = [median(ORDERS / each[n] for each in slices) for n in range(3)]
    ratios = [median(each[n] / each[0] for each in slices) for n in (1, 2)]
    return Pooled(name, len(sessions), *rates, *ratios)


class _Orders:
    """Orders of one unit that nobody has placed yet, over all rows in turn."""

    def __init__(self) -> None:
        self._next = 0

    def some(self, count: int) -> list[Order]:
        numbers = range(self._next, self._next + count)
        self._next += count
        return [Order(f"{n}", (Line(Cell(f"sku-{n % ROWS}"), 1),)) for n in numbers]


async def _pool_slice(pool: AsyncPool, strategy: Strategy, orders: Sequence[Order]) -> float:
    began = time.perf_counter()
    await asyncio.gather(*[pool.run(strategy.deduct(order)) for order in orders])
    return time.perf_counter() - began


def _alone_slice(
    strategy: Strategy,
    sessions: Sequence[Session],
    orders: Sequence[Order],
    threads: ThreadPoolExecutor | None,
) -> float:
    """The same with blocking sessions: the first alone, or each on a thread of its own."""

    def play(number: int) -> None:
        for order in orders[number :: len(sessions)]:
            carry_out(strategy.deduct(order), sessions[number].perform)

    began = time.perf_counter()
    if threads is None:
        play(0)
    else:
        list(threads.map(play, range(len(sessions))))
    return time.perf_counter() - began
