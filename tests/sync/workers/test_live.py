"""A worker on real servers: it drains, tells how far it is, sets poison aside, holds back."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from typing import Any

import pytest

from inventory_core.domain import Cell
from inventory_core.services.contract import Said
from inventory_core.steps import sql
from inventory_core.stores.session import Session
from inventory_core.stores.sql.address import connect
from inventory_core.stores.sql.postgresql import PostgresqlPart
from inventory_core.sync.workers.figures import Figures
from inventory_core.sync.workers.limits import WorkerLimits
from inventory_core.sync.workers.running import Worker
from inventory_core.sync.workers.status import retried, status_of
from tests.services.live.market import Market, opened
from tests.services.mall import request

pytestmark = [pytest.mark.live, pytest.mark.slow]
TEA = Cell("tea", "channel:mall")
HURRIED = WorkerLimits(tries=3, late_for_s=0.05, look_every_s=0.02, backlog_most=3)
WITHIN_S = 20.0


@pytest.fixture(params=["redis_with_task", "redis_then_database", "redis_stream"])
def market(
    request: pytest.FixtureRequest, postgresql_url: str, valkey_url: str
) -> Iterator[Market]:
    with opened(postgresql_url, valkey_url, request.param, hold_s=900) as market:
        yield market


class Known(Worker):
    """Says which processes of the database serve its sessions."""

    def __post_init__(self) -> None:
        super().__post_init__()
        self.backends: list[int] = []

    def _session(self, who: str) -> Session:
        session = super()._session(who)
        parts = [part for part in session._parts if isinstance(part, PostgresqlPart)]
        self.backends += [part.backend_pid for part in parts]
        return session


@contextmanager
def working(market: Market, limits: WorkerLimits = HURRIED) -> Iterator[Known]:
    (engine,) = market.address.engines
    worker = Known(market.address, engine, Figures(engine), limits)
    ready, failures = threading.Event(), list[BaseException]()

    def run() -> None:
        try:
            worker.run(ready.set)
        except BaseException as failure:  # noqa: BLE001 - raised below
            failures.append(failure)

    thread = threading.Thread(target=run)
    thread.start()
    try:
        assert ready.wait(WITHIN_S)
        yield worker
    finally:
        worker.stop.set()
        thread.join(WITHIN_S)
        assert not failures, failures


def until(holds: Callable[[], Any]) -> None:
    deadline_s = time.monotonic() + WITHIN_S
    while not holds():
        assert time.monotonic() < deadline_s, "it never came to be"
        time.sleep(0.02)


def status(market: Market) -> dict[str, Any]:
    (engine,) = market.address.engines
    return status_of(market.session, market.address, engine, 10.0)


def bought(market: Market, *numbers: str) -> list[Said]:
    placed = [market.do(market.flow.place(request(one, ("tea", 1), buyer=one))) for one in numbers]
    return [one.said for one in placed]


def row(market: Market) -> int:
    return int(market.session.perform(sql.ReadCells((TEA,)))[0])


def test_it_drains_what_waits_and_tells_so(market: Market) -> None:
    assert bought(market, "1", "2") == [Said.PLACED] * 2
    assert (row(market), status(market)["waiting"]) == (12, 2)
    assert "no worker has ever run" in status(market)["warnings"][0]
    with working(market):
        until(lambda: row(market) == 10)
        until(lambda: status(market)["waiting"] == 0 and status(market)["applied"] == 2)
        assert bought(market, "3") == [Said.PLACED]
        until(lambda: row(market) == 9)
        assert status(market)["warnings"] == []
    assert not market.breaches()


def test_poison_is_set_aside_and_tried_again_by_hand(market: Market) -> None:
    (engine,) = market.address.engines
    assert market.session.perform(sql.TakeIfEnough(TEA, 12))  # past everybody: the row has none
    with working(market):
        assert bought(market, "1") == [Said.PLACED]
        until(lambda: status(market)["aside"] and status(market)["set_aside"])
        found = status(market)
        assert (found["set_aside"], len(found["aside"]), found["waiting"]) == (1, 1, 0)
        assert "worker retry" in found["warnings"][-1]
        market.session.perform(sql.GiveBack(TEA, 12))
        assert retried(market.session, engine, ()) == (1, 0)
        until(lambda: row(market) == 11)
        assert status(market)["aside"] == []


def test_too_much_that_waits_holds_buyers_back_until_it_is_less(market: Market) -> None:
    assert market.session.perform(sql.TakeIfEnough(TEA, 12))
    patient = WorkerLimits(tries=10_000, look_every_s=0.02, backlog_most=3, held_back_ms=5_000)
    assert bought(market, "1", "2", "3", "4") == [Said.PLACED] * 4
    with working(market, patient):
        until(lambda: status(market)["held_back"])
        assert bought(market, "5") == [Said.CONTENDED]
        assert "4 pieces of work wait" in status(market)["held_back"]
        market.session.perform(sql.GiveBack(TEA, 12))
        until(lambda: not status(market)["held_back"])
        assert bought(market, "5") == [Said.PLACED]
        until(lambda: row(market) == 7)
    assert not market.breaches()


def test_a_worker_survives_its_servers_being_away(market: Market) -> None:
    """Its connections are cut; it goes on with new ones."""
    with working(market) as worker:
        cut(market, worker.backends[-2:])  # of two loops: before them, one mended and hung up
        assert bought(market, "1") == [Said.PLACED]
        until(lambda: row(market) == 11)


def cut(market: Market, pids: list[int]) -> None:
    """End these connections, as the database's administrator might."""
    asked = "SELECT pg_terminate_backend(pid) FROM unnest(%s) AS pid"
    with closing(connect(market.address.sql_url)) as connection:
        ended = connection.execute(asked, [pids]).fetchall()
    assert ended == [(True,), (True,)]
