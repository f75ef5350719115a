"""A worker process with all of its buyers on one thread: hundreds in flight on few connections.

What stands between a crowd and a database in a well-run shop is a pool; its size decides how a hot
row behaves, so it belongs in every comparison. Each buyer is a plan, not a thread.
"""

from __future__ import annotations

import time
from math import ceil
from operator import attrgetter

from inventory_core.drivers.multiplexed import Multiplexer
from inventory_core.steps import clock
from inventory_core.stores.multiplexed import Width, connected
from inventory_core.strategy import Needs
from inventory_core.strategy.registry import make
from scenarios.demand import ORDERS
from scenarios.measuring.arrivals import Arrivals
from scenarios.measuring.awake import stays_awake
from scenarios.measuring.buyers import Buyer, ClosedBuyer, OpenBuyer, Shop
from scenarios.measuring.client import TimedStep
from scenarios.measuring.columns import Columns
from scenarios.measuring.job import Result, Start
from scenarios.measuring.worker import Worker, steps_told, wait_until

AHEAD_PER_S = 100_000
"""Orders of a pool for which deliveries are made before the start, in each second of the run."""

LOOK_EVERY_S = 0.05
"""How long a turn waits when nothing comes, before it looks at the clock."""

by_operation = attrgetter("position")


class MultiplexedWorker(Worker):
    """One worker's part in one run, all buyers on one thread."""

    def _connect(self) -> None:
        job = self._job
        demand = job.scenario.demand
        self._strategy = make(job.strategy, job.limits)
        watching = Needs.KV_SESSION in self._strategy.needs
        most = demand.pool or demand.connections
        clients = job.share.clients
        awake = stays_awake(self._strategy, clients, clients // demand.connections)
        self._driver = Multiplexer(awake)
        self._close.append(self._driver.close)
        width = Width(most, most if watching else 0, demand.kv_connections)
        stores = connected(self._driver, job.address, job.limits, width, job.seed)
        self._close.append(stores.close)
        self._driver.at_once({clock.Node: lambda step: self._node % step.below})
        self._columns = Columns()
        self._steps: list[TimedStep] = []
        self._full: list[str] = []
        if demand.pool:
            self._stream.prepare(ceil(AHEAD_PER_S * job.seconds / ORDERS))

    def _play(self, start: Start) -> tuple[float, float]:
        """Let every buyer play until the end; answers the CPU and wall seconds it took."""
        buyers = self._buyers(start)
        wait_until(start.starts_ns)
        cpu_s, began = time.process_time(), time.monotonic()
        for buyer in buyers:
            buyer.come()
        while any(not buyer.gone for buyer in buyers):
            self._driver.turn(LOOK_EVERY_S)
        worked_s = time.process_time() - cpu_s - self._driver.awake_s
        spent = max(0.0, worked_s), time.monotonic() - began  # others may have had its processor
        if self._arrivals is not None:
            self._arrivals.close()
            for position, attempt, sent_ns, replied_ns, answer in self._arrivals.dropped:
                self._columns.note(-1, position, attempt, sent_ns, replied_ns, answer)
        return spent

    def _buyers(self, start: Start) -> list[Buyer]:
        job, demand = self._job, self._job.scenario.demand
        shop = Shop(
            self._driver,
            self._strategy,
            self._columns,
            self._steps,
            start.ends_ns,
            demand.hold_s,
            demand.retries,
            job.scenario.run.sample_every,
            self._full,
        )
        numbers = range(job.share.first, job.share.last)
        if demand.open_loop:
            arrivals = Arrivals(self._stream, demand.queue, start.starts_ns, start.ends_ns)
            self._arrivals = arrivals
            return [OpenBuyer(shop, number, arrivals) for number in numbers]
        return [
            ClosedBuyer(shop, number, self._stream.of_client(place))
            for place, number in enumerate(numbers)
        ]

    def _result(self, start: Start, cpu_s: float, wall_s: float) -> Result:
        columns, zero = self._columns, start.starts_ns
        return Result(
            position=columns.position,
            attempt=columns.attempt,
            client=columns.client,
            sent_ns=columns.sent_ns - zero,
            replied_ns=columns.replied_ns - zero,
            answer=columns.answer,
            steps=steps_told(sorted(self._steps, key=by_operation), zero),
            lags_ns=self._lags(),
            cpu_s=cpu_s,
            wall_s=wall_s,
            awake_s=self._driver.awake_s,
            full=next(iter(self._full), ""),
        )
