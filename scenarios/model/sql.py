"""A relational database as a pure state machine, as far as our steps can tell.

    committed rows, the locks on them, and for every session its transaction and its statement

Unless told otherwise it follows PostgreSQL's rules: unique keys are locks (a second claim of a key
waits for the first transaction), conditions are judged again after a wait, an error ends the
transaction, and a circle of waiting sessions loses one of them. Its dialect may be MariaDB's.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import Any, Self

from inventory_core.domain import HoldState
from inventory_core.records import OrderState
from inventory_core.steps import sql
from inventory_core.steps.errors import Conflict, Deadlock, StepError
from inventory_core.steps.rows import InsertAll, PutAll
from inventory_core.steps.step import Step
from inventory_core.stores.audit import Book
from scenarios.model import (
    cell_statements,
    hold_statements,
    journal_statements,
    record_statements,
    task_statements,
)
from scenarios.model.answers import PARTIAL, Answer, Blocked, Certain, Done, Failed, OneOf
from scenarios.model.certifier import SEARCHES, Certifier, Committed, WatchedStatement
from scenarios.model.connection import LOCKED, Connection
from scenarios.model.dialects import POSTGRESQL, Dialect
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
_REPEATABLE_READ, _SERIALIZABLE = sql.Isolation.REPEATABLE_READ, sql.Isolation.SERIALIZABLE
_FROM_A_SNAPSHOT = (_REPEATABLE_READ, _SERIALIZABLE)


NEVER_MS = 1 << 62


class SqlModel:
    """A model of a database with so many sessions."""

    programs = PROGRAMS
    steps: frozenset[type[Step[Any]]] = frozenset(PROGRAMS) | _BOUNDARIES

    def __init__(self, sessions: int, dialect: Dialect = POSTGRESQL) -> None:
        self.dialect = dialect
        self.now_ms = 0
        self.first_due_ms = NEVER_MS  # no unpaid hold was ever due before; no part of the state
        self.rows = Rows()
        self.locks: dict[RowKey, int] = {}
        self.tasks: dict[int, None] = {}  # ids of tasks that are not done, oldest first
        self.connections: list[Connection | None] = [None] * sessions
        self.snapshots = False  # has anybody ever opened one? No part of the state
        self.certified: tuple[Committed, ...] = ()  # serializable ones that others ran beside

    def knows(self, step: Step[Any]) -> bool:
        """Is it a step of a relational database?"""
        return type(step) in self.steps

    def copy(self) -> Self:
        """The same state, apart."""
        twin = type(self).__new__(type(self))
        twin.dialect, twin.now_ms, twin.certified = self.dialect, self.now_ms, self.certified
        twin.first_due_ms, twin.snapshots = self.first_due_ms, self.snapshots
        twin.rows = self.rows.share()
        twin.locks = self.locks.copy()
        twin.tasks = self.tasks.copy()
        twin.connections = [one and one.copy() for one in self.connections]
        return twin

    def key(self) -> Hashable:
        """The state as a value. Who holds which lock follows from what each session has."""
        sessions = tuple([one and one.key() for one in self.connections])
        return (self.now_ms, self.rows.key(), tuple(self.tasks), sessions, self.certified)

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
        if connection.snapshot is None and connection.isolation in _FROM_A_SNAPSHOT:
            self._open_snapshot(connection, step)
        if connection.certified:
            return self._run_certified(session, step)
        statement = self.dialect.statement(self, session, connection)
        return self._run(session, connection, step, statement)

    def _run(
        self, session: int, connection: Connection, step: Step[Any], statement: Statement
    ) -> Certain:
        try:
            value = self.programs[type(step)](statement, step)
        except Waits as wait:
            connection.alone = wait.alone
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

    def hand_over(self, session: int, key: RowKey) -> None:
        """Give a lock that is free to a session that waits for it, before anybody else comes."""
        connection = self.connections[session]
        if connection is not None and key not in self.locks and not self.sharers(key, session):
            self.locks[key] = session
            connection.mine.setdefault(key, LOCKED)

    def give_up(self, session: int, error: StepError) -> Failed:
        """Fail the statement that waits, as a limit to its patience would."""
        connection = self.connections[session]
        assert connection is not None, "nothing waits"
        return self._fail(session, connection, error)

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

    def sharers(self, key: RowKey, session: int) -> list[int]:
        """Which other sessions hold a share of this row, or of its whole table?

        Who holds one himself and wants the row alone stands behind whoever waits for it already.
        """
        mine, table = self.connections[session], key[:1]
        behind = mine is not None and bool(mine.shares) and (key in mine.shares)
        return [
            number
            for number, other in enumerate(self.connections)
            if other is not None
            and number != session
            and (
                (other.shares and (key in other.shares or table in other.shares))
                or (behind and other.waits_for == key and other.alone)
            )
        ]

    def deadlocked(self, session: int) -> bool:
        """Does the session wait, through others, for itself?"""
        seen: set[int] = set()
        ahead = [session]
        while ahead:
            at = ahead.pop()
            connection = self.connections[at]
            if connection is None or connection.waits_for is None:
                continue
            on = connection.waits_for
            holder = self.locks.get(on)
            for other in self.sharers(on, at) if holder in (None, at) else [holder]:
                if other == session:
                    return True
                if other not in seen:
                    seen.add(other)
                    ahead.append(other)
        return False

    def _boundary(self, session: int, step: Step[Any]) -> Answer:
        connection = self.connections[session]
        if isinstance(step, sql.Begin):
            assert connection is None, "a transaction within a transaction"
            self.connections[session] = Connection(self.dialect.level(step.isolation))
        elif connection is not None:
            commits = isinstance(step, sql.Commit)
            assert not (commits and connection.aborted), "a commit of a transaction that has failed"
            if commits and connection.certified:
                return self._commit_certified(session, connection)
            end = self._commit if commits else self._roll_back
            end(session, connection)
        return Done(None)

    def _open_snapshot(self, connection: Connection, step: Step[Any]) -> None:
        if isinstance(step, InsertAll | PutAll) and not step.rows:
            return  # nothing is sent to the server
        if self.dialect.snapshot_at_once:
            connection.snapshot, connection.tasks = self.rows.share(), tuple(self.tasks)
            self.snapshots = True
        if self.dialect.certifies and connection.isolation is _SERIALIZABLE:
            connection.certified, connection.began = True, len(self.certified)

    def _run_certified(self, session: int, step: Step[Any]) -> Answer:
        """A statement of a serializable transaction, which may fail on suspicion."""
        after = self.copy() if self.certified else self
        connection = after.connections[session]
        assert connection is not None
        searches = isinstance(step, SEARCHES)
        if searches:
            connection.searches |= {(step, self.now_ms)}
        only = searches and not isinstance(step, sql.ReadUnmerged)  # it reads counters, too
        kind = Statement if only else WatchedStatement
        answer = after._run(session, connection, step, kind(after, session, connection))
        if after is self:
            return answer
        began = connection.began  # an error may give way to a conflict with anybody beside it
        broke = isinstance(answer, Failed) and len(self.certified) > began
        if broke or after._may_fail(session):
            return OneOf(((answer, after), self._failing(session)))
        self.__dict__.update(after.__dict__)
        return answer

    def _may_fail(self, session: int) -> bool:
        connection = self.connections[session]
        return connection is not None and Certifier(self).may_fail(connection)

    def _commit_certified(self, session: int, connection: Connection) -> Answer:
        if Certifier(self).must_fail(connection):
            self._roll_back(session, connection)
            return Failed(Conflict())
        after, may_fail = self.copy(), self._may_fail(session)
        its_own = after.connections[session]
        assert its_own is not None
        after._commit(session, its_own)
        if may_fail:
            return OneOf(((Done(None), after), self._failing(session, at_rest=True)))
        self.__dict__.update(after.__dict__)
        return Done(None)

    def _failing(self, session: int, at_rest: bool = False) -> tuple[Failed, SqlModel]:
        """What comes of it if the transaction fails here."""
        failing = self.copy()
        connection = failing.connections[session]
        assert connection is not None
        answer = failing._fail(session, connection, Conflict())
        if at_rest:
            failing.connections[session] = None
        return answer, failing

    def _wait(self, session: int, connection: Connection, on: RowKey) -> Certain:
        if connection.waits_for == on and self.deadlocked(session):
            return self._fail(session, connection, Deadlock())
        if connection.mine or connection.shares or self.sharers(on, session):
            connection.waits_for = on  # else there is nobody who waits for this one in turn
        elif connection.isolation is None and connection.notes is None:
            self.connections[session] = None  # asked again, it begins again
        return Blocked(on)

    def _fail(self, session: int, connection: Connection, error: StepError) -> Failed:
        if connection.isolation is not None and not isinstance(error, self.dialect.ends):
            for key, row in reversed(connection.undo):
                connection.mine[key] = row
            connection.end_statement()
            return Failed(error)
        self._roll_back(session, connection)
        if connection.isolation is not None and self.dialect.stays_open:
            self.connections[session] = Connection(connection.isolation, aborted=True)
        return Failed(error)

    def _commit(self, session: int, connection: Connection) -> None:
        if connection.certified:
            Certifier(self).note(connection)
        written = {key: row for key, row in connection.mine.items() if row is not LOCKED}
        if written:
            self.rows = self.rows.changed(written)
        self._forget(session, connection)
        if self.tasks:
            for key, row in written.items():
                if key[0] == "task" and row.done:
                    self.tasks.pop(int(key[1]), None)
        if self.snapshots and self.dialect.conflicts:
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
        if self.certified:
            Certifier(self).forget()
