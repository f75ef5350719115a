"""What buyers wait at a shop with twice the customers it can serve: an open loop says it.

In time that only passes when somebody waits for it, so that the figures are exact.
"""

from __future__ import annotations

import select
from dataclasses import dataclass
from math import ceil
from typing import Any

import numpy as np
import pytest

from inventory_core.domain import Order, Outcome
from inventory_core.drivers.multiplexed import PENDING, Multiplexer, Running
from inventory_core.steps import Step
from scenarios.demand import Demand, Share, make_demand
from scenarios.measuring.arrivals import Arrivals, Stream
from scenarios.measuring.buyers import Buyer, ClosedBuyer, OpenBuyer, Shop
from scenarios.measuring.client import ANSWERS, DROPPED
from scenarios.measuring.columns import Columns
from scenarios.scenario import load_scenario
from strategies.noop import Noop

SERVICE_NS = 4_000_000
RATE_PER_S = 500  # twice of what the server can do
RUN_NS = 2_000_000_000
CONNECTIONS = 4
OFF_BY_NS = 20_000  # timers are in floating seconds


class Clockwork:
    """The modules `time` and `select` in one, in which only waiting takes time."""

    epoll = select.epoll

    def __init__(self) -> None:
        self.now_ns = 1_000_000_000

    def monotonic(self) -> float:
        """Seconds."""
        return self.now_ns / 1e9

    def monotonic_ns(self) -> int:
        """Nanoseconds."""
        return self.now_ns

    def select(self, *arguments: Any) -> tuple[list[int], list[int], list[int]]:
        """Wait: nothing ever comes but the end of the time."""
        self.now_ns += max(1, ceil(arguments[-1] * 1e9))
        return [], [], []


@dataclass(frozen=True, slots=True)
class Serve(Step[None]):
    """Be served."""


class Asking(Noop):
    """An order is one question to the server."""

    async def deduct(self, order: Order) -> Outcome:
        await Serve()
        return Outcome.DEDUCTED


class Counter:
    """A server of one customer at a time, each for exactly as long."""

    def __init__(self, loop: Multiplexer, clock: Clockwork) -> None:
        self._loop, self._clock = loop, clock
        self._free_ns = 0
        loop.performers[Serve] = self.serve

    def serve(self, running: Running, step: Serve) -> object:
        """Queue."""
        now_ns = self._clock.now_ns
        self._free_ns = max(now_ns, self._free_ns) + SERVICE_NS
        due_s = (self._free_ns - now_ns) / 1e9
        self._loop.later(due_s, lambda: self._loop.resume(running, None))
        return PENDING


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clockwork:
    """Time for the driver and its buyers."""
    made = Clockwork()
    monkeypatch.setattr("inventory_core.drivers.multiplexed.time", made)
    monkeypatch.setattr("inventory_core.drivers.multiplexed.select", made)
    monkeypatch.setattr("scenarios.measuring.buyers.time", made)
    return made


def demand(kind: str) -> Demand:
    """Customers who come evenly."""
    settings = [f"demand.kind={kind}", f"demand.rate_per_s={RATE_PER_S}", "demand.duplicates=0"]
    settings += ["demand.arrivals=even"] if kind == "open" else []
    return make_demand(load_scenario("flash_sale", settings), 1, RUN_NS / 1e9)


def played(clock: Clockwork, kind: str, connections: int) -> tuple[Columns, Demand, int]:
    """A run; what was written down, and when it started."""
    loop, columns, wanted = Multiplexer(), Columns(), demand(kind)
    Counter(loop, clock)
    starts_ns = clock.now_ns
    ends_ns = starts_ns + RUN_NS
    shop = Shop(loop, Asking(), columns, [], ends_ns)
    stream = Stream(wanted, Share(0, connections, connections))
    queue = Arrivals(stream, 100_000, starts_ns, ends_ns)
    buyers: list[Buyer] = []
    for number in range(connections):
        if kind == "open":
            buyers.append(OpenBuyer(shop, number, queue))
        else:
            buyers.append(ClosedBuyer(shop, number, stream.of_client(number)))
    for buyer in buyers:
        buyer.come()
    while any(not buyer.gone for buyer in buyers):
        loop.turn(0.05)
    loop.close()
    if kind == "open":
        queue.close()
    for row in queue.dropped:
        columns.note(-1, *row)
    return columns, wanted, starts_ns


def waited_in_theory_ns(intended_ns: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """Lindley's recursion for a single server of constant service time, service included."""
    found, free_ns = [], 0
    for at_ns in intended_ns.tolist():
        free_ns = max(at_ns, free_ns) + SERVICE_NS
        found.append(free_ns - at_ns)
    return np.asarray(found)


def test_an_open_loop_at_twice_the_capacity_says_what_its_buyers_really_wait(
    clock: Clockwork,
) -> None:
    columns, wanted, starts_ns = played(clock, "open", CONNECTIONS)
    served = columns.answer != ANSWERS.index(DROPPED)
    intended_ns = wanted.columns(columns.position[served]).intended_ns
    waited_ns = columns.replied_ns[served] - starts_ns - intended_ns
    theory_ns = waited_in_theory_ns(intended_ns)
    assert np.abs(waited_ns - theory_ns).max() < OFF_BY_NS * len(waited_ns)
    # Half of whoever comes is served, and a queue that grows all the time is a quarter of the run.
    assert served.sum() == pytest.approx(RUN_NS / SERVICE_NS, rel=0.02)
    assert waited_ns.mean() == pytest.approx(RUN_NS / 4, rel=0.05)
    assert (~served).sum() == pytest.approx(served.sum(), rel=0.05)


def test_a_closed_loop_at_the_same_server_hides_it(clock: Clockwork) -> None:
    columns, _, _ = played(clock, "closed", CONNECTIONS)
    waited_ns = columns.replied_ns - columns.sent_ns
    # Whoever would have come meanwhile does not: nobody waits for more than those before them.
    assert waited_ns.max() <= CONNECTIONS * SERVICE_NS + OFF_BY_NS * len(waited_ns)
    assert waited_ns.mean() < RUN_NS / 4 / 20
    assert len(columns) == pytest.approx(RUN_NS / SERVICE_NS, rel=0.02)


def test_a_buyer_who_waits_for_an_arrival_is_as_late_as_the_driver_was(clock: Clockwork) -> None:
    loop, columns, wanted = Multiplexer(), Columns(), demand("open")
    stream = Stream(wanted, Share(0, 1, 1))
    queue = Arrivals(stream, 10, clock.now_ns, clock.now_ns + 100_000_000)
    buyer = OpenBuyer(Shop(loop, Noop(), columns, [], clock.now_ns + 100_000_000), 0, queue)
    buyer.come()
    while not buyer.gone:
        loop.turn(0.05)
    loop.close()
    assert len(queue.lags_ns) >= len(columns) - 1 > 40
    assert max(queue.lags_ns) < OFF_BY_NS
