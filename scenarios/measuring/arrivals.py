"""How a worker's clients get their next delivery: at once (closed loop) or when it arrives (open).

Open loop: arrivals do not wait for replies. They queue, at most `queue` of them in each worker
process; when one more comes, the one that has waited longest goes away unserved and is recorded as
*dropped*, and so is who still waits at the end. Latency counts from the intended time.
"""

from __future__ import annotations

import threading
import time
from bisect import bisect_right
from collections.abc import Iterator

from scenarios.demand import Delivery, Demand, Share
from scenarios.measuring.client import DROPPED, Answer, Client, Clock

AHEAD_NS = 1_000_000_000
"""Arrivals are made this long before they are due."""

READY_BLOCKS = 8
"""Blocks made before the start, so that making them disturbs nobody."""


class Stream:
    """A worker's share of the stream, made block by block, for all of its clients."""

    def __init__(self, demand: Demand, share: Share) -> None:
        self._demand = demand
        self._share = share
        self._made: list[list[list[Delivery]]] = []
        self._under_way: dict[int, Iterator[Delivery]] = {}
        self._lock = threading.Lock()

    def prepare(self, blocks: int = READY_BLOCKS) -> None:
        """Make the first blocks now."""
        for number in range(min(blocks, self._demand.blocks)):
            self.block(number)

    def block(self, number: int) -> list[list[Delivery]]:
        """Block `number`: one list of deliveries a client."""
        with self._lock:
            while len(self._made) <= number:
                share = self._share
                self._made.append(
                    self._demand.deliveries(len(self._made), share.first, share.last, share.clients)
                )
            return self._made[number]

    def of_client(self, client: int) -> Iterator[Delivery]:
        """All deliveries of one client, in order; asked again, it goes on where it stopped."""
        return self._under_way.setdefault(client, self._from_the_first(client))

    def _from_the_first(self, client: int) -> Iterator[Delivery]:
        for number in self._demand.numbers():
            yield from self.block(number)[client]

    def of_all(self, number: int) -> list[Delivery]:
        """The deliveries of block `number` of all clients of this worker, in order."""
        return sorted(delivery for share in self.block(number) for delivery in share)

    @property
    def blocks(self) -> int:
        """How many blocks there are at most."""
        return self._demand.blocks


def play_closed(client: Client, deliveries: Iterator[Delivery], ends_ns: int, clock: Clock) -> None:
    """Send one delivery after the other until the time is over."""
    while clock() < ends_ns:
        delivery = next(deliveries, None)
        if delivery is None:
            return
        client.serve(delivery)


class Arrivals:
    """The queue in front of one worker's clients."""

    def __init__(self, stream: Stream, queue: int, starts_ns: int, ends_ns: int) -> None:
        self._stream, self._queue = stream, queue
        self._starts_ns, self._ends_ns = starts_ns, ends_ns
        self._arriving: list[Delivery] = []
        self._due_ns: list[int] = []
        self._next = 0
        self._blocks = 0
        self._lock = threading.Lock()
        self.dropped: list[tuple[int, int, int, int, Answer]] = []
        self.lags_ns: list[int] = []

    def take(self, now_ns: int) -> Delivery | None:
        """The next arrival to serve, due now or later; None when no more will come."""
        with self._lock:
            self._make_until(now_ns + AHEAD_NS)
            over = bisect_right(self._due_ns, now_ns) - self._next - self._queue
            for _ in range(over):
                self._drop(now_ns)
            if self._next >= len(self._due_ns) or self._due_ns[self._next] >= self._ends_ns:
                return None
            self._next += 1
            return self._arriving[self._next - 1]

    def due_ns(self, delivery: Delivery) -> int:
        """When a delivery is meant to be sent, on the machine's clock."""
        return self._starts_ns + delivery.intended_ns

    def close(self) -> None:
        """Who arrived in time and was not served by the end goes away."""
        with self._lock:
            self._make_until(self._ends_ns)
            while self._next < len(self._due_ns) and self._due_ns[self._next] < self._ends_ns:
                self._drop(self._ends_ns)

    def _drop(self, now_ns: int) -> None:
        position = self._arriving[self._next].position
        self.dropped.append((position, 0, now_ns, now_ns, DROPPED))
        self._next += 1

    def _make_until(self, until_ns: int) -> None:
        until_ns = min(until_ns, self._ends_ns)
        while self._blocks < self._stream.blocks:
            if self._due_ns and self._due_ns[-1] >= until_ns:
                return
            fresh = self._stream.of_all(self._blocks)
            self._arriving += fresh
            self._due_ns += [self._starts_ns + delivery.intended_ns for delivery in fresh]
            self._blocks += 1

    def play(self, client: Client, clock: Clock) -> None:
        """Serve arrivals as they come until the time is over.

        How late a client who was waiting for the arrival sends it is the driver's own lag.
        """
        while (now := clock()) < self._ends_ns:
            delivery = self.take(now)
            if delivery is None:
                return
            due_ns = self.due_ns(delivery)
            if due_ns > now:
                time.sleep((due_ns - now) / 1e9)
                self.lags_ns.append(clock() - due_ns)
            client.serve(delivery)
