"""The asynchronous driver: as the blocking one, and a cancelled task closes its plan."""

import asyncio
from typing import Any

import pytest

from inventory_core.domain import Cell, Outcome
from inventory_core.drivers.asynchronous import carry_out
from inventory_core.steps import ConnectionLost, Deadlock, Plan, Step, sql


class Recorder:
    """Performs steps from a table of answers, and remembers what it was asked."""

    def __init__(self, answers: dict[type[Step[Any]], Any]) -> None:
        self.answers = answers
        self.asked: list[str] = []

    async def __call__(self, step: Step[Any]) -> Any:
        self.asked.append(type(step).__name__)
        answer = self.answers.get(type(step))
        await asyncio.sleep(0)
        if isinstance(answer, BaseException):
            raise answer
        return answer


async def take() -> Outcome:
    async with sql.transaction():
        if not await sql.TakeIfEnough(Cell("a"), 1):
            return Outcome.REFUSED
    return Outcome.DEDUCTED


def run(plan: Plan[Any], world: Recorder) -> Any:
    return asyncio.run(carry_out(plan, world))


def test_the_answer_of_a_step_goes_to_the_await_that_asked() -> None:
    world = Recorder({sql.TakeIfEnough: True})
    assert run(take(), world) is Outcome.DEDUCTED
    assert world.asked == ["Begin", "TakeIfEnough", "Commit"]


def test_a_step_error_rolls_the_transaction_back_and_comes_out() -> None:
    world = Recorder({sql.TakeIfEnough: Deadlock()})
    with pytest.raises(Deadlock):
        run(take(), world)
    assert world.asked == ["Begin", "TakeIfEnough", "Rollback"]


def test_a_lost_connection_is_not_asked_to_roll_back() -> None:
    world = Recorder({sql.TakeIfEnough: ConnectionLost()})
    with pytest.raises(ConnectionLost):
        run(take(), world)
    assert world.asked == ["Begin", "TakeIfEnough"]


def test_a_plan_may_catch_a_step_error_and_go_on() -> None:
    async def again() -> str:
        for _ in range(2):
            try:
                await sql.Commit()
            except Deadlock:
                continue
        return "gave up"

    assert run(again(), Recorder({sql.Commit: Deadlock()})) == "gave up"


def test_a_bug_is_never_caught_and_the_plan_is_closed() -> None:
    plan = take()
    with pytest.raises(AssertionError, match="a bug"):
        run(plan, Recorder({sql.TakeIfEnough: AssertionError("a bug")}))
    with pytest.raises(RuntimeError, match="cannot reuse"):
        plan.send(None)


def test_two_plans_take_turns() -> None:
    world = Recorder({sql.TakeIfEnough: True})

    async def both() -> None:
        await asyncio.gather(carry_out(take(), world), carry_out(take(), world))

    asyncio.run(both())
    assert world.asked == ["Begin", "Begin", "TakeIfEnough", "TakeIfEnough", "Commit", "Commit"]


@pytest.mark.parametrize("steps", [1, 2, 3])
def test_a_cancelled_task_closes_its_plan_which_awaits_nothing_more(steps: int) -> None:
    world = Recorder({sql.TakeIfEnough: True})
    plan = take()

    async def cancelled() -> None:
        task = asyncio.create_task(carry_out(plan, world))
        for _ in range(steps):
            await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(cancelled())
    assert world.asked == ["Begin", "TakeIfEnough", "Commit"][:steps]
    with pytest.raises(RuntimeError, match="cannot reuse"):
        plan.send(None)


def test_a_plan_that_awaits_on_its_way_out_is_found_out() -> None:
    async def stubborn() -> None:
        try:
            await sql.Begin()
        finally:
            await sql.Rollback()  # a dead client does not say goodbye

    async def cancelled() -> None:
        task = asyncio.create_task(carry_out(stubborn(), Recorder({})))
        await asyncio.sleep(0)
        task.cancel()
        await task

    with pytest.raises(RuntimeError, match="ignored GeneratorExit"):
        asyncio.run(cancelled())
