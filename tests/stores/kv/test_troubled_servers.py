"""A server that is full, a replica, busy, killed, or behind a password: each met for real."""

from __future__ import annotations

from collections.abc import Iterator
from threading import Thread
from typing import Any
from urllib.parse import quote

import pytest
import redis

from inventory_core.domain import Cell, Limits, Line, Opening, Order, Outcome
from inventory_core.problems import Problem
from inventory_core.steps import ConnectionLost, StoreFull, kv
from inventory_core.stores.embedded import EmbeddedValkey
from inventory_core.stores.kv import RedisStore
from inventory_core.stores.session import Session

pytestmark = [pytest.mark.live, pytest.mark.slow]

A = Cell("a")
PASSWORD = "only for tests"


@pytest.fixture(scope="module")
def server() -> Iterator[EmbeddedValkey]:
    """A private Valkey that tests may hurt."""
    with EmbeddedValkey() as running:
        yield running


@pytest.fixture
def admin(server: EmbeddedValkey) -> Iterator[redis.Redis]:
    """A second client."""
    client = redis.Redis.from_url(server.url, decode_responses=True)
    yield client
    client.close()


@pytest.fixture
def store(server: EmbeddedValkey) -> Iterator[RedisStore]:
    """Five units of a."""
    made = RedisStore(server.url, "trouble:")
    made.create()
    yield made
    made.remove()
    made.close()


@pytest.fixture
def session(store: RedisStore) -> Iterator[Session]:
    """One client, five units of a."""
    made = Session([store.connect(Limits(lock_wait_s=1.0))])
    made.perform(kv.OpenCells((Opening(A, 5),)))
    yield made
    made.close()


def order(number: str) -> Order:
    return Order(number, (Line(A, 1),))


def left(session: Session) -> int:
    units: tuple[int, ...] = session.perform(kv.ReadCells((A,)))
    return units[0]


def test_a_full_server_takes_nothing_and_the_client_goes_on(
    session: Session, store: RedisStore, admin: Any
) -> None:
    session.perform(kv.Deduct(order("before")))
    admin.config_set("maxmemory", "1")
    try:
        for step in (kv.Deduct(order("1")), kv.SetIfAbsent("lock:a", "me", 1_000)):
            with pytest.raises(StoreFull):
                session.perform(step)
        assert left(session) == 4
    finally:
        admin.config_set("maxmemory", "0")
    book = store.book()
    assert book is not None
    assert set(book.orders) == {"before"}
    assert session.perform(kv.Deduct(order("1"))) is Outcome.DEDUCTED


def test_a_replica_is_left_for_the_next_primary(session: Session, admin: Any) -> None:
    admin.replicaof("127.0.0.1", "1")
    try:
        with pytest.raises(ConnectionLost):
            session.perform(kv.Deduct(order("1")))
    finally:
        admin.replicaof("NO", "ONE")
    session.reset()
    assert session.perform(kv.Deduct(order("1"))) is Outcome.DEDUCTED


def test_no_place_is_made_on_a_replica(server: EmbeddedValkey, admin: Any) -> None:
    store = RedisStore(server.url, "replica:")
    admin.replicaof("127.0.0.1", "1")
    try:
        with pytest.raises(Problem, match="is a replica: give the URL of its primary"):
            store.create()
    finally:
        admin.replicaof("NO", "ONE")
    store.close()


def test_no_place_is_made_where_stock_may_be_evicted(server: EmbeddedValkey, admin: Any) -> None:
    store = RedisStore(server.url, "evicting:")
    admin.config_set("maxmemory-policy", "allkeys-lru")
    try:
        with pytest.raises(Problem, match="set it to noeviction"):
            store.create()
    finally:
        admin.config_set("maxmemory-policy", "noeviction")
    assert not admin.exists("evicting:owner")
    store.close()


def test_a_server_that_died_and_came_back_serves_again(
    server: EmbeddedValkey, store: RedisStore, session: Session
) -> None:
    server.kill()
    with pytest.raises(ConnectionLost):
        session.perform(kv.Deduct(order("1")))
    with pytest.raises(ConnectionLost):
        session.reset()
    with pytest.raises(Problem, match="cannot be reached"):
        store.clear()
    server.restart()
    session.reset()
    assert session.perform(kv.Deduct(order("1"))) in (Outcome.DEDUCTED, Outcome.REPLAYED)


@pytest.fixture
def guarded(server: EmbeddedValkey, admin: Any) -> Iterator[EmbeddedValkey]:
    """The server with a password."""
    admin.config_set("requirepass", PASSWORD)
    yield server
    admin.config_set("requirepass", "")


def test_a_password_and_a_unix_socket_go_by_url(guarded: EmbeddedValkey) -> None:
    store = RedisStore(f"unix://:{quote(PASSWORD)}@{guarded.socket_path}?db=1", "p:")
    store.create()
    session = Session([store.connect(Limits())])
    assert session.perform(kv.OpenCells((Opening(A, 5),))) == 1
    session.close()
    assert store.read() == 5
    store.remove()
    store.close()


def test_a_wrong_password_is_one_sentence_without_it(guarded: EmbeddedValkey) -> None:
    store = RedisStore(guarded.url.replace("//", "//:guessed@"), "p:")
    with pytest.raises(Problem, match="refuses the password") as problem:
        store.create()
    assert "guessed" not in str(problem.value)


def test_a_server_busy_with_a_script_of_others_is_a_lost_connection(
    session: Session, server: EmbeddedValkey, admin: Any
) -> None:
    admin.config_set("busy-reply-threshold", "10")
    spinning = Thread(target=_spin_until_killed, args=(server.url,))
    spinning.start()
    try:
        _wait_until_busy(admin)
        with pytest.raises(ConnectionLost, match="BUSY"):
            session.perform(kv.ReadJournal())
    finally:
        admin.script_kill()
        spinning.join(timeout=10)
        admin.config_set("busy-reply-threshold", "5000")
    session.reset()
    assert session.perform(kv.ReadJournal()) == ()


def _spin_until_killed(url: str) -> None:
    client = redis.Redis.from_url(url)
    with pytest.raises(redis.ResponseError, match="killed"):
        client.eval("while true do end", 0)
    client.close()


def _wait_until_busy(client: Any) -> None:
    for _ in range(1_000):
        try:
            client.ping()
        except redis.ResponseError:
            return
    raise AssertionError("the script never kept the server busy")
