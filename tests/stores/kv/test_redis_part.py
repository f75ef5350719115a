"""One connection: leases, lost connections, forgotten scripts, scripts of others."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

import pytest
import redis

from inventory_core.domain import Cell, Limits, Line, Opening, Order, Outcome
from inventory_core.steps import ConnectionLost, Step, StoreFull, kv, watched
from inventory_core.steps.sql import Commit
from inventory_core.stores.kv import RedisPart, RedisStore
from inventory_core.stores.kv.errors import LOST, meaning_of
from inventory_core.stores.session import Session

pytestmark = pytest.mark.live

Ask = Callable[[Step[Any]], Any]
A = Cell("a")
BASKET = Order("1", (Line(A, 2),), hold_s=0.0)


def test_a_lease_is_had_by_one_and_freed_by_its_holder_alone(ask: Ask) -> None:
    assert ask(kv.SetIfAbsent("lock:a", "ann", 60_000)) is True
    assert ask(kv.SetIfAbsent("lock:a", "bob", 60_000)) is False
    assert ask(kv.DeleteIfEqual("lock:a", "bob")) is False
    assert ask(kv.DeleteIfEqual("lock:a", "ann")) is True
    assert ask(kv.SetIfAbsent("lock:a", "bob", 60_000)) is True


def test_a_lease_has_its_end(ask: Ask, store: RedisStore) -> None:
    ask(kv.SetIfAbsent("lock:a", "ann", 60_000))
    client = redis.Redis.from_url(store.url)
    assert 50_000 < client.pttl(f"{store.prefix}lock:a") <= 60_000
    client.close()


def test_what_is_watched_and_written_is_not_booked(
    ask: Ask, part: RedisPart, store: RedisStore
) -> None:
    ask(kv.OpenCells((Opening(A, 5),)))
    ask(watched.Watch(BASKET))
    seen = ask(watched.ReadOrder(BASKET))
    assert (seen.answer, seen.units) == (None, (5,))
    other = store.connect(Limits())
    Session([other]).perform(kv.Adjust("1", A, 1))
    other.close()
    assert not ask(watched.BookIfUnchanged(BASKET, seen.now_ms, True))
    assert ask(kv.ReadCells((A,))) == (6,)
    ask(watched.Watch(BASKET))
    assert ask(watched.BookIfUnchanged(BASKET, seen.now_ms, True))
    assert ask(kv.ReadCells((A,))) == (4,)
    assert ask(kv.Deduct(BASKET)) is Outcome.REPLAYED
    assert ask(watched.ReadOrder(BASKET)).answer is Outcome.REPLAYED
    assert ask(kv.DueHolds(10)) == ("1",)


def test_an_abandoned_watch_ends_with_the_plan(ask: Ask, part: RedisPart) -> None:
    ask(kv.OpenCells((Opening(A, 5),)))
    ask(watched.Watch(BASKET))
    ask(kv.Adjust("1", A, 1))
    part.reset()
    assert ask(watched.BookIfUnchanged(BASKET, 0, True))


def test_a_transaction_that_redis_refuses_is_a_bug(ask: Ask) -> None:
    ask(kv.SetIfAbsent(kv.order_key("1"), "no hash", 10_000))
    with pytest.raises(AssertionError, match="BookIfUnchanged: Redis refused: WRONGTYPE"):
        ask(watched.BookIfUnchanged(BASKET, 0, False))


def test_scripts_that_the_server_forgot_are_loaded_again(ask: Ask, store: RedisStore) -> None:
    ask(kv.ReadJournal())
    client = redis.Redis.from_url(store.url)
    client.script_flush()
    client.close()
    assert ask(kv.ReadJournal()) == ()


def test_a_connection_that_is_cut_is_lost_until_it_is_reset(
    part: RedisPart, ask: Ask, store: RedisStore
) -> None:
    ask(kv.OpenCells((Opening(Cell("a"), 1),)))
    client = redis.Redis.from_url(store.url)
    client.client_kill_filter(_type="normal", skipme=True)
    client.close()
    with pytest.raises(ConnectionLost):
        ask(kv.ReadCells((Cell("a"),)))
    with pytest.raises(ConnectionLost):
        ask(kv.ReadCells((Cell("a"),)))
    part.reset()
    assert ask(kv.ReadCells((Cell("a"),))) == (1,)


def test_a_server_that_is_not_there_is_a_lost_connection() -> None:
    with pytest.raises(ConnectionLost):
        RedisPart("redis://127.0.0.1:1/0", "p:", Limits())


@dataclass(frozen=True, slots=True)
class Broken(kv.Script[int]):
    """A script with a bug, of somebody outside."""

    file: ClassVar[str] = "delete_if_equal"

    def keys(self) -> tuple[str, ...]:
        return ()

    def arguments(self) -> tuple[str | int, ...]:
        return ()

    def decode(self, raw: kv.Raw) -> int:
        assert isinstance(raw, int)
        return raw


def test_a_script_that_fails_is_a_bug_and_says_what_redis_said(ask: Ask) -> None:
    with pytest.raises(AssertionError, match="Redis refused"):
        ask(Broken())


def test_a_step_that_no_store_of_the_session_performs_is_a_bug(part: RedisPart) -> None:
    with pytest.raises(AssertionError, match="no store of this session performs Commit"):
        Session([part]).perform(Commit())


@pytest.mark.parametrize(
    "reply, kind",
    [
        # As redis-py gives them: it cuts the code off where it has a class for it.
        (redis.OutOfMemoryError("command not allowed when used memory > 'maxmemory'."), StoreFull),
        (redis.ReadOnlyError("You can't write against a read only replica."), ConnectionLost),
        (redis.ResponseError("MISCONF Valkey is configured to save RDB snapshots"), StoreFull),
        (redis.ResponseError("BUSY Redis is busy running a script."), ConnectionLost),
        (redis.ResponseError("ERR Error running script: @user_script: -OOM x"), StoreFull),
        (redis.ResponseError("ERR something else, BUSY as it is"), AssertionError),
    ],
)
def test_error_replies_are_translated_in_one_table(
    reply: redis.ResponseError, kind: type[BaseException]
) -> None:
    assert type(meaning_of(reply)) is kind


def test_a_server_that_still_loads_its_data_is_a_lost_connection() -> None:
    assert issubclass(redis.BusyLoadingError, LOST)


@dataclass(frozen=True, slots=True)
class TakeTwo(kv.Script[int]):
    """A script of a package outside, with its text there."""

    cell: Cell
    file: ClassVar[str] = "my_shop_for_tests:take_two"

    def keys(self) -> tuple[str, ...]:
        return (kv.cell_key(self.cell),)

    def arguments(self) -> tuple[str | int, ...]:
        return (2,)

    def decode(self, raw: kv.Raw) -> int:
        assert isinstance(raw, int)
        return raw


def test_a_package_outside_brings_its_own_script(
    ask: Ask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "my_shop_for_tests"
    folder.mkdir()
    (folder / "__init__.py").touch()
    (folder / "take_two.lua").write_text("return redis.call('DECRBY', KEYS[1], ARGV[1])")
    monkeypatch.syspath_prepend(tmp_path)
    ask(kv.OpenCells((Opening(Cell("a"), 5),)))
    assert ask(TakeTwo(Cell("a"))) == 3
    assert ask(kv.ReadCells((Cell("a"),))) == (3,)
