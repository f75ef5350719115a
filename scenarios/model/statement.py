"""What a statement may do to the model's rows: see, lock, write; by PostgreSQL's rules.

Where InnoDB's rules differ, `innodb.py` says how; which rules count is said by the dialect.

A statement is carried out by running its program from the start again after every wait and every
pause, so a program keeps what it has done in its connection (`rows_left`, `notes`) and finds the
locks that it has gained already its own.

One run gains at most one new lock; asking for another is a pause (`PARTIAL`), because between two
rows others may run and the client may die. Writing under a lock that is already held is no pause:
nobody could tell.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar

from inventory_core.steps.errors import Conflict
from scenarios.model.connection import LOCKED, Connection
from scenarios.model.rows import RowKey, Rows

if TYPE_CHECKING:
    from scenarios.model.sql import SqlModel

T = TypeVar("T")


class Waits(Exception):
    """The statement needs a lock that another session holds."""

    def __init__(self, on: RowKey, alone: bool = True) -> None:
        super().__init__(on)
        self.on = on
        self.alone = alone  # InnoDB: or to hold it beside others


class Pauses(Exception):
    """The statement has gained one lock and goes on to the next."""


def _any(_: Any) -> bool:
    return True


class Statement:
    """One run of one statement of one session."""

    __slots__ = ("_gained", "_session", "connection", "model")

    looks_first: ClassVar = True
    """Does the statement that settles a group look at the cells before it claims anything?"""

    def __init__(self, model: SqlModel, session: int, connection: Connection) -> None:
        self.model = model
        self.connection = connection
        self._session = session
        self._gained = False

    @property
    def now_ms(self) -> int:
        """The store's clock."""
        return self.model.now_ms

    def see(self, key: RowKey) -> Any:
        """The row that a plain read sees: one's own, else of the snapshot, else committed."""
        mine = self.connection.mine.get(key, LOCKED)
        if mine is not LOCKED:
            return mine
        rows = self.connection.snapshot or self.model.rows
        return rows.by_key.get(key)

    def find(self, key: RowKey) -> Any:
        """The row that a writing or a locking statement finds before it waits."""
        return self.see(key)

    def newest(self, key: RowKey) -> Any:
        """The row that counts once it is locked: one's own, else the newest committed."""
        mine = self.connection.mine.get(key, LOCKED)
        return self.model.rows.by_key.get(key) if mine is LOCKED else mine

    def free(self, key: RowKey) -> bool:
        """Would locking the row not wait?"""
        return self.model.locks.get(key, self._session) == self._session

    def scanned(self, table: str, locking: bool = False) -> Rows:
        """The committed rows that a search of a table goes through; `locking` what it finds."""
        return self.connection.snapshot or self.model.rows

    def tasks(self) -> tuple[int, ...]:
        """Ids of the tasks that a locking search goes through, oldest first."""
        connection, known = self.connection, self.model.tasks
        return (
            tuple(known)
            if connection.snapshot is None
            else (*connection.tasks, *connection.new_tasks)
        )

    def others(self) -> Iterator[Connection]:
        """The other sessions that have something open."""
        for number, other in enumerate(self.model.connections):
            if other is not None and number != self._session:
                yield other

    def written_by_another(self, key: RowKey) -> Any:
        """The row as another session has written it (None: deleted), not yet committed.

        `LOCKED` if no other session has written it.
        """
        holder = self.model.locks.get(key, self._session)
        other = None if holder == self._session else self.model.connections[holder]
        return LOCKED if other is None else other.mine[key]

    def lock(self, key: RowKey) -> None:
        """Make the row one's own until the transaction ends; wait for whoever has it.

        At repeatable read, a row that was written since the snapshot is a conflict.
        """
        self.claim(key)
        if key in self.connection.stale:
            raise Conflict

    def claim(self, key: RowKey) -> None:
        """Lock a unique key, for an INSERT that breaks it if there is a row, however new."""
        holder = self.model.locks.get(key)
        if holder != self._session:
            if holder is not None:
                raise Waits(key)
            if self._gained:
                raise Pauses
            self._gained = True
            self.model.locks[key] = self._session
            self.connection.mine[key] = LOCKED

    def vacant(self, key: RowKey) -> bool:
        """May a row be inserted there? Waits for whoever writes it, but not for a mere lock."""
        if self.written_by_another(key) is LOCKED and self.newest(key) is not None:
            return False
        self.claim(key)
        return True

    def write(self, key: RowKey, row: Any) -> None:
        """Write a row that is locked; None deletes it."""
        self.connection.mine[key] = row

    def write_unseen(self, key: RowKey, row: Any) -> None:
        """Write a row that nobody else can want before this transaction ends."""
        self.model.locks[key] = self._session
        self.connection.mine[key] = row

    def target(self, key: RowKey, condition: Callable[[Any], bool] = _any) -> Any:
        """The row of an UPDATE or a locking SELECT, locked; None if no row meets the condition.

        The condition is judged before the lock, on what the statement sees (a row that fails is
        not waited for), and again after a wait, on the newest row (one that fails then stays
        locked). Source: PostgreSQL manual, "Read Committed Isolation Level"; ExecUpdate.
        """
        connection = self.connection
        if not connection.matched:
            row = self.see(key)
            if row is None or not condition(row):
                return None
            if key in connection.stale:
                raise Conflict  # at once: whoever has the row now, this version of it is gone
            connection.matched = True
        self.lock(key)
        connection.matched = False
        row = self.newest(key)
        return row if row is not None and condition(row) else None

    def as_begun(self, find: Callable[[], T]) -> T:
        """What the statement found of other rows when it began, before it waited for this one."""
        return self.noted(find)

    def noted(self, find: Callable[[], T]) -> T:
        """What the statement found when it began: it goes by that after a wait, too."""
        connection = self.connection
        if connection.notes is None:
            connection.notes = find()
        found: T = connection.notes
        return found

    def rows_left(self, rows: Sequence[T]) -> Iterator[T]:
        """The rows of a list that are not done yet; each is done when the next is asked for."""
        connection = self.connection
        for at in range(connection.row, len(rows)):
            yield rows[at]
            connection.row += 1
