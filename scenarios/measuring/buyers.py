"""Buyers of the multiplexed driver: each sends a delivery until there is an answer to go home with.

A buyer is little more than a place to remember what was sent when: the driver carries out its plan
and tells it the end, and it answers with the next plan. *Closed*: that of its next delivery.
*Open*: that of whoever has arrived; if nobody has, it waits for the next arrival by a timer.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from inventory_core.domain import Order, Outcome
from inventory_core.drivers.multiplexed import Multiplexer, Running
from inventory_core.steps import ConnectionLost, Plan, Step, StepError
from inventory_core.steps.errors import StoreFull
from inventory_core.strategy import Strategy
from scenarios.demand import KINDS, Delivery
from scenarios.measuring.arrivals import Arrivals
from scenarios.measuring.client import ERROR, UNKNOWN, TimedStep, in_a_line
from scenarios.measuring.columns import Columns

_AGAIN = Outcome.CONTENDED  # and what is unknown: by identity, since hashing an enum is slow


@dataclass(frozen=True, slots=True)
class Shop:
    """What all buyers of a worker share."""

    driver: Multiplexer
    strategy: Strategy
    columns: Columns
    steps: list[TimedStep]
    ends_ns: int
    hold_s: float = 900.0
    retries: int = 0
    sample_every: int = 1 << 60
    full: list[str] = field(default_factory=list)  # what stores said that have no room left


class Buyer:
    """Sends what `_next` says. `gone`: it has gone home."""

    __slots__ = ("_attempt", "_delivery", "_note", "_number", "_running", "_sent_ns", "_shop",
                 "_until_sample", "_verbs", "gone")  # fmt: skip

    def __init__(self, shop: Shop, number: int) -> None:
        self._shop = shop
        self._number = number
        self._note = shop.columns.note
        self._verbs = tuple(getattr(shop.strategy, kind) for kind in KINDS)
        self._delivery: Delivery
        self._attempt = self._sent_ns = 0
        self._running: Running
        self._until_sample = 1  # the first operation is timed, so that no run has no sample
        self.gone = False

    def come(self) -> None:
        """Begin."""
        plan = self._next()
        if plan is not None:
            self._begin(plan)

    def _begin(self, plan: Plan[Any]) -> None:
        self._running = self._shop.driver.start(plan, self._heard)
        self._time_it()

    def _heard(self, value: Any, error: StepError | None) -> Plan[Any] | None:
        """A plan has ended: write it down, and go on."""
        if error is not None:
            value = UNKNOWN if isinstance(error, ConnectionLost) else ERROR
            if isinstance(error, StoreFull):
                self._shop.full.append(in_a_line(error))
        delivery = self._delivery
        self._note(
            self._number, delivery.position, self._attempt, self._sent_ns, time.monotonic_ns(),
            value,
        )  # fmt: skip
        if (value is UNKNOWN or value is _AGAIN) and self._attempt < self._shop.retries:
            self._attempt += 1
            return self._send(delivery)
        self._running.timing = None
        plan = self._next()
        if plan is not None:
            self._time_it()
        return plan

    def _next(self) -> Plan[Any] | None:
        """The plan of the next delivery; None: there is none now."""
        raise NotImplementedError

    def _first(self, delivery: Delivery) -> Plan[Any]:
        """Send a delivery for the first time."""
        self._delivery = delivery
        self._attempt = 0
        return self._send(delivery)

    def _send(self, delivery: Delivery) -> Plan[Any]:
        argument: Any = delivery.number
        if delivery.lines:
            hold_s = self._shop.hold_s
            argument = Order(delivery.number, delivery.lines, delivery.number, hold_s)
        plan: Plan[Any] = self._verbs[delivery.kind](argument)
        self._sent_ns = time.monotonic_ns()
        return plan

    def _time_it(self) -> None:
        """Now and then, the steps of an operation are timed."""
        self._until_sample -= 1
        if not self._until_sample:
            self._until_sample = self._shop.sample_every
            self._running.timing = _Times(self._delivery.position, self._shop.steps)


class ClosedBuyer(Buyer):
    """Sends its own deliveries, one after the other."""

    __slots__ = ("_deliveries",)

    def __init__(self, shop: Shop, number: int, deliveries: Iterator[Delivery]) -> None:
        super().__init__(shop, number)
        self._deliveries = deliveries

    def _next(self) -> Plan[Any] | None:
        over = time.monotonic_ns() >= self._shop.ends_ns
        delivery = None if over else next(self._deliveries, None)
        if delivery is None:
            self.gone = True
            return None
        return self._first(delivery)


class OpenBuyer(Buyer):
    """Serves whoever arrives, at the time they mean to come."""

    __slots__ = ("_arrivals",)

    def __init__(self, shop: Shop, number: int, arrivals: Arrivals) -> None:
        super().__init__(shop, number)
        self._arrivals = arrivals

    def _next(self) -> Plan[Any] | None:
        now_ns, arrivals = time.monotonic_ns(), self._arrivals
        delivery = arrivals.take(now_ns) if now_ns < self._shop.ends_ns else None
        if delivery is None:
            self.gone = True
            return None
        due_ns = arrivals.due_ns(delivery)
        if due_ns <= now_ns:
            return self._first(delivery)

        def due() -> None:
            arrivals.lags_ns.append(time.monotonic_ns() - due_ns)
            self._begin(self._first(delivery))

        self._shop.driver.later((due_ns - now_ns) / 1e9, due)
        return None


class _Times:
    """The steps of one operation, with their times."""

    __slots__ = ("_name", "_place", "_position", "_sent_ns", "_steps")

    def __init__(self, position: int, steps: list[TimedStep]) -> None:
        self._position = position
        self._steps = steps
        self._place = self._sent_ns = 0
        self._name = ""

    def asks(self, step: Step[Any]) -> None:
        """The plan asks a step."""
        self._name, self._sent_ns = type(step).__name__, time.monotonic_ns()

    def leaves(self) -> None:
        """It had to wait for a connection, and leaves only now."""
        self._sent_ns = time.monotonic_ns()

    def heard(self) -> None:
        """The plan has its answer, or begins."""
        if not self._name:
            return
        now_ns = time.monotonic_ns()
        row = TimedStep(self._position, self._place, self._name, self._sent_ns, now_ns)
        self._steps.append(row)
        self._place += 1
        self._name = ""
