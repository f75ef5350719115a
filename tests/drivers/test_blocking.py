"""The drivers' contract: answers and errors go to the await that asked, nothing else is caught."""

from collections.abc import Coroutine
from typing import Any

import pytest

from inventory_core.domain import Cell, Limits, Line, Order, Outcome
from inventory_core.drivers import carry_out
from inventory_core.steps import ConnectionLost, Deadlock, Step, clock, kv, lease, sql

ORDER = Order("1", (Line(Cell("a"), 1),))


class Recorder:
    """Performs steps from a table of answers, and remembers what it was asked."""

    def __init__(self, answers: dict[type[Step[Any]], Any]) -> None:
        self.answers = answers
        self.asked: list[str] = []

    def __call__(self, step: Step[Any]) -> Any:
        self.asked.append(type(step).__name__)
        answer = self.answers.get(type(step))
        if isinstance(answer, BaseException):
            raise answer
        return answer


async def take() -> Outcome:
    async with sql.transaction():
        if not await sql.TakeIfEnough(Cell("a"), 1):
            return Outcome.REFUSED
    return Outcome.DEDUCTED


def test_the_answer_of_a_step_goes_to_the_await_that_asked() -> None:
    world = Recorder({sql.TakeIfEnough: True})
    assert carry_out(take(), world) is Outcome.DEDUCTED
    assert world.asked == ["Begin", "TakeIfEnough", "Commit"]


def test_a_step_error_rolls_the_transaction_back_and_comes_out() -> None:
    world = Recorder({sql.TakeIfEnough: Deadlock()})
    with pytest.raises(Deadlock):
        carry_out(take(), world)
    assert world.asked == ["Begin", "TakeIfEnough", "Rollback"]


def test_a_lost_connection_is_not_asked_to_roll_back() -> None:
    world = Recorder({sql.TakeIfEnough: ConnectionLost()})
    with pytest.raises(ConnectionLost):
        carry_out(take(), world)
    assert world.asked == ["Begin", "TakeIfEnough"]


def test_a_plan_may_catch_a_step_error_and_go_on() -> None:
    async def again() -> str:
        for _ in range(2):
            try:
                await sql.Commit()
            except Deadlock:
                continue
        return "gave up"

    assert carry_out(again(), Recorder({sql.Commit: Deadlock()})) == "gave up"


def test_a_bug_is_never_caught_and_the_plan_is_closed() -> None:
    plan = take()
    with pytest.raises(AssertionError, match="a bug"):
        carry_out(plan, Recorder({sql.TakeIfEnough: AssertionError("a bug")}))
    with pytest.raises(RuntimeError, match="cannot reuse"):
        plan.send(None)


def test_giving_up_rolls_back_once_and_the_exit_awaits_nothing_more() -> None:
    async def refuse() -> Outcome:
        async with sql.transaction() as here:
            await here.give_up()
            return Outcome.REFUSED

    world = Recorder({})
    assert carry_out(refuse(), world) is Outcome.REFUSED
    assert world.asked == ["Begin", "Rollback"]


async def guarded(limits: Limits) -> bool:
    async with lease(["lock:a", "lock:b"], limits) as held:
        return held


@pytest.mark.parametrize("abandoned_after", range(4))
def test_a_plan_abandoned_inside_a_lease_does_not_await_on_its_way_out(
    abandoned_after: int,
) -> None:
    answers = {clock.NewId: "me", kv.SetIfAbsent: True, kv.DeleteIfEqual: True}
    plan: Coroutine[Any, Any, bool] = guarded(Limits())
    step = plan.send(None)
    for _ in range(abandoned_after):
        step = plan.send(answers[type(step)])
    plan.close()  # a coroutine that awaits now would raise RuntimeError


def test_a_lease_that_is_not_granted_frees_what_it_had_and_says_no() -> None:
    granted = iter([True, False, False])
    asked: list[Any] = []

    def world(step: Step[Any]) -> Any:
        asked.append(step)
        if isinstance(step, kv.SetIfAbsent):
            return next(granted)
        return "me" if isinstance(step, clock.NewId) else None

    assert carry_out(guarded(Limits(lock_tries=2)), world) is False
    assert kv.DeleteIfEqual("lock:a", "me") in asked
    assert kv.DeleteIfEqual("lock:b", "me") not in asked
