"""What a statement may do to the model's rows by InnoDB's rules, as MariaDB 10.11 has them.

    plain read     at repeatable read from the snapshot of the transaction's first plain read
    everything     else goes to the newest row, whatever the transaction has read before:
    SELECT FOR     it locks what it comes to by key, waits for it, and only then judges its
    UPDATE,        condition; a row that fails it is let go at read committed and kept above it
    UPDATE, DELETE

Locks that several sessions may hold at once are shares: the gap where a row was looked for and
not found (above read committed), and at serializable every row and table that was read plainly.
Whoever writes waits for all of them but its own.

With `innodb_snapshot_isolation` on, locking a row that was written since the snapshot is a
conflict. Source: MariaDB Knowledge Base, "SET TRANSACTION", "innodb_snapshot_isolation"; MySQL
manual, "Locks Set by Different SQL Statements in InnoDB"; tried out in `tests/isolation`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar, TypeVar

from inventory_core.steps.errors import Conflict
from inventory_core.steps.sql import Isolation
from scenarios.model.connection import LOCKED
from scenarios.model.rows import RowKey, Rows
from scenarios.model.statement import Statement, Waits

T = TypeVar("T")

_READ_COMMITTED, _REPEATABLE_READ = Isolation.READ_COMMITTED, Isolation.REPEATABLE_READ
_SERIALIZABLE = Isolation.SERIALIZABLE


def _any(_: Any) -> bool:
    return True


class InnodbStatement(Statement):
    """One run of one statement of one session."""

    __slots__ = ()

    looks_first: ClassVar = False  # a look would open a snapshot, and go stale

    # ------------------------------------------------------------------------------ plain reads

    def see(self, key: RowKey) -> Any:
        """The row that a plain read sees; at serializable it shares the row from now on."""
        if self.connection.isolation is _SERIALIZABLE:
            self._share(key)
            return self.newest(key)
        self._open_snapshot()
        return super().see(key)

    def scanned(self, table: str, locking: bool = False) -> Rows:
        """The committed rows of a table that a search goes through."""
        if not locking and self.connection.isolation is _SERIALIZABLE:
            self._share_table(table)
        if locking or self.connection.isolation is _SERIALIZABLE:
            return self.model.rows
        self._open_snapshot()
        return super().scanned(table)

    def _open_snapshot(self) -> None:
        connection = self.connection
        if connection.isolation is _REPEATABLE_READ and connection.snapshot is None:
            connection.snapshot = self.model.rows.share()
            self.model.snapshots = True

    # ----------------------------------------------------------------- locking reads and writes

    def find(self, key: RowKey) -> Any:
        """The newest row."""
        return self.newest(key)

    def tasks(self) -> tuple[int, ...]:
        """Ids of all tasks."""
        return tuple(self.model.tasks)

    def free(self, key: RowKey) -> bool:
        """Would locking the row not wait?"""
        return super().free(key) and not self.model.sharers(key, self._session)

    def claim(self, key: RowKey) -> None:
        """Lock a row, or the place of one that is to be inserted."""
        holder = self.model.locks.get(key)
        if holder != self._session and self.model.sharers(key, self._session):
            raise Waits(key)
        super().claim(key)
        if key in self.connection.stale:
            raise Conflict

    def vacant(self, key: RowKey) -> bool:
        """May a row be inserted there? Waits for whoever has it."""
        self.claim(key)
        return self.newest(key) is None

    def target(self, key: RowKey, condition: Callable[[Any], bool] = _any) -> Any:
        """The row of an UPDATE or a locking SELECT, locked; None if no row meets the condition."""
        connection = self.connection
        known = key in connection.mine
        if not known and super().free(key) and self.newest(key) is None:
            if connection.isolation not in (None, _READ_COMMITTED):
                connection.shares |= {key}
            return None
        self.lock(key)
        row = self.newest(key)
        if row is not None and condition(row):
            return row
        if not known and connection.isolation is _READ_COMMITTED:
            self._let_go(key)
        return None

    def as_begun(self, find: Callable[[], T]) -> T:
        """What it finds of other rows: the newest, also after a wait."""
        return find()

    def write(self, key: RowKey, row: Any) -> None:
        """Write a row that is locked, and remember what it was, if the statement should fail."""
        connection = self.connection
        connection.undo = (*connection.undo, (key, connection.mine[key]))
        super().write(key, row)

    # ----------------------------------------------------------------------------------- shares

    def _share(self, key: RowKey) -> None:
        """Hold it beside others; a newcomer stands behind whoever waits to have it alone."""
        connection = self.connection
        if key in connection.mine or key in connection.shares:
            return
        if not super().free(key) or any(
            other.waits_for == key and other.alone for other in self.others()
        ):
            raise Waits(key, alone=False)
        connection.shares |= {key}

    def _share_table(self, table: str) -> None:
        """Every row of it, one after the other, and every gap: a search looks at all of them."""
        keys = {*self.model.rows.of_kind(table), *self.model.locks}
        for key in sorted(key for key in keys if key[0] == table):
            self._share(key)
        self.connection.shares |= {(table,)}

    def _let_go(self, key: RowKey) -> None:
        if self.connection.mine[key] is LOCKED:
            del self.connection.mine[key], self.model.locks[key]
            self._gained = False
