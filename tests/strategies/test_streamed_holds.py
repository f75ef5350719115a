"""Consumers of a stream: an entry may come twice or late, and the row's epoch drops it."""

from contextlib import suppress

import pytest

from inventory_core.domain import Cell, Limits, Line, Opening, Order, Outcome
from inventory_core.drivers import carry_out
from inventory_core.steps import sql, stream
from inventory_core.steps.step import Step
from inventory_core.steps.telling import Stand
from inventory_core.strategy import Promise
from inventory_core.strategy.registry import make
from scenarios.model import model_place
from scenarios.model.place import ModelPlace
from scenarios.proving.cases import CASES
from scenarios.proving.explorer import Bounds
from scenarios.proving.trial import try_out
from scenarios.proving.world import LIMITS
from strategies.redis_stream import RedisStream

A = Cell("a")


class WithoutEpoch(RedisStream):
    """It writes whatever entry it has, however old."""

    def comes_too_late(self, row: sql.StoredOrder, entry: Stand) -> bool:
        return False


class AcknowledgesFirst(RedisStream):
    """It says that an entry is written, and writes it then."""

    async def write(self, change: stream.Change) -> bool:
        await stream.Acknowledge(change.entry_id)
        return await super().write(change)


@pytest.mark.parametrize("kind", [WithoutEpoch, AcknowledgesFirst])
def test_a_careless_consumer_is_caught(kind: type[RedisStream]) -> None:
    titles = [title for title in CASES if "daemons" in title and "1 line" in title]
    found = [try_out(kind(LIMITS), CASES[title], Bounds())[0].breaches for title in titles]
    assert any(Promise.LEAVES_NOTHING_BEHIND in breaches for breaches in found)


class Paused:
    """A consumer that stops before the first statement of its writing, and goes on later."""

    def __init__(self, place: ModelPlace, strategy: RedisStream) -> None:
        self._perform = place.connect().perform
        self._plan = strategy.consume()
        step: Step[object] = self._plan.send(None)
        assert isinstance(step, stream.ReadEntries)
        self._owes: Step[object] = self._plan.send(self._perform(step))

    def goes_on(self) -> None:
        with suppress(StopIteration):
            while True:
                self._owes = self._plan.send(self._perform(self._owes))


@pytest.mark.parametrize("kind,left", [(RedisStream, 3), (WithoutEpoch, 1)])
def test_a_paused_consumer_comes_too_late(kind: type[RedisStream], left: int) -> None:
    place, strategy = model_place(), kind(Limits())
    perform = place.connect().perform
    carry_out(strategy.load([Opening(A, 5)]), perform)
    assert carry_out(strategy.deduct(Order("1", (Line(A, 2),))), perform) is Outcome.DEDUCTED
    paused = Paused(place, strategy)
    assert not carry_out(strategy.consume(), perform), "nobody else has it before the lease ends"
    place.sleep(strategy.limits.lease_ms / 1000)
    assert carry_out(strategy.consume(), perform)
    assert carry_out(strategy.roll_back("1"), perform) is Outcome.ROLLED_BACK
    assert carry_out(strategy.deduct(Order("2", (Line(A, 2),))), perform) is Outcome.DEDUCTED
    carry_out(strategy.recover(), perform)
    paused.goes_on()
    carry_out(strategy.recover(), perform)
    book = place.sql.book()
    assert book is not None
    assert book.remaining == {A: left}


def test_entries_of_one_order_may_be_written_in_any_order() -> None:
    place, strategy = model_place(), make("redis_stream")
    assert isinstance(strategy, RedisStream)
    perform = place.connect().perform
    carry_out(strategy.load([Opening(A, 5)]), perform)
    carry_out(strategy.deduct(Order("1", (Line(A, 2),))), perform)
    first = Paused(place, strategy)  # has "held"
    carry_out(strategy.pay("1"), perform)
    second = Paused(place, strategy)  # has "paid"
    carry_out(strategy.roll_back("1"), perform)
    carry_out(strategy.consume(), perform)
    second.goes_on()
    first.goes_on()
    book = place.sql.book()
    assert book is not None
    assert book.remaining == {A: 5}
    assert perform(stream.ReadEntries(0, 10)).changes == ()
