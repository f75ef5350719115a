"""Clients of a store that can be watched while they wait, and the orders they bring."""

import time
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

import psycopg

from inventory_core.domain import Cell, Limits, Line, Order
from inventory_core.steps import Step
from inventory_core.stores.session import Session
from inventory_core.stores.sql import PostgresqlStore

WITHIN_S = 20.0
A, B = Cell("a"), Cell("b")


def order(number: str, *lines: tuple[Cell, int], hold_s: float = 900.0) -> Order:
    """An order from (cell, quantity) pairs."""
    return Order(number, tuple(Line(cell, n) for cell, n in lines), hold_s=hold_s)


class Client:
    """One connection: does steps one after the other, or one of them on a thread of its own."""

    def __init__(self, store: PostgresqlStore, limits: Limits, watch: "Watch") -> None:
        self.url = store.url
        self.part = store.connect(limits)
        self.session = Session([self.part])
        self._watch = watch
        self._thread = ThreadPoolExecutor(1)

    def do(self, *steps: Step[Any]) -> Any:
        """Perform the steps; the answer of the last one."""
        return [self.session.perform(step) for step in steps][-1]

    def wait_for(self, step: Step[Any]) -> Future[Any]:
        """Perform a step on the thread, and come back when the server says that it waits."""
        pid = self.part.backend_pid
        answer = self._thread.submit(self.do, step)
        self._watch.until_blocked(pid, answer)
        return answer

    def close(self) -> None:
        """Hang up."""
        self._thread.shutdown()
        self.session.close()


class Watch:
    """Asks the server, over a connection of its own, what other connections are doing."""

    def __init__(self, url: str) -> None:
        self.connection = psycopg.connect(url, autocommit=True)

    def ask(self, query: str, *parameters: object) -> Any:
        """The first field of the first row."""
        row = self.connection.execute(query.encode(), parameters).fetchone()
        return row and row[0]

    def until(self, query: str, *parameters: object) -> None:
        """Poll until the answer is true, or fail."""
        deadline_s = time.monotonic() + WITHIN_S
        while not self.ask(query, *parameters):
            assert time.monotonic() < deadline_s, f"not within {WITHIN_S:g} s: {query}"

    def until_blocked(self, pid: int, answer: Future[Any]) -> None:
        """Poll until the connection waits for another one; fail if it answers instead."""
        deadline_s = time.monotonic() + WITHIN_S
        while not self.ask("SELECT cardinality(pg_blocking_pids(%s)) > 0", pid):
            assert not answer.done(), f"it did not wait, but answered {answer.result()!r}"
            assert time.monotonic() < deadline_s, f"it did not wait within {WITHIN_S:g} s"
