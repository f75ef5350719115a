"""TLS that is verified, and refused in a sentence where it is not; sentinels that are followed."""

from __future__ import annotations

import asyncio
import secrets
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import psycopg
import pytest

from inventory_core.domain import Cell, Limits, Line, Opening, Order, Outcome
from inventory_core.drivers import carry_out
from inventory_core.problems import Problem
from inventory_core.steps.errors import StepError
from inventory_core.steps.relay import relayed
from inventory_core.stores.asynchronous.session import AsyncSession
from inventory_core.stores.databases import row_store
from inventory_core.stores.kv import RedisPart, RedisStore, leader_of, tagged
from inventory_core.stores.kv.asynchronous import AsyncRedisConnection, AsyncRedisPart
from inventory_core.stores.mariadb import address as mariadb_address
from inventory_core.stores.servers import Servers, Settings
from inventory_core.stores.session import Session
from inventory_core.stores.stacks import find_stack
from inventory_core.strategy import registry
from scenarios.measuring.campaign import measure
from scenarios.scenario import load_scenario
from tests.stores.secure_servers import (
    Certificates,
    SecureMariadb,
    SecurePostgresql,
    SecureRedis,
    certificates,
    master_seen_by,
    watched,
)

pytestmark = [pytest.mark.live, pytest.mark.slow]
LAMP = Cell("lamp")
WORD = "hush-hush"
WITHIN_S = 30.0


@pytest.fixture(scope="module")
def made() -> Iterator[Certificates]:
    with certificates() as found:
        yield found


@pytest.fixture(scope="module")
def secure_redis(made: Certificates) -> Iterator[SecureRedis]:
    with SecureRedis(made) as server:
        yield server


@pytest.fixture(scope="module")
def secure_postgresql(made: Certificates) -> Iterator[SecurePostgresql]:
    with SecurePostgresql(made, 20_000 + secrets.randbelow(12_000)) as server:
        with psycopg.connect(server.url, autocommit=True) as connection:
            connection.execute(f"CREATE ROLE app LOGIN SUPERUSER PASSWORD '{WORD}'")
        yield server


@pytest.fixture(scope="module")
def secure_mariadb(made: Certificates) -> Iterator[SecureMariadb]:
    with SecureMariadb(made, 20_000 + secrets.randbelow(12_000)) as server:
        with mariadb_address.connect(server.url) as connection, connection.cursor() as cursor:
            cursor.execute(f"CREATE USER app IDENTIFIED BY '{WORD}'")
            cursor.execute("GRANT ALL ON *.* TO app")
        yield server


def sells_one(settings: Settings, stack: str, strategy: str) -> Outcome:
    """Sell one of two lamps on a stack; everything that was made is removed again."""
    with Servers(settings) as servers, servers.open(find_stack(stack)) as place:
        session = place.connect()
        try:
            kind = registry.make(strategy)
            carry_out(kind.load([Opening(LAMP, 2)]), session.perform)
            order = Order("o-1", (Line(LAMP, 1),), "ann")
            return carry_out(kind.deduct(order), session.perform)
        finally:
            session.close()


def test_a_redis_is_reached_over_tls_with_its_certificate_verified(
    secure_redis: SecureRedis, made: Certificates
) -> None:
    url = f"rediss://localhost:{secure_redis.port}/0?ssl_ca_certs={made.authority}"
    assert sells_one(Settings(redis_url=url), "redis", "redis_script") is Outcome.DEDUCTED


def test_a_redis_whose_certificate_is_not_trusted_is_refused(
    secure_redis: SecureRedis, made: Certificates
) -> None:
    for query in ("", f"?ssl_ca_certs={made.other}"):
        url = f"rediss://:{WORD}@localhost:{secure_redis.port}/0{query}"
        assert "certificate that is not trusted" in refused(RedisStore(url, "x:").fingerprint)


def test_a_redis_that_wants_tls_is_not_reached_without(secure_redis: SecureRedis) -> None:
    url = f"redis://:{WORD}@localhost:{secure_redis.port}/0"
    assert "if it wants TLS, write rediss://" in refused(RedisStore(url, "x:").fingerprint)


def test_a_postgresql_is_reached_over_tls_with_its_certificate_verified(
    secure_postgresql: SecurePostgresql, made: Certificates
) -> None:
    where = f"app:{WORD}@localhost:{secure_postgresql.port}/postgres"
    url = f"postgresql://{where}?sslmode=verify-full&sslrootcert={made.authority}"
    assert sells_one(Settings(url), "postgresql", "row_lock") is Outcome.DEDUCTED


@pytest.mark.parametrize(
    "word, query, sentence",
    [
        (WORD, "sslmode=verify-full&sslrootcert={other}", "does not speak TLS as asked"),
        (WORD, "sslmode=verify-full&sslrootcert=/gone.pem", "does not speak TLS as asked"),
        (WORD, "sslmode=disable", "wants TLS"),
        ("wrong", "sslmode=require", "check user, password and database"),
    ],
)
def test_a_postgresql_is_not_reached_otherwise(
    word: str,
    query: str,
    sentence: str,
    secure_postgresql: SecurePostgresql,
    made: Certificates,
) -> None:
    asked = query.format(other=made.other)
    url = f"postgresql://app:{word}@localhost:{secure_postgresql.port}/postgres?{asked}"
    assert sentence in refused(row_store(url, "x").fingerprint)


