"""What is late again and again is set aside, holds up nobody, and is tried again by hand: once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest

from inventory_core.domain import Cell, Limits, Line, Opening, Order, Outcome
from inventory_core.drivers import carry_out
from inventory_core.problems import Problem
from inventory_core.records.engines import Message
from inventory_core.steps import rows, sql
from inventory_core.steps.errors import ConstraintBroken
from inventory_core.strategy import Strategy, registry
from inventory_core.sync.workers import aside
from inventory_core.sync.workers.queues import REFUSED, UNITS, Piece, Queue, Tasks, Turn, queue_of
from inventory_core.sync.workers.tries import Tries
from scenarios.model import model_place
from strategies.redis_with_task import RedisWithTask

A, B = Cell("a"), Cell("b")
TASKED = ["redis_with_task", "counted_then_merged"]
COPIED = ["redis_then_database", "redis_stream"]
LIMITS = Limits(batch=2)


@dataclass
class Shop:
    """An engine on the model with 5 of a and 5 of b, and its queue."""

    name: str
    strategy: Strategy

    def __post_init__(self) -> None:
        self.place = model_place()
        self.perform = self.place.connect().perform
        self.queue: Queue = queue_of(self.name, self.strategy)
        self.do(self.strategy.load([Opening(A, 5), Opening(B, 5)]))

    def do(self, plan: Any) -> Any:
        return carry_out(plan, self.perform)

    def buys(self, number: str, cell: Cell, units: int = 1) -> None:
        order = Order(number, (Line(cell, units),))
        assert self.do(self.strategy.deduct(order)) is Outcome.DEDUCTED

    def turn(self) -> Turn:
        """A turn, later: entries of a stream are handed out again after the lease."""
        self.place.sleep(self.strategy.limits.lease_ms / 1_000)
        turn: Turn = self.do(self.queue.turn())
        return turn

    def set_aside(self, piece: Piece) -> bool:
        return bool(self.do(aside.set_aside(self.queue, self.name, piece)))

    def aside(self) -> list[str]:
        return [one.message_key for one in self.do(aside.set_aside_of(self.name, 100))]

    def retry(self, *keys: str) -> tuple[int, int]:
        done: tuple[int, int] = self.do(aside.retry(self.queue, self.name, keys))
        return done

    def row(self, cell: Cell) -> int:
        """The counter row."""
        return int(self.perform(sql.ReadCells((cell,)))[0])

    def lose(self, cell: Cell, units: int) -> None:
        """Somebody has changed the row past everybody, so what is late stays late."""
        assert self.perform(sql.TakeIfEnough(cell, units))


@pytest.fixture(params=TASKED + COPIED)
def shop(request: pytest.FixtureRequest) -> Shop:
    return Shop(request.param, registry.make(request.param, LIMITS))


def test_what_is_late_is_told_with_its_reason_and_the_others_go_on(shop: Shop) -> None:
    shop.lose(A, 5)
    shop.buys("1", A)
    shop.buys("2", B)
    turn = shop.turn()
    assert (turn.done, [piece.why for piece in turn.late]) == (1, [UNITS])
    assert (shop.row(A), shop.row(B)) == (0, 4)


def test_it_is_set_aside_once_and_tried_again_when_somebody_says_so(shop: Shop) -> None:
    shop.lose(A, 5)
    shop.buys("1", A, 2)
    (piece,) = shop.turn().late
    assert shop.set_aside(piece)
    assert len(shop.aside()) == 1
    assert shop.turn() == Turn(0)
    if shop.name in COPIED:
        assert shop.retry() == (0, 1)  # its units are still not there
    shop.perform(sql.GiveBack(A, 5))
    assert shop.retry() == (1, 0)
    assert shop.aside() == []
    shop.turn()
    assert shop.row(A) == 3
    assert shop.retry() == (0, 0)
    shop.turn()
    assert shop.row(A) == 3


@pytest.mark.parametrize("name", TASKED)
def test_a_crowd_of_late_tasks_blocks_the_others_only_until_it_is_aside(name: str) -> None:
    shop = Shop(name, registry.make(name, LIMITS))
    shop.lose(A, 5)
    for number in range(3):  # more than a batch of them
        shop.buys(str(number), A)
    shop.buys("good", B)
    assert shop.turn().done == 0
    for _ in range(2):
        for piece in shop.turn().late:
            shop.set_aside(piece)
    shop.turn()
    assert (len(shop.aside()), shop.row(B)) == (3, 4)


def test_a_task_that_somebody_has_applied_meanwhile_is_not_set_aside() -> None:
    shop = Shop("redis_with_task", registry.make("redis_with_task", LIMITS))
    assert applied_after(shop, shop.queue) == 3


def test_a_careless_one_sets_aside_what_is_done_and_has_it_done_twice() -> None:
    class Careless(Tasks):
        async def set_aside(self, piece: Piece, message: Message) -> bool:
            async with sql.transaction():
                await sql.FinishTask(int(piece.key))
                body = (A.sku, A.place, -2)
                await rows.Insert(Message(message.queue, message.message_key, message.at_ms, body))
            return True

    strategy = RedisWithTask(LIMITS)
    shop = Shop("redis_with_task", strategy)
    assert applied_after(shop, Careless(strategy)) == 1


def applied_after(shop: Shop, queue: Queue) -> int:
    """The row, when another applies a task between its being late and being set aside."""
    shop.lose(A, 5)
    shop.buys("1", A, 2)
    (piece,) = shop.turn().late
    shop.perform(sql.GiveBack(A, 5))
    assert shop.turn().done == 1
    shop.do(aside.set_aside(queue, shop.name, piece))
    shop.do(aside.retry(queue, shop.name))
    shop.turn()
    return shop.row(A)


class Refuses(RedisWithTask):
    """Its database refuses whatever is written to a."""

    async def _apply(self, task: sql.Task) -> bool:
        if task.cell == A:
            raise ConstraintBroken
        return await super()._apply(task)


def test_a_task_that_the_database_refuses_is_found_in_its_batch() -> None:
    shop = Shop("redis_with_task", Refuses(Limits(batch=10)))
    for number, cell in enumerate([B, A, B]):
        shop.buys(str(number), cell)
    assert shop.turn() == Turn(1)  # the oldest alone
    turn = shop.turn()
    assert (turn.done, [piece.why for piece in turn.late]) == (0, [REFUSED])
    assert shop.set_aside(turn.late[0])
    assert shop.turn() == Turn(1)
    assert shop.row(B) == 3


def test_a_key_that_is_not_aside_is_a_problem(shop: Shop) -> None:
    with pytest.raises(Problem, match="is not aside"):
        shop.retry("nothing")


def test_an_engine_without_a_worker_is_a_problem() -> None:
    with pytest.raises(Problem, match="leaves nothing for a worker"):
        queue_of("row_lock", registry.make("row_lock"))


@pytest.fixture
def clock() -> Callable[[float], Any]:
    now = [0.0]

    def tick(seconds: float = 0.0) -> float:
        now[0] += seconds
        return now[0]

    return tick


def test_tries_are_over_when_they_were_enough_for_long_enough(
    clock: Callable[[float], Any],
) -> None:
    tries = Tries(3, 10.0, 2, clock=lambda: clock(0.0))
    assert [tries.are_over("a") for _ in range(5)] == [False] * 5
    clock(10.0)
    assert tries.are_over("a")
    tries.are_over("b")
    tries.are_over("c")  # the third is too many: "a" is forgotten
    assert not tries.are_over("a")
