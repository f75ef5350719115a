"""The plan that reads plainly after its lock wait, step by step on live servers: who oversells?

The explorer says so of MariaDB at REPEATABLE READ alone (`test_proving_by_dialect`).

    A: looks for 1, claims it, locks the row ----------------- 1 left: takes it, commit
    B:    looks for 2 (its snapshot), claims it, locks: waits ............ 1 left: takes it, commit
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from secrets import token_hex
from typing import Any

import pytest

from inventory_core.domain import Cell, Limits, Line, Opening, Order, Outcome
from inventory_core.drivers import carry_out
from inventory_core.problems import Problem
from inventory_core.steps import Step, StepError, sql
from inventory_core.stores.servers import Place, Servers, Settings
from inventory_core.stores.stacks import stack_for
from tests.isolation.test_proving_by_dialect import ReadsPlainlyAfterTheLock

pytestmark = [pytest.mark.live, pytest.mark.slow]

A = Cell("a")
SNAPSHOTS_OFF, SNAPSHOTS_ON = "innodb_snapshot_isolation=off", "innodb_snapshot_isolation=on"
BOTH, ONE = [Outcome.DEDUCTED, Outcome.DEDUCTED], [Outcome.DEDUCTED, Outcome.REFUSED]
TOLD = [Outcome.DEDUCTED, Outcome.CONTENDED]


class Stepped:
    """A plan that stops before it locks the row."""

    def __init__(self, place: Place, order: Order) -> None:
        self._session = place.connect(Limits())
        self._plan: Any = ReadsPlainlyAfterTheLock().deduct(order)
        self._step: Step[Any] = self._plan.send(None)
        while not isinstance(self._step, sql.ReadCellLocked):
            self._step = self._plan.send(self._session.perform(self._step))

    def lock(self) -> None:
        """One step more."""
        self._step = self._plan.send(self._session.perform(self._step))

    def finish(self) -> Outcome:
        """All the rest."""
        try:
            while True:
                try:
                    answer = self._session.perform(self._step)
                except StepError as error:
                    self._step = self._plan.throw(error)
                else:
                    self._step = self._plan.send(answer)
        except StopIteration as end:
            outcome: Outcome = end.value
            return outcome
        finally:
            self._session.close()


@contextmanager
def opened(url: str) -> Iterator[Place]:
    """Rows with one unit, on that server."""
    settings = Settings(sql_url=url, name=f"stockproof_{token_hex(4)}")
    with Servers(settings) as servers:
        stack = stack_for(ReadsPlainlyAfterTheLock, url)
        with servers.open(stack) as place:
            session = place.connect(Limits())
            try:
                carry_out(ReadsPlainlyAfterTheLock().load([Opening(A, 1)]), session.perform)
            finally:
                session.close()
            yield place


def played(place: Place) -> list[Outcome]:
    """What A and B are told."""
    a, b = (Stepped(place, Order(number, (Line(A, 1),))) for number in ("1", "2"))
    a.lock()
    started = threading.Event()

    def waits_and_goes_on() -> Outcome:
        started.set()
        return b.finish()

    with ThreadPoolExecutor(1) as pool:
        second = pool.submit(waits_and_goes_on)
        started.wait()
        time.sleep(0.2)
        assert not second.done(), "B waits for A's lock"
        return [a.finish(), second.result()]


def units_owned(place: Place) -> int:
    """What the rows say that orders own, of one unit."""
    (book,) = place.audit().books
    return sum(order.units().get(A, 0) for order in book.orders.values())


@pytest.mark.parametrize(
    "options, told",
    [
        ("isolation=read-committed", ONE),
        (f"isolation=repeatable-read&{SNAPSHOTS_OFF}", BOTH),
        (f"isolation=repeatable-read&{SNAPSHOTS_ON}", TOLD),
    ],
)
def test_on_mariadb(mariadb_server_url: str, options: str, told: list[Outcome]) -> None:
    joint = "&" if "?" in mariadb_server_url else "?"
    try:
        with opened(f"{mariadb_server_url}{joint}{options}") as place:
            assert played(place) == told
            assert units_owned(place) == told.count(Outcome.DEDUCTED)
    except Problem as problem:
        if SNAPSHOTS_ON in options and "innodb_snapshot_isolation" in str(problem):
            pytest.skip(f"this MariaDB has no such option: {problem}")
        raise


def test_on_postgresql(postgresql_url: str) -> None:
    with opened(postgresql_url) as place:
        assert played(place) == ONE
        assert units_owned(place) == 1