@pytest.mark.parametrize("query", ["?ssl_ca={authority}", "?ssl=required", ""])
def test_a_mariadb_is_reached_over_tls_verified_if_its_authority_is_named(
    query: str, secure_mariadb: SecureMariadb, made: Certificates
) -> None:
    asked = query.format(authority=made.authority)
    url = f"mysql://app:{WORD}@localhost:{secure_mariadb.port}/{asked}"
    assert sells_one(Settings(url), "mariadb", "row_lock") is Outcome.DEDUCTED


def test_many_buyers_reach_a_mariadb_over_tls_from_one_thread(
    secure_mariadb: SecureMariadb, made: Certificates, tmp_path: Path
) -> None:
    url = f"mysql://app:{WORD}@localhost:{secure_mariadb.port}/?ssl_ca={made.authority}"
    sets = ["demand.driver='multiplexed'", "demand.processes=1", "demand.pool=4"]
    scenario = load_scenario("flash_sale", [*sets, "demand.connections=16"])
    found = measure(
        scenario, ["row_lock"], seconds=0.3, repetitions=1, out=tmp_path, settings=Settings(url)
    )
    assert [(row["stack"], row["verdict"]) for row in found.rows] == [("mariadb", "holds")]


@pytest.mark.parametrize(
    "query, sentence",
    [
        ("?ssl_ca={other}", "certificate that is not trusted"),
        ("?ssl_ca=/gone.pem", "names a file that is not there"),
    ],
)
def test_a_mariadb_is_not_reached_otherwise(
    query: str, sentence: str, secure_mariadb: SecureMariadb, made: Certificates
) -> None:
    asked = query.format(other=made.other)
    url = f"mysql://app:{WORD}@localhost:{secure_mariadb.port}/{asked}"
    assert sentence in refused(row_store(url, "x").fingerprint)


def refused(ask: Callable[[], object]) -> str:
    """The sentence; it is one, and tells no password."""
    with pytest.raises(Problem) as problem:
        ask()
    said = str(problem.value)
    assert "\n" not in said
    assert WORD not in said
    assert "wrong" not in said
    return said


def test_a_session_follows_the_leader_that_the_sentinels_make_of_a_replica() -> None:
    with watched() as watch:
        wait_until(lambda: ready(watch.url))
        assert leader_of(watch.url).endswith(f":{watch.leader.port}/0")
        assert sells_one(Settings(redis_url=watch.url), "redis", "redis_script")
        store = RedisStore(watch.url, tagged("own"))
        store.create()
        part = RedisPart(watch.url, tagged("own"), Limits())
        watch.leader.kill()
        wait_until(lambda: led_by(watch.url) == f"redis://127.0.0.1:{watch.replica.port}/0")
        session = Session([part])

        def loaded() -> bool:
            with suppress(StepError):
                session.reset()
                load = registry.make("redis_script").load([Opening(LAMP, 2)])
                carry_out(load, session.perform)
                return True
            return False

        wait_until(loaded)
        assert store.read() == 2  # the store has found the new leader, too
        store.remove()
        session.close()
        store.close()


def test_an_event_loop_follows_the_leader_too() -> None:
    with watched() as watch:
        wait_until(lambda: ready(watch.url))
        store = RedisStore(watch.url, tagged("loop"))
        store.create()
        connection = AsyncRedisConnection(watch.url, Limits())
        session = AsyncSession([AsyncRedisPart(connection, tagged("loop"), alone=True)])

        async def loaded() -> bool:
            with suppress(StepError):
                await session.reset()
                load = registry.make("redis_script").load([Opening(LAMP, 2)])
                await relayed(load, session.perform)
                return True
            return False

        async def main() -> None:
            assert await loaded()
            watch.leader.kill()
            ends = time.monotonic() + WITHIN_S
            while not (led_by(watch.url).endswith(f":{watch.replica.port}/0") and await loaded()):
                assert time.monotonic() < ends, "it did not happen in time"
                await asyncio.sleep(0.05)
            await session.close()

        asyncio.run(main())
        assert store.read() == 2
        store.remove()
        store.close()


def led_by(url: str) -> str:
    """The leader; empty while the sentinels have none."""
    try:
        return leader_of(url)
    except Problem:
        return ""


def ready(url: str) -> bool:
    """Do the sentinels know each other, and the replica that is to take over?"""
    seen = master_seen_by(url)
    return int(seen["num-slaves"]) == 1 and int(seen["num-other-sentinels"]) == 2


def wait_until(true: Callable[[], bool]) -> None:
    """Poll until it is true; a deadline, not a pause, ends the patience."""
    ends = time.monotonic() + WITHIN_S
    while not true():
        assert time.monotonic() < ends, "it did not happen in time"
        time.sleep(0.05)


def test_sentinels_that_know_no_such_service_are_a_sentence() -> None:
    with watched() as watch:
        url = watch.url.replace("/shop/", "/shoe/")
        assert "names a leader" in refused(RedisStore(url, "x:").fingerprint)
