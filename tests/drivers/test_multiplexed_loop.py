"""The loop of the multiplexed driver, without a server: whose turn it is, and what is timed."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from time import monotonic_ns, process_time
from typing import Any

import pytest

from inventory_core.domain import Cell, Line, Order, Outcome
from inventory_core.drivers.multiplexed import AWAKE_S, BURST, PENDING, Multiplexer, Running
from inventory_core.steps import ConnectionLost, Plan, Step, StepError, clock
from scenarios.demand import Delivery
from scenarios.measuring.buyers import ClosedBuyer, Shop
from scenarios.measuring.client import ANSWERS, ERROR, UNKNOWN, TimedStep
from scenarios.measuring.columns import Columns
from scenarios.measuring.driving import MULTIPLEXED, THREADS, driver_of, remark
from scenarios.scenario import load_scenario
from strategies.noop import Noop
from tests.measuring import lossy

FAR_NS = 1 << 62


@dataclass(frozen=True, slots=True)
class Ask(Step[int]):
    """A question that a test answers."""


@pytest.fixture
def loop() -> Iterator[Multiplexer]:
    """A loop on which nobody listens."""
    made = Multiplexer()
    made.pauses(lambda _: 0.0)
    yield made
    made.close()


class Asks(Noop):
    """Two questions and a pause."""

    async def deduct(self, order: Order) -> Outcome:
        await Ask()
        await clock.Sleep(0.0)
        await Ask()
        return Outcome.DEDUCTED


def deliveries(count: int) -> Iterator[Delivery]:
    lines = (Line(Cell("a"), 1),)
    return iter([Delivery(n, 0, f"o{n}", lines, 0) for n in range(count)])


def played(loop: Multiplexer, strategy: Noop, count: int, **wishes: Any) -> Shop:
    """A buyer of so many deliveries, to the end."""
    shop = Shop(loop, strategy, Columns(), [], FAR_NS, **wishes)
    buyer = ClosedBuyer(shop, 5, deliveries(count))
    buyer.come()
    while not buyer.gone:
        loop.turn(0.0)
    return shop


def answers(shop: Shop) -> list[Outcome | str]:
    return [ANSWERS[place] for place in shop.columns.answer]


def test_every_so_many_operations_are_timed_step_by_step(loop: Multiplexer) -> None:
    loop.performers[Ask] = lambda _, __: 1
    shop = played(loop, Asks(), 7, sample_every=3)
    assert [(at.position, at.place, at.step) for at in shop.steps] == [
        (position, place, name)
        for position in (0, 3, 6)
        for place, name in enumerate(["Ask", "Sleep", "Ask"])
    ]
    assert all(at.sent_ns <= at.replied_ns for at in shop.steps)
    assert answers(shop) == [Outcome.DEDUCTED] * 7
    assert set(shop.columns.client.tolist()) == {5}


def test_a_step_that_waited_for_a_connection_is_timed_from_when_it_left(loop: Multiplexer) -> None:
    def queued(running: Running, step: Ask) -> object:
        def leave() -> None:
            assert running.timing is not None
            running.timing.leaves()
            seen_ns.append(monotonic_ns())
            loop.resume(running, 1)

        seen_ns.append(monotonic_ns())
        loop.later(0.01, leave)
        return PENDING

    seen_ns: list[int] = []
    loop.performers[Ask] = queued
    first = played(loop, Asks(), 1).steps[0]
    assert isinstance(first, TimedStep)
    assert seen_ns[0] < first.sent_ns <= seen_ns[1]


@pytest.mark.parametrize(
    "error, said", [(ConnectionLost("gone"), UNKNOWN), (StepError("no"), ERROR)]
)
def test_what_is_unknown_is_sent_again_and_what_failed_is_not(
    loop: Multiplexer, error: StepError, said: str
) -> None:
    def fail(running: Running, step: Ask) -> int:
        raise error

    loop.performers[Ask] = fail
    shop = played(loop, Asks(), 2, retries=2)
    tries = 3 if said is UNKNOWN else 1
    assert answers(shop) == [said] * 2 * tries
    assert shop.columns.attempt.tolist() == list(range(tries)) * 2
    assert shop.columns.position.tolist() == [0] * tries + [1] * tries


def test_a_buyer_whose_plans_wait_for_nothing_lets_others_have_their_turn(
    loop: Multiplexer,
) -> None:
    begun: list[str] = []

    def endless(name: str) -> Plan[None]:
        async def plan() -> None:
            begun.append(name)

        return plan()

    def again(value: Any, error: StepError | None) -> Plan[None]:
        return endless("greedy")

    running = loop.start(endless("greedy"), again)
    for _ in range(BURST):
        loop.start(endless("modest"), lambda _, __: None)
    for _ in range(3):
        loop.turn(0.0)
    assert begun.count("modest") == BURST
    assert begun.count("greedy") < 3 * 2 * BURST
    running.plan.close()


def test_a_run_with_faults_or_with_a_connection_of_its_own_making_keeps_threads() -> None:
    asked = ["demand.driver=multiplexed"]
    plain = load_scenario("flash_sale", asked)
    assert driver_of(plain) == MULTIPLEXED
    assert remark(plain) == ""
    assert driver_of(plain, lossy.connect) == THREADS
    faulty = load_scenario("flash_sale", asked, ["client_dies"])
    assert driver_of(faulty) == THREADS
    assert "a thread" in remark(faulty)
    assert driver_of(load_scenario("flash_sale", ["demand.driver=threads"])) == THREADS
    assert driver_of(load_scenario("flash_sale", ["demand.pool=2"])) == MULTIPLEXED


@pytest.mark.parametrize("stays_awake", [False, True])
def test_who_stays_awake_sleeps_when_nothing_has_come_for_a_while(stays_awake: bool) -> None:
    loop, heard = Multiplexer(stays_awake), list[bytes]()
    ours, theirs = socket.socketpair()
    with closing(loop), ours, theirs:
        loop.watch(ours.fileno(), lambda: heard.append(ours.recv(9)))
        spent_s = process_time()
        loop.turn(0.1)
        spent_s = process_time() - spent_s
        assert (loop.awake_s >= AWAKE_S) if stays_awake else not loop.awake_s
        assert spent_s < 0.05, "it should have slept"
        reply = threading.Timer(0.2, theirs.send, (b"reply",))
        reply.start()
        while not heard:
            loop.turn(AWAKE_S / 2)
        reply.join()
    assert heard == [b"reply"]
    assert (loop.awake_s > 50 * AWAKE_S) is stays_awake
