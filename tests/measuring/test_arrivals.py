"""Open loop: arrivals wait in a bounded queue; who does not get served is recorded as dropped."""

from __future__ import annotations

import time

from inventory_core.domain import Order, Outcome
from inventory_core.steps import clock
from inventory_core.stores.session import ClockPart, Session
from scenarios.demand import Share, make_demand
from scenarios.measuring.arrivals import Arrivals, Stream, play_closed
from scenarios.measuring.client import DROPPED, Client
from scenarios.scenario import load_scenario
from strategies.noop import Noop

MS = 1_000_000


class Slow(Noop):
    """Takes 20 milliseconds an order."""

    async def deduct(self, order: Order) -> Outcome:
        await clock.Sleep(0.02)
        return Outcome.DEDUCTED


def a_stream(rate: int = 1_000) -> Stream:
    settings = ["demand.kind=open", f"demand.rate_per_s={rate}", "demand.duplicates=0"]
    scenario = load_scenario("flash_sale", settings)
    return Stream(make_demand(scenario, 1, 1.0), Share(0, 1, 1))


def test_an_arrival_is_handed_out_once_and_in_order() -> None:
    arrivals = Arrivals(a_stream(), queue=1_000, starts_ns=0, ends_ns=50 * MS)
    taken = []
    while (delivery := arrivals.take(0)) is not None:
        taken.append(delivery.position)
    assert taken == sorted(set(taken))
    assert 25 < len(taken) < 90, "about fifty arrive in fifty milliseconds"
    assert arrivals.dropped == []


def test_who_waited_longest_leaves_a_full_queue() -> None:
    arrivals = Arrivals(a_stream(), queue=5, starts_ns=0, ends_ns=1_000 * MS)
    first = a_stream().of_all(0)
    due = sum(delivery.intended_ns <= 40 * MS for delivery in first)
    delivery = arrivals.take(40 * MS)
    assert delivery is not None
    dropped = [row[0] for row in arrivals.dropped]
    assert dropped == [each.position for each in first[: due - 5]]
    assert delivery.position == first[due - 5].position


def test_everybody_who_arrived_in_time_is_either_served_or_dropped() -> None:
    starts = time.monotonic_ns()
    ends = starts + 150 * MS
    stream = a_stream()
    arrivals = Arrivals(stream, queue=3, starts_ns=starts, ends_ns=ends)
    client = Client(Slow(), Session([ClockPart()]))
    arrivals.play(client, time.monotonic_ns)
    arrivals.close()
    arrived = [d.position for d in stream.of_all(0) if d.intended_ns < 150 * MS]
    served = [row[0] for row in client.attempts]
    left = [row[0] for row in arrivals.dropped]
    assert sorted(served + left) == arrived
    assert left, "a client of 50 orders a second cannot serve 1,000"
    assert {row[4] for row in arrivals.dropped} == {DROPPED}


def test_a_waiting_client_knows_how_late_it_was() -> None:
    stream = a_stream(200)
    stream.prepare()  # on a busy machine, making it takes longer than a short run
    starts = time.monotonic_ns()
    arrivals = Arrivals(stream, queue=9, starts_ns=starts, ends_ns=starts + 1_000 * MS)
    client = Client(Noop(), Session([ClockPart()]))
    arrivals.play(client, time.monotonic_ns)
    assert arrivals.lags_ns
    assert min(arrivals.lags_ns) >= 0
    for _, _, sent, _, _ in client.attempts:
        assert sent >= starts


def test_a_closed_loop_ends_when_the_time_is_over() -> None:
    client = Client(Noop(), Session([ClockPart()]))
    ticks = iter(range(0, 10_000, 1))
    play_closed(client, a_stream().of_client(0), 100, lambda: next(ticks))
    assert len(client.attempts) == 100
