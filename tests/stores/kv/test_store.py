"""The prefix is ours alone: made, refused, cleared, removed, and read from outside."""

from __future__ import annotations

import secrets

import pytest
import redis

from inventory_core.domain import Cell, Limits, Opening
from inventory_core.problems import Problem
from inventory_core.steps import kv
from inventory_core.stores.kv import RedisStore
from inventory_core.stores.session import Session

pytestmark = pytest.mark.live


@pytest.fixture
def other(valkey_url: str) -> RedisStore:
    return RedisStore(valkey_url, f"other{secrets.token_hex(4)}:")


def test_a_prefix_with_keys_of_somebody_else_is_refused_and_left_alone(other: RedisStore) -> None:
    client = redis.Redis.from_url(other.url, decode_responses=True)
    client.set(f"{other.prefix}theirs", "1")
    with pytest.raises(Problem, match="choose another prefix"):
        other.create()
    other.remove()
    assert client.get(f"{other.prefix}theirs") == "1"
    client.delete(f"{other.prefix}theirs")
    client.close()
    other.close()


def test_a_prefix_of_another_format_is_refused(other: RedisStore) -> None:
    client = redis.Redis.from_url(other.url)
    client.set(f"{other.prefix}owner", "stockproof 0")
    with pytest.raises(Problem, match="belongs to 'stockproof 0'"):
        other.create()
    client.delete(f"{other.prefix}owner")
    client.close()
    other.close()


def test_removing_takes_exactly_what_is_ours(store: RedisStore, other: RedisStore) -> None:
    other.create()
    part = store.connect(Limits())
    Session([part]).perform(kv.OpenCells((Opening(Cell("a"), 3),)))
    part.close()
    store.remove()
    client = redis.Redis.from_url(store.url, decode_responses=True)
    assert [key for key in client.scan_iter() if key.startswith(store.prefix)] == []
    assert client.get(f"{other.prefix}owner") is not None
    client.close()
    other.remove()
    other.close()


def test_clearing_leaves_only_the_mark(store: RedisStore) -> None:
    part = store.connect(Limits())
    Session([part]).perform(kv.OpenCells((Opening(Cell("a"), 3),)))
    assert store.read() == 3
    store.clear()
    assert store.read() is None
    assert store.book() is None
    store.create()
    part.close()


def test_durability_can_be_read(store: RedisStore) -> None:
    found = store.fingerprint()
    assert found["appendonly"] in ("yes", "no")
    assert found["server"].split()[0] in ("valkey", "redis")


def test_a_server_that_is_not_there_is_one_sentence_without_the_password() -> None:
    store = RedisStore("redis://:secret@127.0.0.1:1/0", "p:")
    with pytest.raises(Problem, match="cannot be reached") as problem:
        store.create()
    assert "secret" not in str(problem.value)
    store.close()
