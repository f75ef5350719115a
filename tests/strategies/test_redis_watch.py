"""An optimistic transaction on keys: what is not watched is sold twice."""

import pytest

from inventory_core.domain import Cell, Limits, Line, Opening, Order, Outcome
from inventory_core.drivers import carry_out
from inventory_core.steps import watched
from inventory_core.strategy import Promise
from scenarios.model import model_place
from scenarios.proving.cases import CASES
from scenarios.proving.explorer import Bounds
from scenarios.proving.trial import try_out
from scenarios.proving.world import LIMITS
from strategies.redis_watch import RedisWatch

A = Cell("a")


class ReadsFirst(RedisWatch):
    """It watches what it has read already."""

    async def deduct(self, order: Order) -> Outcome:
        seen = await watched.ReadOrder(order)
        await watched.Watch(order)
        if seen.answer is not None:
            return seen.answer
        enough = all(units >= 1 for units in seen.units)
        if await watched.BookIfUnchanged(order, seen.now_ms, enough):
            return Outcome.DEDUCTED if enough else Outcome.REFUSED
        return Outcome.CONTENDED


def test_who_watches_too_late_oversells() -> None:
    found = try_out(ReadsFirst(LIMITS), CASES["last unit, 1 line"], Bounds())[0].breaches
    assert Promise.NEVER_OVERSELLS in found


@pytest.mark.parametrize("tries", [1, 2])
def test_who_loses_every_race_is_contended_and_nothing_is_stored(tries: int) -> None:
    place, strategy = model_place(), RedisWatch(Limits(tries=tries))
    mine, other = place.connect().perform, place.connect().perform
    carry_out(strategy.load([Opening(A, 5)]), mine)
    plan = strategy.deduct(Order("1", (Line(A, 2),)))
    step, races = plan.send(None), 0
    told = None
    while told is None:
        answer = mine(step)
        if isinstance(step, watched.ReadOrder):
            races += 1
            carry_out(strategy.adjust(f"{races}", A, 1, "came back"), other)
        try:
            step = plan.send(answer)
        except StopIteration as end:
            told = end.value
    assert (told, races) == (Outcome.CONTENDED, tries)
    book = place.kv.book()
    assert book is not None
    assert (book.remaining, book.orders) == ({A: 5 + tries}, {})
    assert carry_out(strategy.deduct(Order("1", (Line(A, 2),))), mine) is Outcome.DEDUCTED
