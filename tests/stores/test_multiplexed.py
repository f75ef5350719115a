"""Hundreds of plans on the real stores at once, on one thread: keys, rows of MariaDB, and both."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

import pytest

from inventory_core.domain import Cell, Limits, Line, Opening, Order, Outcome
from inventory_core.drivers import carry_out
from inventory_core.drivers.multiplexed import Multiplexer
from inventory_core.steps import ConnectionLost, kv, sql, watched
from inventory_core.stores.addresses import Address
from inventory_core.stores.kv import RedisStore, tagged
from inventory_core.stores.kv.channel import KvChannel
from inventory_core.stores.kv.line import KvLine
from inventory_core.stores.kv.plug import Plug
from inventory_core.stores.mariadb import MariadbStore
from inventory_core.stores.mariadb.line import MariadbLine
from inventory_core.stores.multiplexed import Width, connected
from inventory_core.stores.stacks import connect
from inventory_core.strategy.registry import make
from tests.drivers.many_plans import together

pytestmark = pytest.mark.live
A, B = Cell("a"), Cell("b")
UNITS = 60


def orders(number: int) -> list[Order]:
    """So many orders of a unit of each cell."""
    return [Order(f"{n}", (Line(B, 1), Line(A, 1))) for n in range(number)]


@pytest.fixture
def address(request: pytest.FixtureRequest) -> Iterator[Address]:
    """An empty place on the stack that the test names."""
    stack, name = request.param, f"lines_{secrets.token_hex(4)}"
    with ExitStack() as life:
        said: dict[str, str] = {}
        if "mariadb" in stack:
            rows = MariadbStore(request.getfixturevalue("mariadb_url"), name)
            said |= {"sql_url": rows.url, "sql_schema": name}
            rows.create()
            life.callback(rows.remove)
        if "redis" in stack:
            keys = RedisStore(request.getfixturevalue("valkey_url"), tagged(name))
            said |= {"kv_url": keys.url, "kv_prefix": tagged(name)}
            keys.create()
            life.callback(keys.remove)
        yield Address(stack, **said)


@contextmanager
def running(address: Address, width: Width) -> Iterator[Multiplexer]:
    """A loop on a place."""
    loop = Multiplexer()
    with connected(loop, address, Limits(), width):
        yield loop
    loop.close()


@pytest.mark.parametrize(
    "address, name, width",
    [
        ("mariadb", "conditional_update", Width(3)),
        ("mariadb", "merged_update", Width(2)),
        ("mariadb+redis", "redis_with_task", Width(2)),
        ("redis", "redis_script", Width(0)),
        ("redis", "redis_script", Width(0, keys=3)),
        ("redis", "redis_watch", Width(0, watching=4)),
    ],
    indirect=["address"],
)
def test_a_crowd_buys_what_there_is_and_no_more(address: Address, name: str, width: Width) -> None:
    strategy = make(name)
    session = connect(address, Limits())
    carry_out(strategy.load([Opening(A, UNITS), Opening(B, UNITS)]), session.perform)
    with running(address, width) as loop:
        crowd = [*orders(90), *orders(10)]
        found = together(loop, *[strategy.deduct(order) for order in crowd])
        contended = found.count(Outcome.CONTENDED)
        assert contended == 0 or name == "redis_watch"
        assert found.count(Outcome.DEDUCTED) == UNITS or contended
    left = carry_out(strategy.read([A, B]), session.perform)
    assert left == (UNITS - found.count(Outcome.DEDUCTED),) * 2
    session.close()


@pytest.mark.parametrize("address", ["redis"], indirect=True)
def test_who_waits_on_a_channel_that_is_lost_is_told_and_the_next_ones_are_served(
    address: Address,
) -> None:
    loop = Multiplexer()
    plug = Plug(address.kv_url, Limits())
    channel = KvChannel(loop, plug, address.kv_prefix)
    loop.performers.update(dict.fromkeys(kv.KINDS, channel.perform))

    async def lock(name: str) -> bool:
        return await kv.SetIfAbsent(name, "mine", 60_000)

    assert together(loop, lock("a"), lock("a"), lock("b")) == [True, False, True]
    plug._wire.shutdown(2)
    found = together(loop, *[lock(f"c{n}") for n in range(40)])
    assert isinstance(found[0], ConnectionLost)
    assert found[-1] is True  # what had not been said yet was said to the next one
    assert together(loop, lock("a"), lock("d")) == [False, True]
    channel.close()
    loop.close()


@pytest.mark.parametrize("address", ["redis"], indirect=True)
def test_a_server_that_falls_silent_is_given_up(address: Address) -> None:
    loop = Multiplexer()
    plug = Plug(address.kv_url, Limits(lock_wait_s=0.05))
    channel = KvChannel(loop, plug, address.kv_prefix)
    loop.performers.update(dict.fromkeys(kv.KINDS, channel.perform))
    plug.push = lambda _: None  # type: ignore[method-assign]  # what is said gets nowhere

    async def lock() -> bool:
        return await kv.SetIfAbsent("a", "mine", 60_000)

    (lost,) = together(loop, lock())
    assert isinstance(lost, ConnectionLost)
    channel.close()
    loop.close()


@pytest.mark.parametrize("address", ["redis"], indirect=True)
def test_a_line_forgets_what_an_abandoned_plan_watched(address: Address) -> None:
    line = KvLine(address.kv_url, address.kv_prefix, Limits())
    assert line.at_rest
    line.ask(watched.Watch(orders(1)[0]))
    assert not line.at_rest
    line.reset()
    assert line.at_rest
    line.close()


@pytest.mark.parametrize("address", ["mariadb"], indirect=True)
def test_a_line_to_mariadb_is_left_in_the_middle_of_a_step_and_mended(address: Address) -> None:
    line = MariadbLine(address.sql_url, address.sql_schema, Limits())
    line.ask(sql.Begin())
    line.ask(sql.ReadCell(A))
    line.reset()  # whoever asked has given up: the reply must be nobody's
    assert line.at_rest
    assert line.fileno() >= 0
    line.close()
    assert line.fileno() == -1
