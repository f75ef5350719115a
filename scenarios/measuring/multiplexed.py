"""A worker process whose clients share few connections: one thread, hundreds of buyers in flight.

What stands between a crowd and a database in a well-run shop is a pool; its size decides how a hot
row behaves, so it belongs in every comparison. Each buyer is a plan, not a thread.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from math import ceil
from typing import Any

from inventory_core.drivers.multiplexed import Answer, Multiplexer
from inventory_core.problems import Problem
from inventory_core.steps import ConnectionLost, Step, StepError, clock, mailbox
from inventory_core.steps.mailbox import Seat
from inventory_core.stores.memory import Memory, memory_of
from inventory_core.stores.session import ClockPart, on_node
from inventory_core.stores.sql.postgresql import PostgresqlPart
from inventory_core.stores.sql.schema import Schema
from inventory_core.strategy import Needs
from inventory_core.strategy.registry import make
from scenarios.demand import ORDERS, Delivery
from scenarios.measuring.client import AGAIN, ERROR, UNKNOWN, Client
from scenarios.measuring.job import Start
from scenarios.measuring.worker import Worker, wait_until

AHEAD_PER_S = 100_000
"""Orders for which deliveries are made before the start, in each second of the run."""

LOOK_EVERY_S = 0.05
"""How long a turn waits when nothing comes, before it looks at the clock."""


class MultiplexedWorker(Worker):
    """One worker's part in one run, all clients on one thread."""

    def _connect(self) -> None:
        job = self._job
        demand = job.scenario.demand
        strategy = make(job.strategy, job.limits)
        if Needs.KV in strategy.needs or job.address.sql_url.partition(":")[0] not in _SPOKEN:
            raise Problem(
                f"{job.strategy} cannot share connections here: leave demand.pool out, or take a"
                " strategy that needs PostgreSQL alone"
            )
        schema = Schema(job.address.sql_url, job.address.sql_schema)
        lines = [PostgresqlPart(schema, job.limits) for _ in range(demand.pool)]
        self._close += [line.close for line in lines]
        part = ClockPart(job.seed)
        known: tuple[type[Step[Any]], ...] = (clock.Now, clock.Draw, clock.NewId)
        clocks = {**{kind: part.handlers[kind] for kind in known}, clock.Node: on_node(self._node)}
        askers = asking(memory_of(job.address))
        self._driver = Multiplexer(lines, askers, clocks, part.pause_s)
        self._stream.prepare(ceil(AHEAD_PER_S * job.seconds / ORDERS))
        for _ in range(job.share.first, job.share.last):
            self._clients.append(
                Client(strategy, _Nobody(), hold_s=demand.hold_s, retries=demand.retries)
            )

    def _play(self, start: Start) -> tuple[float, float]:
        """Let every client play until the end; answers the CPU and wall seconds it took."""
        wait_until(start.starts_ns)
        cpu_s, began = time.process_time(), time.monotonic()
        buyers = [
            _Buyer(self._driver, client, self._stream.of_client(place), start.ends_ns)
            for place, client in enumerate(self._clients)
        ]
        for buyer in buyers:
            buyer.next()
        while any(not buyer.gone for buyer in buyers):
            self._driver.turn(LOOK_EVERY_S)
        return time.process_time() - cpu_s, time.monotonic() - began


_SPOKEN = ("postgresql", "postgres")


class _Nobody:
    """A client's session, when the driver has the connections."""

    def perform(self, step: Any) -> Any:
        raise AssertionError(f"{step} is performed by the driver")

    def reset(self) -> None:
        """Nothing to do."""


class _Buyer:
    """Sends one delivery after the other, each until there is an answer to go home with."""

    __slots__ = (
        "_attempt",
        "_client",
        "_deliveries",
        "_delivery",
        "_driver",
        "_ends_ns",
        "_sent_ns",
        "gone",
    )

    def __init__(
        self,
        driver: Multiplexer,
        client: Client,
        deliveries: Iterator[Delivery],
        ends_ns: int,
    ) -> None:
        self._driver = driver
        self._client = client
        self._deliveries = deliveries
        self._ends_ns = ends_ns
        self._delivery: Delivery | None = None
        self._attempt = 0
        self._sent_ns = 0
        self.gone = False

    def next(self) -> None:
        """The next delivery, or home."""
        self._delivery = next(self._deliveries, None)
        if self._delivery is None or time.monotonic_ns() >= self._ends_ns:
            self.gone = True
            return
        self._attempt = 0
        self._send()

    def _send(self) -> None:
        assert self._delivery is not None
        plan = self._client.plan(self._delivery)
        self._sent_ns = time.monotonic_ns()
        self._driver.start(plan, self._heard)

    def _heard(self, value: Any, error: StepError | None) -> None:
        assert self._delivery is not None
        now_ns = time.monotonic_ns()
        if error is not None:
            value = UNKNOWN if isinstance(error, ConnectionLost) else ERROR
        self._client.attempts.append(
            (self._delivery.position, self._attempt, self._sent_ns, now_ns, value)
        )
        if value in AGAIN and self._attempt < self._client.retries:
            self._attempt += 1
            self._send()
        else:
            self.next()


def asking(memory: Memory) -> dict[type[Any], Any]:
    """How the memory of this process performs its steps for plans that never wait."""

    def join(step: mailbox.Join, answer: Answer) -> None:
        def told(seat: Seat | None) -> None:
            lost = ConnectionLost("who led the group is gone") if seat is None else None
            answer(seat, lost)

        memory.join(step, told)

    def reply(step: mailbox.Reply, answer: Answer) -> None:
        memory.reply(step.queue, step.ticket, step.answers)
        answer(None, None)

    def fail(step: mailbox.Fail, answer: Answer) -> None:
        memory.reply(step.queue, step.ticket, None)
        answer(None, None)

    return {mailbox.Join: join, mailbox.Reply: reply, mailbox.Fail: fail}
