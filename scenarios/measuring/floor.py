"""What the laboratory itself costs: so that a figure can be told from the harness under it.

`step_cost_ns`: what awaiting a step costs beyond calling its function directly.
`floor_of`: what driver, plan and history take for one deduction (everything but the store: the
store's answers are played back from a list), beside one client's median latency of the same
deduction on real stores.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from itertools import cycle
from statistics import median
from typing import Any

from inventory_core.domain import Cell, Opening
from inventory_core.drivers import carry_out
from inventory_core.steps import Step, clock
from inventory_core.stores.servers import Place
from inventory_core.strategy.registry import make
from scenarios.demand import Delivery, Share, make_demand
from scenarios.measuring.arrivals import Stream, play_closed
from scenarios.measuring.client import Client, Connection
from scenarios.scenario import Scenario

STEPS = 20_000
TRIES = 7
DEDUCTIONS = 800
FOREVER_NS = 1 << 62


@dataclass(frozen=True, slots=True)
class Floor:
    """The harness floor of one strategy on one stack. `share` is driver_us / latency_us_p50."""

    strategy: str
    stack: str
    step_cost_ns: float
    steps: int
    driver_us: float
    latency_us_p50: float
    share: float

    def as_json(self) -> dict[str, Any]:
        """For reports."""
        return asdict(self)


def step_cost_ns() -> float:
    """Nanoseconds that awaiting a step takes beyond a direct call; the least of several tries."""
    step = clock.Now()

    def perform(_: Step[Any]) -> float:
        return 0.0

    async def plan() -> None:
        for _ in range(STEPS):
            await step

    def direct() -> None:
        for _ in range(STEPS):
            perform(step)

    planned = min(_took_ns(lambda: carry_out(plan(), perform)) for _ in range(TRIES))
    called = min(_took_ns(direct) for _ in range(TRIES))
    return (planned - called) / STEPS


def _took_ns(work: Callable[[], None]) -> int:
    began = time.perf_counter_ns()
    work()
    return time.perf_counter_ns() - began


class _Recorder:
    """Notes what a session answers."""

    def __init__(self, session: Connection) -> None:
        self._session = session
        self.answers: list[Any] = []

    def perform(self, step: Step[Any]) -> Any:
        self.answers.append(self._session.perform(step))
        return self.answers[-1]

    def reset(self) -> None:
        """Nothing to do: whatever fails here fails the measurement."""


class _Playback:
    """Answers from a list, over and over, whatever is asked."""

    def __init__(self, answers: list[Any]) -> None:
        again = cycle(answers)
        self.perform: Callable[[Step[Any]], Any] = lambda _: next(again)

    def reset(self) -> None:
        """Nothing to do."""


def floor_of(place: Place, strategy_name: str = "conditional_update") -> Floor:
    """Measure the floor of a strategy on an open place; whatever is in the place is cleared."""
    strategy = make(strategy_name)
    place.clear()
    session = place.connect(strategy.limits)
    try:
        opening = Opening(_CELL, 1_000_000)
        carry_out(strategy.load([opening]), session.perform)
        recorder = _Recorder(session)
        ahead, one, many = _deliveries()
        _play(Client(strategy, session), ahead)  # statements get prepared, caches get warm
        _play(Client(strategy, recorder), one)
        real = Client(strategy, session)
        _play(real, many)
    finally:
        session.close()
    playback = Client(strategy, _Playback(recorder.answers))
    driver_us = min(_took_ns(lambda: _play(playback, many)) for _ in range(3)) / len(many) / 1e3
    latency_us = median(replied - sent for _, _, sent, replied, _ in real.attempts) / 1e3
    return Floor(
        strategy=strategy_name,
        stack=place.stack.name,
        step_cost_ns=step_cost_ns(),
        steps=len(recorder.answers),
        driver_us=driver_us,
        latency_us_p50=latency_us,
        share=driver_us / latency_us,
    )


_CELL = Cell("sku-1")


def _deliveries() -> tuple[list[Delivery], list[Delivery], list[Delivery]]:
    """Orders of one unit of one cell: some to warm up with, one to record, many to time."""
    stream = Stream(make_demand(Scenario("floor"), 1, 1.0), Share(0, 1, 1))
    made = _first(stream.of_client(0), 200 + 1 + DEDUCTIONS)
    return made[:200], made[200:201], made[201:]


def _first(deliveries: Iterator[Delivery], count: int) -> list[Delivery]:
    return [next(deliveries) for _ in range(count)]


def _play(client: Client, deliveries: list[Delivery]) -> None:
    play_closed(client, iter(deliveries), FOREVER_NS, time.monotonic_ns)
