"""Many plans on one thread and few connections, against a real PostgreSQL."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import psycopg
import pytest

from inventory_core.domain import Cell, Limits, Line, Opening, Order, Outcome
from inventory_core.drivers import carry_out
from inventory_core.drivers.lines import Lines
from inventory_core.drivers.multiplexed import Multiplexer
from inventory_core.steps import Plan, Step, StepError, clock, sql
from inventory_core.steps.errors import ConnectionLost
from inventory_core.stores.memory import Memory
from inventory_core.stores.multiplexed import remembering
from inventory_core.stores.session import ClockPart, Session
from inventory_core.stores.sql import PostgresqlStore
from inventory_core.stores.sql.line import PostgresqlLine
from inventory_core.stores.sql.schema import Schema
from inventory_core.strategy.registry import make
from tests.drivers.many_plans import together

pytestmark = pytest.mark.live
A, B = Cell("a"), Cell("b")


class Loop:
    """A driver on two lines, and a way to wait for plans."""

    def __init__(self, store: PostgresqlStore, gone_most_s: float = 20.0) -> None:
        schema = Schema(store.url, store.schema)
        self.lines = [PostgresqlLine(schema, Limits()) for _ in range(2)]
        part = ClockPart(1)
        self.driver = Multiplexer()
        self.driver.at_once({kind: part.handlers[kind] for kind in (clock.Draw, clock.NewId)})
        self.driver.pauses(part.pause_s)
        self.driver.performers.update(remembering(self.driver, Memory()))
        self.driver.performers[Step] = Lines(self.driver, self.lines, 60.0, gone_most_s).perform

    def run(self, *plans: Plan[Any]) -> list[Any]:
        """What each plan returned, or the error that ended it."""
        return together(self.driver, *plans)

    def close(self) -> None:
        """Hang up."""
        for line in self.lines:
            line.close()


@pytest.fixture
def store(postgresql_url: str) -> Iterator[PostgresqlStore]:
    """A store with two cells of a hundred units."""
    made = PostgresqlStore(postgresql_url, f"lines_{uuid4().hex[:12]}")
    made.create()
    part = made.connect(Limits())
    Session([part]).perform(sql.OpenCells((Opening(A, 100), Opening(B, 100))))
    part.close()
    yield made
    made.remove()


@pytest.fixture
def loop(store: PostgresqlStore) -> Iterator[Loop]:
    """A driver on that store."""
    made = Loop(store)
    yield made
    made.close()


def orders(number: int) -> list[Order]:
    """So many orders of a unit of each cell."""
    return [Order(f"{n}", (Line(B, 1), Line(A, 1))) for n in range(number)]


@pytest.mark.parametrize("name", ["conditional_update", "merged_update", "optimistic_version"])
def test_more_plans_than_lines_all_end_and_sell_what_there_is(
    loop: Loop, store: PostgresqlStore, name: str
) -> None:
    strategy = make(name)
    found = loop.run(*[strategy.deduct(order) for order in [*orders(140), *orders(20)]])
    assert found.count(Outcome.DEDUCTED) == 100
    assert found.count(Outcome.REFUSED) >= 40
    assert all(line.at_rest for line in loop.lines)
    book = store.book()
    assert book.remaining == {A: 0, B: 0}
    assert sum(bool(order.units()) for order in book.orders.values()) == 100


def test_a_transaction_keeps_its_line_and_others_wait_for_another(loop: Loop) -> None:
    seen: list[str] = []

    async def slow(name: str) -> None:
        async with sql.transaction():
            await sql.ReadCell(A)
            seen.append(f"{name} begins")
            await clock.Sleep(0.01)
            await sql.ReadCell(B)
            seen.append(f"{name} ends")

    loop.run(*[slow(name) for name in "pqr"])
    assert sorted(seen[:2]) == ["p begins", "q begins"]
    assert seen[-1] == "r ends"
    assert seen.index("r begins") > 2


def test_an_error_goes_to_the_plan_that_asked_and_the_line_serves_the_next(loop: Loop) -> None:
    async def wrong() -> None:
        async with sql.transaction():
            await sql.WriteCell(A, -1)

    async def right() -> int:
        return (await sql.ReadCell(A)).sellable

    found = loop.run(wrong(), wrong(), right(), right(), right())
    assert [type(each) for each in found[:2]] == [type(found[0])] * 2
    assert isinstance(found[0], StepError)
    assert found[2:] == [100, 100, 100]


def test_a_lost_connection_is_told_and_made_again(
    loop: Loop, store: PostgresqlStore, postgresql_url: str
) -> None:
    async def cut(pid: int) -> str:
        async with sql.transaction():
            await sql.ReadCell(A)
            with psycopg.connect(postgresql_url, autocommit=True) as owner:
                owner.execute("SELECT pg_terminate_backend(%s)", [pid])
            await clock.Sleep(0.05)
            await sql.ReadCell(A)
        return "not cut"

    async def read() -> int:
        return (await sql.ReadCell(A)).sellable

    pids = [line.backend_pid for line in loop.lines]
    (lost,) = loop.run(cut(loop.lines[-1].backend_pid))  # the last line is taken first
    assert isinstance(lost, ConnectionLost)
    assert loop.run(read(), read(), read()) == [100, 100, 100]
    assert [line.backend_pid for line in loop.lines] != pids


def test_whoever_leads_and_loses_his_connection_takes_nobody_down_for_good(
    loop: Loop, store: PostgresqlStore
) -> None:
    strategy = make("merged_update", Limits(lanes=1))  # one leads, and then one for all others
    for line in loop.lines:
        line.close()
    lost = loop.run(*[strategy.deduct(order) for order in orders(5)])
    assert isinstance(lost[0], ConnectionLost)  # the others were led by her, or after her
    again = loop.run(*[strategy.deduct(order) for order in orders(5)])
    assert again[0] is Outcome.DEDUCTED
    assert set(again) <= {Outcome.DEDUCTED, Outcome.REPLAYED}
    part = store.connect(Limits())
    assert carry_out(strategy.read([A]), Session([part]).perform) == (95,)
    part.close()


def test_nobody_waits_for_ever_for_a_server_that_does_not_come_back(
    store: PostgresqlStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    loop = Loop(store, gone_most_s=0.0)

    def gone(_: PostgresqlLine) -> None:
        raise ConnectionLost

    monkeypatch.setattr(PostgresqlLine, "reset", gone)
    for line in loop.lines:
        line.close()
    strategy = make("conditional_update")
    told = loop.run(*[strategy.deduct(order) for order in orders(4)])
    assert [type(each) for each in told] == [ConnectionLost] * 4
    loop.close()
