"""Who sends what, when, in virtual time: as live clients do, and the same deliveries.

Closed loop: each client sends its next delivery as soon as it has an answer. Open loop: arrivals
queue in front of a process's clients, at most `queue` of them; when one more comes, the one that
has waited longest goes away unserved.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import numpy.typing as npt

from inventory_core.domain import Order
from inventory_core.steps import ConnectionLost, StepError
from inventory_core.steps.step import Plan
from inventory_core.strategy import Strategy
from scenarios.demand import KINDS, Delivery, Demand, Share
from scenarios.measuring.client import AGAIN, ANSWERS, DROPPED, ERROR, UNKNOWN, Answer
from scenarios.predicting.carrier import Carrier
from scenarios.predicting.loop import Goes

NS = 1_000_000_000
Row = tuple[int, int, int, int, Answer]
"""Position, attempt, sent, replied (nanoseconds), answer: as a live client writes it down."""
Columns = npt.NDArray[np.int64]
NEVER_NS = 1 << 62
ATTEMPT_BYTES = 5 * 8
PACK = 4_096
"""Attempts of a client that are packed together."""
PLACE_OF = {answer: place for place, answer in enumerate(ANSWERS)}


class Attempts:
    """What one client wrote down; what is long past is packed, at 40 bytes an attempt."""

    __slots__ = ("_fresh", "_packed", "count")

    def __init__(self) -> None:
        self._fresh: list[Row] = []
        self._packed: list[Columns] = []
        self.count = 0

    def add(self, row: Row) -> None:
        """Write an attempt down."""
        self.count += 1
        self._fresh.append(row)
        if len(self._fresh) >= PACK:
            self._pack()

    def columns(self) -> Columns:
        """All of it: five columns of integers, the answer as its place in `ANSWERS`."""
        self._pack()
        return np.concatenate(self._packed, axis=1)

    def _pack(self) -> None:
        rows = [(*row[:4], PLACE_OF[row[4]]) for row in self._fresh]
        self._packed.append(np.array(rows, np.int64).reshape(-1, 5).T)
        self._fresh.clear()


class Buyer:
    """One client; it belongs to a process of the shop."""

    dead = False  # gone for good

    def __init__(self, strategy: Strategy, carrier: Carrier, hold_s: float, retries: int) -> None:
        self.attempts = Attempts()
        self.carrier = carrier
        self._verbs = tuple(getattr(strategy, kind) for kind in KINDS)
        self._hold_s = hold_s
        self._tries = retries + 1

    def serve(self, delivery: Delivery) -> Goes:
        """Send a delivery until there is an answer to go home with."""
        env, carrier = self.carrier.world.env, self.carrier
        attempt = 0
        while True:
            sent_s = env.now
            answer: Answer
            try:
                answer = yield from carrier.carry_out(self.plan(delivery))
            except ConnectionLost:
                answer = UNKNOWN
            except StepError:
                answer = ERROR
            self.note(delivery, attempt, sent_s, answer)
            attempt += 1
            if answer not in AGAIN or attempt >= self._tries:
                return

    def plan(self, delivery: Delivery) -> Plan[Any]:
        """What it asks the shop to do."""
        argument: Order | str = delivery.number
        if delivery.lines:
            argument = Order(delivery.number, delivery.lines, delivery.number, self._hold_s)
        plan: Plan[Any] = self._verbs[delivery.kind](argument)
        return plan

    def note(self, delivery: Delivery, attempt: int, sent_s: float, answer: Answer) -> None:
        """Write an attempt down that is over now."""
        replied_ns = round(self.carrier.world.env.now * NS)
        self.attempts.add((delivery.position, attempt, round(sent_s * NS), replied_ns, answer))

    def closed(self, deliveries: Iterator[Delivery], ends_s: float) -> Goes:
        """One delivery after the other until the time is over."""
        env = self.carrier.world.env
        for delivery in deliveries:
            if env.now >= ends_s or self.dead:
                return
            yield from self.serve(delivery)

    def open(self, arrivals: Arrivals) -> Goes:
        """Serve arrivals as they come until the time is over."""
        env = self.carrier.world.env
        while not self.dead and (delivery := arrivals.take(env.now)) is not None:
            due_s = delivery.intended_ns / NS
            if due_s > env.now:
                yield due_s - env.now
            yield from self.serve(delivery)


class Stream:
    """The deliveries of a process's clients, made block by block and forgotten when sent."""

    def __init__(self, demand: Demand, share: Share) -> None:
        self._demand = demand
        self._share = share
        self._made: dict[int, list[list[Delivery] | None]] = {}

    def of_client(self, place: int) -> Iterator[Delivery]:
        """All deliveries of one client, in order."""
        for number in self._demand.numbers():
            yield from self._taken(number, place)

    def of_all(self) -> Iterator[Delivery]:
        """The deliveries of all of them, in order."""
        for number in self._demand.numbers():
            yield from sorted(each for part in self._deliveries(number) for each in part)

    def times_of_all(self) -> Iterator[int]:
        """When each of them is due, in the same order; ns from the start."""
        share = self._share
        for number in self._demand.numbers():
            times = self._demand.block(number).intended_ns
            mine = np.arange(len(times)) % share.clients
            yield from times[(mine >= share.first) & (mine < share.last)].tolist()

    def _taken(self, number: int, place: int) -> list[Delivery]:
        """A client's part of a block; a block that everybody has taken from is forgotten."""
        parts = self._made.get(number)
        if parts is None:
            parts = self._made[number] = [*self._deliveries(number)]
        part, parts[place] = parts[place], None
        if not any(part is not None for part in parts):
            del self._made[number]
        assert part is not None, f"client {place} has taken block {number} before"
        return part

    def _deliveries(self, number: int) -> list[list[Delivery]]:
        share = self._share
        return self._demand.deliveries(number, share.first, share.last, share.clients)


class Arrivals:
    """The queue in front of the clients of one process.

    Whoever waits in it is a place in a stream that can be made at any time, and takes no memory:
    one cursor goes with the clock and counts who has come, another with those who are served.
    """

    def __init__(self, stream: Stream, queue: int, ends_s: float) -> None:
        self._coming = stream.times_of_all()
        self._next_ns = next(self._coming, NEVER_NS)
        self._served = stream.of_all()
        self._waiting = 0
        self._most = queue
        self._ends_s = ends_s
        self.dropped = Attempts()

    def take(self, now_s: float) -> Delivery | None:
        """The next arrival to serve, due now or later; None when no more will come."""
        if now_s >= self._ends_s:
            return None
        self._let_in(now_s)
        if self._waiting:
            self._waiting -= 1
        elif self._next_ns >= self._ends_s * NS:
            return None
        else:
            self._next_ns = next(self._coming, NEVER_NS)
        return next(self._served)

    def close(self) -> None:
        """Who arrived in time and was not served by the end goes away."""
        self._let_in(self._ends_s)
        while self._waiting:
            self._drop(self._ends_s)

    def _let_in(self, now_s: float) -> None:
        until_ns = min(now_s, self._ends_s) * NS
        while self._next_ns <= until_ns and self._next_ns < self._ends_s * NS:
            self._waiting += 1
            if self._waiting > self._most:
                self._drop(now_s)
            self._next_ns = next(self._coming, NEVER_NS)

    def _drop(self, now_s: float) -> None:
        self._waiting -= 1
        at_ns = round(now_s * NS)
        self.dropped.add((next(self._served).position, 0, at_ns, at_ns, DROPPED))
