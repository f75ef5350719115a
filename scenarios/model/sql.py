"""PostgreSQL as a pure state machine, as far as our steps can tell.

    committed rows, the locks on them, and for every session its transaction and its statement

It follows PostgreSQL's rules for read committed and repeatable read: unique keys are locks (a
second claim of a key waits for the first transaction), conditions are judged again after a wait,
an error ends the transaction, and a circle of waiting sessions loses one of them.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import Any, Self

from inventory_core.domain import HoldState
from inventory_core.records import OrderState
from inventory_core.steps import sql
from inventory_core.steps.errors import Deadlock, StepError
from inventory_core.steps.step import Step
from inventory_core.stores.audit import Book
from scenarios.model import (
    cell_statements,
    hold_statements,
    journal_statements,
    record_statements,
    task_statements,
)
from scenarios.model.answers import PARTIAL, Answer, Blocked, Done, Failed
from scenarios.model.connection import Connection, Only
from scenarios.model.rows import RowKey, Rows
from scenarios.model.sql_book import book_of
from scenarios.model.statement import Pauses, Statement, Waits

Program = Callable[[Statement, Any], Any]
"""Carries out one kind of statement; answers its value or raises a `StepError`."""

PROGRAMS: dict[type[Step[Any]], Program] = {
    **cell_statements.PROGRAMS,
    **hold_statements.PROGRAMS,
    **journal_statements.PROGRAMS,
    **record_statements.PROGRAMS,
    **task_statements.PROGRAMS,
}
"""How each kind of statement is carried out."""

_HOLDS = ("hold", "ShopOrder")
_BOUNDARIES = frozenset({sql.Begin, sql.Commit, sql.Rollback})


class SqlModel:
    """A model of a PostgreSQL database with so many sessions."""

    programs = PROGRAMS
    steps: frozenset[type[Step[Any]]] = frozenset(PROGRAMS) | _BOUNDARIES

    def __init__(self, sessions: int) -> None:
        self.now_ms = 0
        self.rows = Rows()
        self.locks: dict[RowKey, int] = {}
        self.tasks: dict[int, None] = {}  # ids of tasks that are not done, oldest first
        self.connections: list[Connection | None] = [None] * sessions

    def knows(self, step: Step[Any]) -> bool:
        """Is it a step of a relational database?"""
        return type(step) in self.steps

    def copy(self) -> Self:
        """The same state, apart."""
        twin = type(self).__new__(type(self))
        twin.now_ms = self.now_ms
        twin.rows = self.rows.share()
        twin.locks = self.locks.copy()
        twin.tasks = self.tasks.copy()
        twin.connections = [one and one.copy() for one in self.connections]
        return twin

    def key(self) -> Hashable:
        """The state as a value. Who holds which lock follows from what each session has."""
        sessions = tuple([one and one.key() for one in self.connections])
        return (self.now_ms, self.rows.key(), tuple(self.tasks), sessions)

    def in_transaction(self, session: int) -> bool:
        """Is a transaction open, or a statement under way?"""
        return self.connections[session] is not None

    def perform(self, session: int, step: Step[Any]) -> Answer:
        """Carry out a statement, or as much of it as can be done now."""
        kind = type(step)
        if kind in _BOUNDARIES:
            return self._boundary(session, step)
        connection = self.connections[session]
        if connection is None:
            connection = self.connections[session] = Connection()
        assert not connection.aborted, f"{step} in a transaction that has failed; roll back first"
        if connection.isolation is sql.Isolation.REPEATABLE_READ and connection.snapshot is None:
            connection.snapshot, connection.tasks = self.rows.share(), tuple(self.tasks)
        try:
            value = self.programs[kind](Statement(self, session, connection), step)
        except Waits as wait:
            return self._wait(session, connection, wait.on)
        except Pauses:
            connection.waits_for = None
            return PARTIAL
        except StepError as error:
            return self._fail(session, connection, error)
        connection.end_statement()
        if connection.isolation is None:
            self._commit(session, connection)
        return Done(value)

    def drop(self, session: int) -> None:
        """Roll back, free its locks."""
        connection = self.connections[session]
        if connection is not None:
            self._roll_back(session, connection)

    def deadlines(self) -> tuple[int, ...]:
        """When unpaid holds become overdue, and unpaid orders."""
        states = (HoldState.HELD, OrderState.HELD)
        holds = (row for key, row in self.rows.by_key.items() if key[0] in _HOLDS)
        due = {hold.due_ms for hold in holds if hold.state in states}
        return tuple(sorted(due_ms for due_ms in due if due_ms > self.now_ms))

    def advance(self, now_ms: int) -> None:
        """Let time pass."""
        assert now_ms >= self.now_ms, f"from {self.now_ms} back to {now_ms} ms"
        self.now_ms = now_ms

    def book(self) -> Book | None:
        """What is committed."""
        return book_of(self.rows)

    def deadlocked(self, session: int) -> bool:
        """Does the session wait, through others, for itself?"""
        at = session
        for _ in self.connections:
            connection = self.connections[at]
            if connection is None or connection.waits_for is None:
                return False
            holder = self.locks.get(connection.waits_for)
            if holder is None or holder == session:
                return holder == session
            at = holder
        return False  # it waits for a circle that it is not part of

    def _boundary(self, session: int, step: Step[Any]) -> Answer:
        connection = self.connections[session]
        if isinstance(step, sql.Begin):
            assert connection is None, "a transaction within a transaction"
            self.connections[session] = Connection(step.isolation)
        elif connection is not None:
            commits = isinstance(step, sql.Commit)
            assert not (commits and connection.aborted), "a commit of a transaction that has failed"
            end = self._commit if commits else self._roll_back
            end(session, connection)
        return Done(None)

    def _wait(self, session: int, connection: Connection, on: RowKey) -> Answer:
        if connection.waits_for == on and self.deadlocked(session):
            return self._fail(session, connection, Deadlock())
        if connection.mine:  # nobody waits for a session that has no lock: no need to remember
            connection.waits_for = on
        elif connection.isolation is None and connection.notes is None:
            self.connections[session] = None  # asked again, it begins again
        return Blocked(on)

    def _fail(self, session: int, connection: Connection, error: StepError) -> Answer:
        self._roll_back(session, connection)
        if connection.isolation is not None:
            self.connections[session] = Connection(connection.isolation, aborted=True)
        return Failed(error)

    def _commit(self, session: int, connection: Connection) -> None:
        written = {key: row for key, row in connection.mine.items() if row is not Only.LOCKED}
        if written:
            self.rows = self.rows.changed(written)
        self._forget(session, connection)
        for key, row in written.items():
            match key:
                case ("task", int(task_id)) if row.done:
                    self.tasks.pop(task_id, None)
        for other in self.connections:
            if other is not None and other.snapshot is not None:
                other.stale = other.stale.union(written)  # a set would be no key

    def _roll_back(self, session: int, connection: Connection) -> None:
        for task_id in connection.new_tasks:
            self.tasks.pop(task_id, None)
        self._forget(session, connection)

    def _forget(self, session: int, connection: Connection) -> None:
        for key in connection.mine:
            del self.locks[key]
        self.connections[session] = None
