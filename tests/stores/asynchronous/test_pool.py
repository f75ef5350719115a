"""A crowd before few sessions: exact units, a bounded queue, nothing lost, a quiet end."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from inventory_core.domain import Cell, Opening, Outcome
from inventory_core.steps import ConnectionLost, Step, clock, kv, sql
from inventory_core.steps.engine import OnEngine, on
from inventory_core.stores.asynchronous import AsyncPool, Busy
from inventory_core.strategy import registry
from scenarios.conformance.shop import breaches, order
from tests.drivers.asynchronous_shop import ENGINE, LIMITS, Stores

pytestmark = pytest.mark.live


@asynccontextmanager
async def pool_of(stores: Stores, size: int = 8, **queue: Any) -> AsyncIterator[AsyncPool]:
    pool = stores.pool(size, **queue)
    try:
        yield pool
    finally:
        await pool.close()
    assert pool.counts().in_use == 0


async def sleeping(seconds: float) -> None:
    await clock.Sleep(seconds)


@pytest.mark.slow
@pytest.mark.parametrize("name", ["conditional_update", "row_lock", "redis_script"])
def test_two_hundred_buyers_of_fifty_units_get_exactly_fifty(name: str, stores: Stores) -> None:
    strategy = registry.make(name, LIMITS)

    async def main() -> Counter[Outcome]:
        async with pool_of(stores, 8) as pool:
            await pool.run(on(ENGINE, strategy.load([Opening(Cell("a"), 50)])))
            buyers = [strategy.deduct(order(f"{n}", ("a", 1))) for n in range(200)]
            answers = await asyncio.gather(*[pool.run(on(ENGINE, each)) for each in buyers])
            assert pool.counts().size == 8
            return Counter(answers)

    assert asyncio.run(main()) == {Outcome.DEDUCTED: 50, Outcome.REFUSED: 150}
    (book,) = stores.audit().books
    assert not breaches(book)
    assert book.remaining == {Cell("a"): 0}


def test_sessions_connect_only_when_they_are_wanted(stores: Stores) -> None:
    async def main() -> None:
        async with pool_of(stores) as pool:
            assert pool.counts().size == 0
            for _ in range(3):
                await pool.run(sleeping(0))
            assert pool.counts().size == 1

    asyncio.run(main())


def test_beyond_the_queue_a_plan_is_told_that_the_pool_is_busy_and_never_begins(
    stores: Stores,
) -> None:
    async def main() -> None:
        async with pool_of(stores, 1, queue_most=1) as pool, pool.session():
            second = asyncio.create_task(pool.run(sleeping(0)))
            await asyncio.sleep(0)
            assert pool.counts().waiting == 1
            with pytest.raises(Busy, match="the queue is full") as busy:
                await pool.run(sleeping(0))
            assert busy.value.retry_after_s >= 1
            assert pool.counts().refused == 1
            second.cancel()
            await asyncio.wait({second})
            assert pool.counts().waiting == 0

    asyncio.run(main())


def test_who_has_waited_long_enough_is_told_that_the_pool_is_busy(stores: Stores) -> None:
    async def main() -> None:
        async with pool_of(stores, 1, wait_most_s=0.02) as pool:
            async with pool.session():
                with pytest.raises(Busy, match=r"taken for 0\.02 s"):
                    await pool.run(sleeping(0))
                assert pool.counts().waiting == 0
            await pool.run(sleeping(0))

    asyncio.run(main())


def test_first_come_first_served(stores: Stores) -> None:
    served: list[int] = []

    async def visit(pool: AsyncPool, number: int) -> None:
        async with pool.session():
            served.append(number)
            await asyncio.sleep(0)

    async def main() -> None:
        async with pool_of(stores, 1) as pool:
            await asyncio.gather(*[visit(pool, number) for number in range(20)])

    asyncio.run(main())
    assert served == sorted(served)


def test_who_goes_in_the_moment_of_being_served_takes_no_session_with_them(
    stores: Stores,
) -> None:
    async def main() -> None:
        async with pool_of(stores, 1) as pool:
            async with pool.session():
                waiting = asyncio.create_task(pool.run(sleeping(0)))
                await asyncio.sleep(0)
            waiting.cancel()  # the session is theirs already, but they have not seen it
            await asyncio.wait({waiting})
            assert waiting.cancelled()
            assert pool.counts().in_use == 0
            await pool.run(sleeping(0))

    asyncio.run(main())


def test_closing_waits_for_those_inside_and_lets_nobody_new_in(stores: Stores) -> None:
    async def main() -> None:
        pool = stores.pool(2)
        inside = asyncio.create_task(pool.run(sleeping(0.05)))
        await asyncio.sleep(0.01)
        closing = asyncio.create_task(pool.close())
        await asyncio.sleep(0)
        with pytest.raises(Busy, match="stopping"):
            await pool.run(sleeping(0))
        await closing
        assert inside.done()
        assert inside.exception() is None

    asyncio.run(main())


def test_closing_does_not_wait_for_ever(stores: Stores) -> None:
    async def plan() -> Any:
        await clock.Sleep(0.1)
        return await sql.ReadCell(Cell("a"))

    async def main() -> None:
        pool = stores.pool(1)
        inside = asyncio.create_task(pool.run(plan()))
        behind = asyncio.create_task(pool.run(plan()))
        await asyncio.sleep(0.05)
        await pool.close(within_s=0.0)
        await asyncio.wait({inside, behind})
        assert isinstance(inside.exception(), ConnectionLost)
        assert isinstance(behind.exception(), Busy)

    asyncio.run(main())


def test_engines_share_rows_and_have_keys_of_their_own(stores: Stores) -> None:
    other = Stores(stores.rows, stores.keys, (ENGINE, "other"))

    async def plan() -> list[tuple[int, ...]]:
        await OnEngine(ENGINE, kv.OpenCells((Opening(Cell("a"), 5),)))
        await OnEngine(ENGINE, sql.OpenCells((Opening(Cell("b"), 7),)))
        keys = [await OnEngine(name, kv.ReadCells((Cell("a"),))) for name in other.engines]
        rows = [await OnEngine(name, sql.ReadCells((Cell("b"),))) for name in other.engines]
        return [*keys, *rows]

    async def main() -> None:
        async with pool_of(other, 1) as pool:
            assert await pool.run(plan()) == [(5,), (0,), (7,), (7,)]

    asyncio.run(main())


@pytest.mark.parametrize(
    "step, why",
    [
        (OnEngine("nobody", kv.ReadCells((Cell("a"),))), "no store of this session performs"),
        (kv.ReadCells((Cell("a"),)), "no store of this session performs ReadCells"),
    ],
)
def test_what_no_store_performs_is_a_bug(stores: Stores, step: Step[Any], why: str) -> None:
    async def plan() -> None:
        await step

    async def main() -> None:
        async with pool_of(stores, 1) as pool:
            with pytest.raises(AssertionError, match=why):
                await pool.run(plan())

    asyncio.run(main())


def test_a_plan_that_leaves_a_transaction_open_is_mended_before_the_next(stores: Stores) -> None:
    async def careless() -> None:
        await sql.Begin()
        await sql.OpenCells((Opening(Cell("a"), 5),))

    async def look() -> int:
        return (await sql.ReadCells((Cell("a"),)))[0]

    async def main() -> None:
        async with pool_of(stores, 1) as pool:
            await pool.run(careless())
            assert await pool.run(look()) == 0
            assert pool.counts().mended == 1

    asyncio.run(main())
