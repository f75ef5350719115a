"""One connection of the shop's front door: carries out what buyers do, and writes down what came.

One tuple an attempt, as the bare laboratory's client does; words are those of the records.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any, NamedTuple

from inventory_core.drivers import carry_out
from inventory_core.services.contract import Answer, LineRequest, OrderRequest, Said, Why
from inventory_core.services.order_flow import OrderFlow
from inventory_core.steps import ConnectionLost, Plan, Step, StepError
from scenarios.measuring.client import ERROR, UNKNOWN, Connection
from scenarios.serving.agenda import Act, Kind
from scenarios.serving.buyers import ADDRESS, CHANNEL, Order

CONTENDED = "contended"
AGAIN = frozenset({UNKNOWN, CONTENDED})
"""After these a buyer asks again."""

PAUSE_S = 0.01
"""Before a buyer asks again; doubles."""

_WORDS = {
    Said.CANCELLED: "rolled_back",
    Said.ALREADY_CANCELLED: "already_rolled_back",
    Said.IN_PROGRESS: CONTENDED,
}


class Served(NamedTuple):
    """One attempt. Times are nanoseconds of the clock."""

    serial: int
    kind: str
    delivery: int
    attempt: int
    client: int
    intended_ns: int
    sent_ns: int
    replied_ns: int
    outcome: str


class TimedStep(NamedTuple):
    """One step of a sampled attempt."""

    serial: int
    place: int
    step: str
    sent_ns: int
    replied_ns: int


def request_of(order: Order) -> OrderRequest:
    """What the buyer sends."""
    line = LineRequest(order.sku, order.quantity, order.activity)
    return OrderRequest(CHANNEL, order.number, order.buyer, ADDRESS, (line,))


def word_of(answer: Answer) -> str:
    """An answer as the records spell it; a refusal that is not for want of stock by its reason."""
    if answer.said is Said.PLACED:
        if answer.replayed:
            return "replayed"
        unheld = answer.order is not None and not answer.order.order.due_ms
        return "placed" if unheld else "deducted"
    if answer.said is Said.REFUSED:
        why = answer.reason.partition(":")[0]
        return "refused" if why in ("", Why.OUT_OF_STOCK.value) else why
    known: str = _WORDS.get(answer.said, answer.said.value)
    return known


def plan_of(flow: OrderFlow, act: Act) -> Plan[Answer]:
    """What the buyer asks of the order flow."""
    request = request_of(act.order)
    if act.kind is Kind.PLACE:
        return flow.place(request)
    if act.kind is Kind.PAY:
        return flow.pay(request.order_id)
    return flow.cancel(request.order_id)


class Client:
    """One buyer's connection. It belongs to one thread."""

    def __init__(
        self,
        number: int,
        flow: OrderFlow,
        session: Connection,
        *,
        retries: int = 0,
        sample_every: int = 1 << 60,
    ) -> None:
        self.attempts: list[Served] = []
        self.steps: list[TimedStep] = []
        self._number = number
        self._flow = flow
        self._session = session
        self._tries = retries + 1
        self._sample_every = sample_every
        self._until_sample = 1

    def warm_up(self) -> None:
        """Ask what leaves no trace: an address that nobody serves, an order that is not there."""
        line = (LineRequest("sku-1", 1),)
        nowhere = OrderRequest(CHANNEL, "warm-up", "nobody", "nowhere", line)
        for plan in (self._flow.place(nowhere), self._flow.pay(nowhere.order_id)):
            self._carry_out(plan, self._session.perform)

    def serve(self, act: Act, kind: str) -> str:
        """Do it until there is an answer to go home with; every attempt is recorded as `kind`."""
        perform: Callable[[Step[Any]], Any] = self._session.perform
        self._until_sample -= 1
        if not self._until_sample:
            self._until_sample = self._sample_every
            perform = self._timed(act.serial)
        outcome = ERROR
        for attempt in range(self._tries):
            sent = time.monotonic_ns()
            outcome = self._carry_out(plan_of(self._flow, act), perform)
            at = (act.serial, kind, act.delivery, attempt, self._number)
            self.attempts.append(Served(*at, act.due_ns, sent, time.monotonic_ns(), outcome))
            if outcome in (ERROR, UNKNOWN):
                self._mend()
            if outcome not in AGAIN:
                break
            time.sleep(PAUSE_S * 2**attempt)
        return outcome

    @staticmethod
    def _carry_out(plan: Plan[Answer], perform: Callable[[Step[Any]], Any]) -> str:
        try:
            return word_of(carry_out(plan, perform))
        except ConnectionLost:
            return UNKNOWN
        except StepError:
            return ERROR

    def _mend(self) -> None:
        try:
            self._session.reset()
        except StepError:
            time.sleep(PAUSE_S)

    def _timed(self, serial: int) -> Callable[[Step[Any]], Any]:
        perform, steps = self._session.perform, self.steps
        start = len(steps)

        def timed(step: Step[Any]) -> Any:
            sent = time.monotonic_ns()
            try:
                return perform(step)
            finally:
                name = type(getattr(step, "step", step)).__name__
                replied = time.monotonic_ns()
                steps.append(TimedStep(serial, len(steps) - start, name, sent, replied))

        return timed
