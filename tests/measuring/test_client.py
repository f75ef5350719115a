"""A client records every attempt, asks again when it must, and lets bugs through."""

from __future__ import annotations

from itertools import count
from typing import Any

import pytest

from inventory_core.domain import Cell, Line, Order, Outcome
from inventory_core.steps import ConnectionLost, Deadlock, Step, clock
from scenarios.demand import KINDS, Delivery
from scenarios.measuring.client import ERROR, UNKNOWN, Client
from strategies.noop import Noop


class Asks(Noop):
    """Answers what the one step of its plan answers."""

    async def deduct(self, order: Order) -> Outcome:
        return await clock.Now()  # type: ignore[return-value]  # the stub answers outcomes


class Stub:
    """A session that answers from a list and counts how often it was reset."""

    def __init__(self, *answers: object) -> None:
        self.answers = list(answers)
        self.resets = 0

    def perform(self, step: Step[Any]) -> Any:
        answer = self.answers.pop(0)
        if isinstance(answer, BaseException):
            raise answer
        return answer

    def reset(self) -> None:
        self.resets += 1


def a_delivery(kind: str = "deduct", position: int = 7) -> Delivery:
    lines = (Line(Cell("a"), 1),) if kind == "deduct" else ()
    return Delivery(position, KINDS.index(kind), "o00000001", lines, 0)


def played(session: Stub, retries: int = 2) -> Client:
    ticks = count(0, 10)
    client = Client(Asks(), session, retries=retries, clock=lambda: next(ticks))
    client.serve(a_delivery())
    return client


def test_an_answer_is_one_attempt_with_its_times() -> None:
    client = played(Stub(Outcome.DEDUCTED))
    [(position, attempt, sent, replied, answer)] = client.attempts
    assert (position, attempt, answer) == (7, 0, Outcome.DEDUCTED)
    assert sent < replied


def test_a_lost_reply_is_unknown_and_the_same_order_is_sent_again() -> None:
    session = Stub(ConnectionLost(), Outcome.REPLAYED)
    client = played(session)
    assert [row[4] for row in client.attempts] == [UNKNOWN, Outcome.REPLAYED]
    assert [row[1] for row in client.attempts] == [0, 1]
    assert {row[0] for row in client.attempts} == {7}
    assert session.resets == 1


def test_retries_are_bounded() -> None:
    client = played(Stub(*[ConnectionLost()] * 9), retries=2)
    assert [row[4] for row in client.attempts] == [UNKNOWN] * 3


def test_a_contended_buyer_asks_again_on_the_same_connection() -> None:
    session = Stub(Outcome.CONTENDED, Outcome.DEDUCTED)
    assert [row[4] for row in played(session).attempts] == [Outcome.CONTENDED, Outcome.DEDUCTED]
    assert session.resets == 0


def test_a_step_error_is_definite_and_is_not_tried_again() -> None:
    session = Stub(Deadlock(), Outcome.DEDUCTED)
    assert [row[4] for row in played(session).attempts] == [ERROR]
    assert session.resets == 1


def test_a_bug_ends_the_run() -> None:
    with pytest.raises(AssertionError, match="planted"):
        played(Stub(AssertionError("planted")))


@pytest.mark.parametrize("kind", ["roll_back", "pay", "expire", "ship"])
def test_every_other_verb_is_sent_with_the_number_alone(kind: str) -> None:
    client = Client(Noop(), Stub())
    client.serve(a_delivery(kind))
    assert len(client.attempts) == 1


def test_the_steps_of_every_nth_operation_are_timed() -> None:
    client = Client(Asks(), Stub(*[Outcome.DEDUCTED] * 10), sample_every=4)
    for position in range(10):
        client.serve(a_delivery(position=position))
    assert [step.position for step in client.steps] == [0, 4, 8]
    assert {(step.place, step.step) for step in client.steps} == {(0, "Now")}
    assert all(step.sent_ns <= step.replied_ns for step in client.steps)
