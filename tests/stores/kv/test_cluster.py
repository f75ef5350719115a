"""Redis Cluster: the keys of a shop lie on one node, found from any, followed when they move."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import redis

from inventory_core.domain import Cell, Limits, Opening
from inventory_core.problems import Problem
from inventory_core.steps import kv
from inventory_core.steps.errors import ConnectionLost
from inventory_core.stores.embedded import EmbeddedValkeyCluster
from inventory_core.stores.kv import RedisPart, RedisStore, tagged
from inventory_core.stores.kv.asynchronous import AsyncRedisConnection, AsyncRedisPart
from inventory_core.stores.servers import Servers, Settings
from inventory_core.stores.session import Session
from inventory_core.stores.stacks import find_stack
from tests.servers import started

pytestmark = pytest.mark.live

A = Cell("a")


@pytest.fixture(scope="module")
def cluster() -> Iterator[EmbeddedValkeyCluster]:
    """Three nodes."""
    yield from started(EmbeddedValkeyCluster)


@pytest.fixture
def store(cluster: EmbeddedValkeyCluster) -> Iterator[RedisStore]:
    """A store whose keys lie on another node than the one it is told."""
    made = next(
        store
        for store in (RedisStore(cluster.url, tagged(f"shop{n}")) for n in range(100))
        if store.home != cluster.url
    )
    made.create()
    yield made
    made.remove()
    made.close()


def test_a_prefix_without_a_tag_is_refused(cluster: EmbeddedValkeyCluster) -> None:
    with pytest.raises(Problem, match=r"is a cluster, .* a prefix with a part in braces"):
        RedisStore(cluster.url, "shop:").create()


def test_every_node_leads_to_the_same_home(
    cluster: EmbeddedValkeyCluster, store: RedisStore
) -> None:
    assert {RedisStore(url, store.prefix).home for url in cluster.urls} == {store.home}
    homes = {RedisStore(cluster.url, tagged(f"shop{n}")).home for n in range(30)}
    assert homes == set(cluster.urls)


def test_what_is_made_is_read_and_removed(
    cluster: EmbeddedValkeyCluster, store: RedisStore
) -> None:
    session = Session([store.connect(Limits())])
    session.perform(kv.OpenCells((Opening(A, 7),)))
    assert session.perform(kv.ReadCells((A,))) == (7,)
    book = store.book()
    assert book is not None
    assert book.remaining == {A: 7}
    assert store.read() == 7
    store.remove()
    assert keys_of(cluster) == []
    session.close()


def test_a_session_follows_its_keys_to_another_node(
    cluster: EmbeddedValkeyCluster, store: RedisStore
) -> None:
    part = store.connect(Limits())
    session = Session([part])
    session.perform(kv.OpenCells((Opening(A, 7),)))
    move(cluster, store.prefix, of=store.home, to=cluster.url)
    with pytest.raises(ConnectionLost):
        session.perform(kv.ReadCells((A,)))
    session.reset()
    assert session.perform(kv.ReadCells((A,))) == (7,)
    session.close()
    move(cluster, store.prefix, of=cluster.url, to=store.home)


def test_a_session_in_an_event_loop_follows_too(
    cluster: EmbeddedValkeyCluster, store: RedisStore
) -> None:
    session = Session([store.connect(Limits())])
    session.perform(kv.OpenCells((Opening(A, 7),)))
    session.close()

    async def read_twice() -> Any:
        connection = AsyncRedisConnection(cluster.url, Limits())
        part = AsyncRedisPart(connection, store.prefix)
        read: Callable[[Any], Any] = part.handlers[kv.Script]
        try:
            await part.reset()
            with pytest.raises(ConnectionLost):
                await read(kv.ReadCells((A,)))
            await part.reset()
            return await read(kv.ReadCells((A,)))
        finally:
            connection.close()

    assert asyncio.run(read_twice()) == (7,)


def test_a_part_that_is_sent_elsewhere_is_not_sent_in_circles(
    cluster: EmbeddedValkeyCluster, store: RedisStore
) -> None:
    part = RedisPart(cluster.url, store.prefix, Limits())
    session = Session([part])
    with pytest.raises(ConnectionLost, match=r"MOVED|127\.0"):
        session.perform(kv.ReadCells((A,)))
    session.reset()
    session.perform(kv.OpenCells((Opening(A, 3),)))
    assert session.perform(kv.ReadCells((A,))) == (3,)
    session.close()


def test_the_stack_wants_a_cluster(valkey_url: str) -> None:
    with (
        Servers(Settings(redis_url=valkey_url)) as servers,
        pytest.raises(Problem, match="wants a cluster, and the Redis URL leads to a single server"),
    ):
        servers.open(find_stack("rediscluster"))


def test_a_cluster_by_its_url(cluster: EmbeddedValkeyCluster) -> None:
    settings = Settings(redis_url=cluster.urls[2])
    with Servers(settings) as servers, servers.open(find_stack("rediscluster")) as place:
        place.create()
        session = place.connect()
        session.perform(kv.OpenCells((Opening(A, 5),)))
        assert place.remaining() == 5
        session.close()
    assert keys_of(cluster) == []


def keys_of(cluster: EmbeddedValkeyCluster) -> list[str]:
    """Every key on every node."""
    found: list[str] = []
    for url in cluster.urls:
        with redis.Redis.from_url(url, decode_responses=True) as client:
            found.extend(str(key) for key in client.scan_iter(count=1000))
    return found


def move(cluster: EmbeddedValkeyCluster, prefix: str, of: str, to: str) -> None:
    """Move the slot of a prefix, with all its keys, from one node to another."""
    clients = {url: redis.Redis.from_url(url, decode_responses=True) for url in cluster.urls}
    source, target = clients[of], clients[to]
    slot = source.execute_command("CLUSTER", "KEYSLOT", prefix)
    ids = {url: client.execute_command("CLUSTER", "MYID") for url, client in clients.items()}
    target.execute_command("CLUSTER", "SETSLOT", slot, "IMPORTING", ids[of])
    source.execute_command("CLUSTER", "SETSLOT", slot, "MIGRATING", ids[to])
    keys = source.execute_command("CLUSTER", "GETKEYSINSLOT", slot, 1000)
    host, port = to.removeprefix("redis://").removesuffix("/0").split(":")
    if keys:
        source.execute_command("MIGRATE", host, port, "", 0, 5000, "KEYS", *keys)
    for client in (target, source):
        client.execute_command("CLUSTER", "SETSLOT", slot, "NODE", ids[to])
    for client in clients.values():
        client.close()
