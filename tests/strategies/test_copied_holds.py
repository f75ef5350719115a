"""The copy in the rows: written twice it is the same, and careless workers are caught."""

import pytest

from inventory_core.domain import Cell, Line, Opening, Order, Outcome
from inventory_core.drivers import carry_out
from inventory_core.steps import noted, sql, telling
from inventory_core.strategy import Promise
from inventory_core.strategy.registry import make
from scenarios.model import model_place
from scenarios.proving.cases import CASES
from scenarios.proving.explorer import Bounds
from scenarios.proving.trial import try_out
from scenarios.proving.world import LIMITS
from strategies.redis_then_database import RedisThenDatabase

A = Cell("a")


class ReadsBeforeItLocks(RedisThenDatabase):
    """What it writes may be older than what another worker has written."""

    async def copy(self, note: str) -> bool:
        if note.startswith(telling.ENTRY):
            return await super().copy(note)
        number = note.removeprefix(telling.ORDER)
        stands = await noted.ReadStand(number)
        assert stands is not None
        assert stands.order is not None
        async with sql.transaction():
            before = await sql.Bury(number)
            if before.fresh:
                await sql.RecordOrder(stands.order)
            if before.state.owns_units and not stands.state.owns_units:
                await sql.GiveBack(A, 1)
            if not before.state.owns_units and stands.state.owns_units:
                await sql.TakeIfEnough(A, 1)
            await sql.Settle(number, stands.state)
        return await noted.Copied(note, stands)


class ForgetsInAnyCase(RedisThenDatabase):
    """It takes the note off the list, however the order stands by then."""

    async def copy(self, note: str) -> bool:
        gone = await super().copy(note)
        return gone or await noted.Copied(note)


@pytest.mark.parametrize("kind", [ReadsBeforeItLocks, ForgetsInAnyCase])
def test_a_careless_worker_is_caught(kind: type[RedisThenDatabase]) -> None:
    titles = ("daemons beside buyers, 1 line", "daemons beside two buyers, 1 line")
    found = [try_out(kind(LIMITS), CASES[title], Bounds())[0].breaches for title in titles]
    assert any(Promise.LEAVES_NOTHING_BEHIND in breaches for breaches in found)


def test_a_copy_that_is_made_twice_is_the_same() -> None:
    place, strategy = model_place(), make("redis_then_database")
    perform = place.connect().perform
    carry_out(strategy.load([Opening(A, 5)]), perform)
    assert carry_out(strategy.deduct(Order("1", (Line(A, 2),))), perform) is Outcome.DEDUCTED
    before = place.sql.copy()
    carry_out(strategy.recover(), perform)
    once = place.sql.copy().book()
    assert once != before.book()
    carry_out(strategy.pay("1"), perform)
    carry_out(strategy.roll_back("1"), perform)
    for _ in range(2):
        carry_out(strategy.recover(), perform)
    book = place.sql.book()
    assert book is not None
    assert book.remaining == {A: 5}
