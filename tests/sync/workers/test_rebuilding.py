"""A cache that was lost is written anew from the rows; orders in flight are waited for."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from typing import Any

import pytest

from inventory_core.domain import Cell, Line, Order, Outcome
from inventory_core.problems import Problem
from inventory_core.services.contract import Said
from inventory_core.steps import kv, sql
from inventory_core.steps.engine import OnEngine, on
from inventory_core.stores.kv import RedisStore
from inventory_core.stores.sql.address import connect
from inventory_core.sync.workers import rebuilding
from inventory_core.sync.workers.limits import WorkerLimits
from inventory_core.sync.workers.rebuilding import rebuild
from tests.services.live.market import Market, opened
from tests.services.mall import request

pytestmark = [pytest.mark.live, pytest.mark.slow]
ENGINE = "redis_with_task"
TEA = Cell("tea", "channel:mall")


@pytest.fixture
def market(postgresql_url: str, valkey_url: str) -> Iterator[Market]:
    with opened(postgresql_url, valkey_url, ENGINE, hold_s=900) as market:
        yield market


def bought(market: Market, number: str, units: int = 1) -> Said:
    return market.do(market.flow.place(request(number, ("tea", units), buyer=number))).said


def lost(market: Market) -> None:
    RedisStore(market.address.kv_url, market.address.prefix_of(ENGINE)).clear()


def test_a_lost_cache_sells_what_is_left_and_takes_old_holds_back(market: Market) -> None:
    assert bought(market, "1", 3) is Said.PLACED
    assert bought(market, "2", 2) is Said.PLACED
    assert market.do(market.flow.pay("mall/2")).said is Said.PAID
    assert bought(market, "3", 1) is Said.PLACED
    assert market.do(market.flow.cancel("mall/3")).said is Said.CANCELLED
    lost(market)
    assert market.sellable() == 0
    done = rebuild(market.address, ENGINE)
    assert (market.sellable(), done.holds) == (7, 2)
    assert market.do(market.flow.cancel("mall/1")).said is Said.CANCELLED
    assert market.sellable() == 10
    assert [bought(market, f"more {n}", 5) for n in range(3)] == [
        Said.PLACED,
        Said.PLACED,
        Said.REFUSED,
    ]
    market.come_to_rest()
    assert (market.sellable(), market.breaches()) == (0, ())


def test_a_cache_that_was_not_lost_is_the_same_afterwards(market: Market) -> None:
    bought(market, "1", 3)
    before = market.sellable()
    for _ in range(2):
        rebuild(market.address, ENGINE)
        assert market.sellable() == before
    market.come_to_rest()
    assert not market.breaches()


class InFlight:
    """An order of two units that has counted in the keys and has not committed."""

    def __init__(self, market: Market) -> None:
        self._session = market.address and _connected(market)
        order = Order("flight#1", (Line(TEA, 2),), "ann", 900.0)
        self._plan: Any = on(ENGINE, market.flow.engines[ENGINE].deduct(order))
        self._step = self._plan.send(None)
        while not self._has_counted(self._step):
            self._step = self._plan.send(self._session.perform(self._step))
        self._step = self._plan.send(self._session.perform(self._step))

    @staticmethod
    def _has_counted(step: Any) -> bool:
        return isinstance(step, OnEngine) and isinstance(step.step, kv.Deduct)

    def lands(self) -> Outcome:
        try:
            while True:
                self._step = self._plan.send(self._session.perform(self._step))
        except StopIteration as end:
            outcome: Outcome = end.value
            return outcome
        finally:
            self._session.close()


def _connected(market: Market) -> Any:
    from inventory_core.stores.service import connect_service

    return connect_service(market.address, seed="flight")


def rebuilt_beside_a_flight(market: Market) -> int:
    """After a rebuild that began beside an order in flight: what may be sold, less the rows'."""
    flight = InFlight(market)
    rebuilding_thread = threading.Thread(target=rebuild, args=(market.address, ENGINE))
    rebuilding_thread.start()
    rebuilding_thread.join(1.0)
    assert flight.lands() is Outcome.DEDUCTED
    rebuilding_thread.join(30.0)
    assert not rebuilding_thread.is_alive()
    (rows,) = market.session.perform(sql.ReadUnmerged((TEA,)))
    return market.sellable() - int(rows)


def test_an_order_in_flight_is_waited_for(market: Market) -> None:
    assert rebuilt_beside_a_flight(market) == 0
    assert market.sellable() == 10


def test_without_the_wait_its_units_are_sold_twice(
    market: Market, monkeypatch: pytest.MonkeyPatch
) -> None:
    hurries: Callable[..., None] = lambda *_: None  # noqa: E731 - a planted bug, not a function
    monkeypatch.setattr(rebuilding, "await_open_transactions", hurries)
    assert rebuilt_beside_a_flight(market) == 2


def test_a_transaction_that_never_ends_is_a_problem_and_sells_nothing(market: Market) -> None:
    flight = InFlight(market)
    with pytest.raises(Problem, match="has been open for more than"):
        rebuild(market.address, ENGINE, WorkerLimits(open_most_s=0.2))
    assert market.sellable() == 0
    assert bought(market, "1") is Said.CONTENDED
    flight.lands()
    rebuild(market.address, ENGINE)
    assert bought(market, "1") is Said.PLACED


def test_who_is_at_work_elsewhere_in_the_database_is_not_waited_for(market: Market) -> None:
    with closing(connect(market.address.sql_url)) as other, other.transaction():
        other.execute("CREATE TEMP TABLE elsewhere (n int)")
        other.execute("INSERT INTO elsewhere VALUES (1)")
        assert rebuild(market.address, ENGINE, WorkerLimits(open_most_s=0.2)).cells > 0


@pytest.mark.parametrize("engine", ["counted_then_merged", "redis_then_database", "redis_stream"])
def test_where_it_is_not_sound_it_is_refused(
    engine: str, postgresql_url: str, valkey_url: str
) -> None:
    with opened(postgresql_url, valkey_url, engine) as market:
        with pytest.raises(Problem, match="cannot be rebuilt from rows"):
            rebuild(market.address, engine)
        assert market.sellable() == 12
