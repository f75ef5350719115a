"""Servers that die, come back, want a password, say nothing: as an event loop meets them."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from urllib.parse import quote

import pytest
import redis

from inventory_core.domain import Cell, Limits, Opening, Outcome
from inventory_core.steps import ConnectionLost, Plan, kv, sql
from inventory_core.steps.engine import on
from inventory_core.stores.asynchronous import AsyncPool
from inventory_core.stores.embedded import EmbeddedPostgresql, EmbeddedValkey
from inventory_core.stores.kv import RedisStore
from inventory_core.stores.kv.asynchronous import AsyncRedisConnection, AsyncRedisPart
from inventory_core.stores.sql import PostgresqlStore
from inventory_core.stores.sql.asynchronous import AsyncPostgresqlPart
from inventory_core.stores.sql.schema import Schema
from inventory_core.strategy import registry
from scenarios.conformance.shop import order
from tests.drivers.asynchronous_shop import ENGINE, LIMITS, Stores

pytestmark = [pytest.mark.live, pytest.mark.slow]

A = Cell("a")
PASSWORD = "only for tests"
STRATEGIES = {"rows": "conditional_update", "keys": "redis_script"}


@pytest.fixture(scope="module")
def postgresql() -> Iterator[EmbeddedPostgresql]:
    """A private PostgreSQL that tests may kill."""
    with EmbeddedPostgresql() as running:
        yield running


@pytest.fixture(scope="module")
def valkey() -> Iterator[EmbeddedValkey]:
    """A private Valkey that tests may kill."""
    with EmbeddedValkey() as running:
        yield running


@pytest.fixture
def places(postgresql: EmbeddedPostgresql, valkey: EmbeddedValkey) -> Iterator[Stores]:
    """Empty stores on servers of their own."""
    made = Stores(
        PostgresqlStore(postgresql.url, "trouble"), RedisStore(valkey.url, f"trouble:{ENGINE}:")
    )
    made.rows.create()
    made.keys.create()
    yield made
    made.rows.remove()
    made.keys.remove()
    made.keys.close()


def crowd(pool: AsyncPool, name: str, first: int) -> list[asyncio.Task[Outcome]]:
    deduct = registry.make(name, LIMITS).deduct
    plans: list[Plan[Outcome]] = [deduct(order(f"{n}", ("a", 1))) for n in range(first, first + 40)]
    return [asyncio.create_task(pool.run(on(ENGINE, plan))) for plan in plans]


# `on` has not begun when no session is to be had, nor has the plan that it was given.
@pytest.mark.filterwarnings("ignore:coroutine .* was never awaited")
@pytest.mark.parametrize("store", ["rows", "keys"])
def test_a_server_killed_under_load_is_lost_and_serves_again_once_it_is_back(
    store: str, places: Stores, postgresql: EmbeddedPostgresql, valkey: EmbeddedValkey
) -> None:
    server = postgresql if store == "rows" else valkey
    name = STRATEGIES[store]

    async def main() -> None:
        pool = places.pool(4)
        await pool.run(on(ENGINE, registry.make(name, LIMITS).load([Opening(A, 1_000)])))
        before = crowd(pool, name, 0)
        await asyncio.wait(before, return_when=asyncio.FIRST_COMPLETED)
        await asyncio.to_thread(server.kill)
        await asyncio.wait(before)
        kinds = {type(each.exception()) for each in before}
        assert kinds <= {type(None), ConnectionLost}
        with pytest.raises(ConnectionLost):
            await pool.run(on(ENGINE, registry.make(name, LIMITS).read([A])))
        await asyncio.to_thread(server.restart)
        again = await asyncio.gather(*crowd(pool, name, 0))  # the clients retry with their numbers
        assert set(again) <= {Outcome.DEDUCTED, Outcome.REPLAYED}
        assert pool.counts().in_use == 0
        await pool.close()
        for each, outcome in zip(before, again, strict=True):
            if each.exception() is None and store == "rows":  # an answer given is an answer kept
                assert outcome is Outcome.REPLAYED

    asyncio.run(main())
    (book,) = places.audit().books
    assert book.remaining == {A: 1_000 - 40}


async def connected(places: Stores) -> AsyncPostgresqlPart:
    part = AsyncPostgresqlPart(Schema(places.sql_url, places.schema), Limits())
    await part.reset()
    return part


def test_a_server_that_never_answers_is_given_up(places: Stores) -> None:
    async def main() -> None:
        holder = await connected(places)
        waiting = await connected(places)
        await holder.handlers[sql.OpenCells](sql.OpenCells((Opening(A, 5),)))
        await holder.handlers[sql.Begin](sql.Begin())
        await holder.handlers[sql.TakeIfEnough](sql.TakeIfEnough(A, 1))
        waiting._patience.stop()
        waiting._patience.most_s = 0.03  # a lock stands for the dead server
        with pytest.raises(ConnectionLost):
            await waiting.handlers[sql.TakeIfEnough](sql.TakeIfEnough(A, 1))
        assert not waiting.at_rest
        await holder.reset()
        waiting._patience.most_s = 10.0
        await waiting.reset()
        assert await waiting.handlers[sql.ReadCells](sql.ReadCells((A,))) in ((5,), (4,))
        holder.close()
        waiting.close()

    asyncio.run(main())


def test_an_idle_connection_notices_that_the_server_has_gone(
    places: Stores, postgresql: EmbeddedPostgresql
) -> None:
    async def main() -> None:
        part = await connected(places)
        await asyncio.to_thread(postgresql.kill)
        for _ in range(1_000):
            if not part.at_rest:
                break
            await asyncio.sleep(0.005)
        assert not part.at_rest
        with pytest.raises(ConnectionLost):
            await part.handlers[sql.ReadCells](sql.ReadCells((A,)))
        with pytest.raises(ConnectionLost):
            await part.reset()
        await asyncio.to_thread(postgresql.restart)
        await part.reset()
        assert part.at_rest
        part.close()

    asyncio.run(main())


def test_connecting_does_not_hold_the_loop_up_and_can_be_cancelled(places: Stores) -> None:
    async def main() -> None:
        part = AsyncPostgresqlPart(Schema(places.sql_url, places.schema), Limits())
        connecting = asyncio.create_task(part.reset())
        await asyncio.sleep(0)
        connecting.cancel()
        await asyncio.wait({connecting})
        assert connecting.cancelled()
        assert not part.at_rest
        await part.reset()
        assert part.at_rest
        part.close()

    asyncio.run(main())


def test_a_statement_larger_than_the_sockets_buffers_goes_out_and_comes_back(
    places: Stores,
) -> None:
    cells = tuple(Cell(f"{n:06}" + "x" * 100) for n in range(30_000))

    async def main() -> None:
        part = await connected(places)
        await part.handlers[sql.OpenCells](sql.OpenCells(tuple(Opening(c, 2) for c in cells)))
        assert await part.handlers[sql.ReadCells](sql.ReadCells(cells)) == (2,) * len(cells)
        assert part.at_rest
        part.close()

    asyncio.run(main())


# ------------------------------------------------------------------------------------------ keys


async def ask_once(url: str, step: kv.Script[object]) -> object:
    connection = AsyncRedisConnection(url, Limits(lock_wait_s=1.0))
    part = AsyncRedisPart(connection, "p:")
    try:
        await part.reset()
        assert part.at_rest
        return await part.handlers[kv.Script](step)
    finally:
        connection.close()


@pytest.fixture
def guarded(valkey: EmbeddedValkey) -> Iterator[EmbeddedValkey]:
    """The server with a password."""
    admin = redis.Redis.from_url(valkey.url)
    admin.config_set("requirepass", PASSWORD)
    yield valkey
    admin.config_set("requirepass", "")
    admin.close()


def test_password_database_and_socket_go_by_url(guarded: EmbeddedValkey) -> None:
    for url in (
        f"unix://:{quote(PASSWORD)}@{guarded.socket_path}?db=1",
        f"redis://default:{quote(PASSWORD)}@127.0.0.1:{guarded.port}/1",
    ):
        asyncio.run(ask_once(url, kv.OpenCells((Opening(A, 5),))))
    client = redis.Redis.from_url(guarded.url.replace("/0", "/1"), password=PASSWORD)
    assert len(client.keys("p:cell:*")) == 1  # both opened the same
    client.flushdb()
    client.close()


def test_who_is_not_let_in_has_no_connection(guarded: EmbeddedValkey) -> None:
    for url in (guarded.url, guarded.url.replace("//", "//:guessed@")):
        with pytest.raises(ConnectionLost) as lost:
            asyncio.run(ask_once(url, kv.ReadJournal()))
        assert "guessed" not in str(lost.value)


def test_a_server_that_is_not_there_is_a_lost_connection() -> None:
    with pytest.raises(ConnectionLost):
        asyncio.run(ask_once("redis://127.0.0.1:1/0", kv.ReadJournal()))


def test_a_plain_server_asked_for_tls_is_a_lost_connection(valkey: EmbeddedValkey) -> None:
    url = valkey.url.replace("redis://", "rediss://") + "?socket_connect_timeout=1"
    with pytest.raises(ConnectionLost):
        asyncio.run(ask_once(url, kv.ReadJournal()))


def test_scripts_that_the_server_forgot_are_loaded_again(valkey: EmbeddedValkey) -> None:
    admin = redis.Redis.from_url(valkey.url)
    admin.script_flush()
    admin.close()
    assert asyncio.run(ask_once(valkey.url, kv.ReadJournal())) == ()


def test_a_redis_that_never_answers_is_given_up(valkey: EmbeddedValkey) -> None:
    admin = redis.Redis.from_url(valkey.url)
    url = f"{valkey.url}?socket_timeout=0.05"

    async def main() -> None:
        connection = AsyncRedisConnection(url, Limits())
        await connection.connect()
        admin.client_pause(400)
        with pytest.raises(ConnectionLost):
            await AsyncRedisPart(connection, "p:").handlers[kv.Script](kv.ReadJournal())
        assert not connection.connected

    try:
        asyncio.run(main())
    finally:
        admin.client_unpause()
        admin.close()


def test_many_share_a_socket_and_one_who_leaves_harms_nobody(valkey: EmbeddedValkey) -> None:
    async def main() -> None:
        connection = AsyncRedisConnection(valkey.url, Limits())
        await connection.connect()
        asking = [asyncio.create_task(connection.ask(("ECHO", f"{n}"))) for n in range(100)]
        await asyncio.sleep(0)
        asking[7].cancel()
        answers = await asyncio.gather(*asking, return_exceptions=True)
        assert isinstance(answers.pop(7), asyncio.CancelledError)
        assert answers == [f"{n}" for n in range(100) if n != 7]
        connection.close()

    asyncio.run(main())
