"""A caller may go away at any await of a deduction: no transaction stays open, no unit is lost."""

import asyncio
from typing import Any

import psycopg
import pytest

from inventory_core.domain import Cell, Opening, Order, Outcome
from inventory_core.drivers.asynchronous import carry_out
from inventory_core.steps import Plan, Step
from inventory_core.steps.engine import on
from inventory_core.stores.asynchronous import AsyncPool, AsyncSession
from inventory_core.strategy import registry
from scenarios.conformance.shop import breaches, order
from tests.drivers.asynchronous_shop import ENGINE, LIMITS, Stores
from tests.engines import ENGINES

pytestmark = [pytest.mark.live, pytest.mark.slow]

STEPS_MOST = 60
LOCKS = """
    SELECT count(*) FROM pg_locks JOIN pg_class c ON c.oid = relation
    JOIN pg_namespace n ON n.oid = relnamespace WHERE nspname = %s
"""


class Vanishing:
    """Performs steps; at step number `at` its task is cancelled, before or after it is sent."""

    def __init__(self, session: AsyncSession, at: int, *, sent: bool) -> None:
        self._session = session
        self._left = at
        self._sent = sent
        self.gone = False

    async def perform(self, step: Step[Any]) -> Any:
        self._left -= 1
        if self._left == 0:
            self.gone = True
            task = asyncio.current_task()
            assert task is not None
            task.cancel()
            if not self._sent:
                await asyncio.sleep(0)
        return await self._session.perform(step)


async def vanish(pool: AsyncPool, plan: Plan[Any], at: int, *, sent: bool) -> bool:
    """Carry out a plan whose caller goes at that step; says whether it had so many."""
    gone = False

    async def caller() -> None:
        nonlocal gone
        async with pool.session() as session:
            vanishing = Vanishing(session, at, sent=sent)
            try:
                await carry_out(plan, vanishing.perform)
            finally:
                gone = vanishing.gone

    task = asyncio.create_task(caller())
    await asyncio.wait({task})
    assert task.cancelled() or not task.exception()
    return gone


@pytest.mark.parametrize("sent", [False, True])
@pytest.mark.parametrize("name", ENGINES)
def test_a_deduction_cancelled_at_any_await_leaves_whole_units_and_no_transaction(
    name: str, stores: Stores, sent: bool
) -> None:
    strategy = registry.make(name, LIMITS)
    cells = [Opening(Cell("a"), 400), Opening(Cell("b"), 400)]

    async def main() -> int:
        pool = stores.pool(size=1)
        await pool.run(on(ENGINE, strategy.load(cells)))
        number, went_on = 0, True
        while went_on and number < STEPS_MOST:
            number += 1
            basket = order(f"{number}", ("a", 1), ("b", 2))
            went_on = await vanish(pool, on(ENGINE, strategy.deduct(basket)), number, sent=sent)
            after: Outcome = await pool.run(on(ENGINE, strategy.deduct(basket)))
            assert after in (Outcome.DEDUCTED, Outcome.REPLAYED), (number, after)
            assert pool.counts().in_use == 0
            assert locks(stores) == 0
        await settle(pool, strategy)
        await pool.close()
        return number

    awaits = asyncio.run(main())
    assert 1 < awaits < STEPS_MOST
    books = stores.audit().books
    assert books
    for book in books:
        assert not breaches(book)
    assert min(books[0].remaining.values()) == 400 - 2 * awaits


def locks(stores: Stores) -> int:
    """How many locks anybody holds on our tables: none, when no transaction is open."""
    with psycopg.connect(stores.sql_url) as connection:
        row = connection.execute(LOCKS.encode(), [stores.schema]).fetchone()
    assert row is not None
    found: int = row[0]
    return found


async def settle(pool: AsyncPool, strategy: Any) -> None:
    await pool.run(on(ENGINE, strategy.recover()))
    for daemon in strategy.daemons():
        while await pool.run(on(ENGINE, daemon.turn())):
            pass


def test_a_cancelled_transaction_frees_its_locks_at_once(stores: Stores) -> None:
    strategy = registry.make("conditional_update", LIMITS)
    last: Order = order("last", ("a", 1))

    async def main() -> Outcome:
        pool = stores.pool(size=2)
        await pool.run(on(ENGINE, strategy.load([Opening(Cell("a"), 1)])))
        # It has taken the last unit, and goes before it commits.
        assert await vanish(
            pool, on(ENGINE, strategy.deduct(order("gone", ("a", 1)))), 4, sent=False
        )
        assert pool.counts().mending == 1
        outcome: Outcome = await pool.run(on(ENGINE, strategy.deduct(last)))
        assert pool.counts().mended == 1
        await pool.close()
        return outcome

    assert asyncio.run(main()) is Outcome.DEDUCTED
