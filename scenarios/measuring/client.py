"""One client: sends a delivery, writes down what came back, asks again where it must.

The hot loop of every live run, so it does little: one tuple an attempt, and nothing is looked up,
judged or turned into columns before the run is over.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any, NamedTuple, Protocol

from inventory_core.domain import Order, Outcome
from inventory_core.drivers import carry_out
from inventory_core.steps import ConnectionLost, Plan, Step, StepError
from inventory_core.steps.errors import StoreFull
from inventory_core.strategy import Strategy
from scenarios.demand import KINDS, Delivery

ERROR, UNKNOWN, DROPPED = "error", "unknown", "dropped"
"""Answers that are no outcome of a verb: a definite failure, no reply at all, and never sent."""

AGAIN = frozenset({UNKNOWN, Outcome.CONTENDED})
"""After these a client sends the same order number again."""

ANSWERS: tuple[Outcome | str, ...] = (*Outcome, ERROR, UNKNOWN, DROPPED)
"""Every answer there can be; columns hold the place in this tuple."""

Answer = Outcome | str
Clock = Callable[[], int]


class Attempt(NamedTuple):
    """What the hot loop writes down (as a bare tuple). Times are nanoseconds of the clock."""

    position: int
    attempt: int
    sent_ns: int
    replied_ns: int
    answer: Answer


class TimedStep(NamedTuple):
    """One step of a sampled operation."""

    position: int
    place: int
    step: str
    sent_ns: int
    replied_ns: int


class Connection(Protocol):
    """What a client needs of a session."""

    def perform(self, step: Step[Any]) -> Any:
        """Carry out a step and answer, or raise a `StepError`."""

    def reset(self) -> None:
        """Make it fit for the next plan."""


def in_a_line(full: StoreFull) -> str:
    """What a store says that has no room left."""
    return " ".join(str(full).split()) or "it says no more"


class Client:
    """One buyer's connection. It belongs to one thread."""

    def __init__(
        self,
        strategy: Strategy,
        session: Connection,
        *,
        hold_s: float = 900.0,
        retries: int = 0,
        sample_every: int = 1 << 60,
        clock: Clock = time.monotonic_ns,
    ) -> None:
        self.attempts: list[tuple[int, int, int, int, Answer]] = []
        self.steps: list[TimedStep] = []
        self.full = ""
        self.session = session
        self._strategy = strategy
        self._verbs = tuple(getattr(strategy, kind) for kind in KINDS)
        self._hold_s = hold_s
        self._tries = retries + 1
        self._sample_every = sample_every
        self._until_sample = 1  # the first operation is timed, so that no run has no sample
        self._clock = clock

    def serve(self, delivery: Delivery) -> Answer:
        """Send a delivery until there is an answer to go home with; every attempt is recorded."""
        perform = self.performer(delivery.position)
        clock = self._clock
        answer: Answer = ERROR
        for attempt in range(self._tries):
            plan = self.plan(delivery)
            sent = clock()
            answer = self._carry_out(plan, perform)
            self.attempts.append((delivery.position, attempt, sent, clock(), answer))
            if answer is ERROR or answer is UNKNOWN:
                self._mend(attempt)
            if answer not in AGAIN:
                break
        return answer

    def performer(self, position: int) -> Callable[[Step[Any]], Any]:
        """What performs the steps of the next operation: the session, now and then timed."""
        self._until_sample -= 1
        if self._until_sample:
            return self.session.perform
        self._until_sample = self._sample_every
        return self._timed(position)

    @property
    def retries(self) -> int:
        """How often a delivery is sent again at most."""
        return self._tries - 1

    def plan(self, delivery: Delivery) -> Plan[Outcome]:
        """What a delivery asks for, as a plan that has not begun."""
        argument: Any = delivery.number
        if delivery.lines:
            argument = Order(delivery.number, delivery.lines, delivery.number, self._hold_s)
        plan: Plan[Outcome] = self._verbs[delivery.kind](argument)
        return plan

    def _carry_out(self, plan: Plan[Outcome], perform: Callable[[Step[Any]], Any]) -> Answer:
        try:
            return carry_out(plan, perform)
        except ConnectionLost:
            return UNKNOWN
        except StoreFull as full:
            self.full = in_a_line(full)
            return ERROR
        except StepError:
            return ERROR

    def _mend(self, attempt: int) -> None:
        """A server that does not come back at once gets a little longer after each attempt."""
        try:
            self.session.reset()
        except StepError:
            time.sleep(min(0.005 * 2**attempt, 0.5))

    def _timed(self, position: int) -> Callable[[Step[Any]], Any]:
        clock, steps = self._clock, self.steps
        start = len(steps)

        def timed(step: Step[Any]) -> Any:
            sent = clock()
            try:
                return self.session.perform(step)
            finally:
                name = type(step).__name__
                steps.append(TimedStep(position, len(steps) - start, name, sent, clock()))

        return timed
