"""What the database knows of one session: its transaction, and how far its statement has come."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

from inventory_core.steps.sql import Isolation
from scenarios.model.rows import RowKey, Rows


class Only(Enum):
    """What a session may have done to a row that it has not written."""

    LOCKED = "locked"


LOCKED = Only.LOCKED
"""Asked for by name, a member of an enumeration takes four times as long as a global."""


@dataclass(slots=True)
class Connection:
    """One session's side of the database.

    isolation    of the open transaction; None: every statement commits by itself
    aborted      an error has ended the transaction, and it waits to be told to roll back
    mine         every row that it locked: the row as written, None if deleted, or `LOCKED`
    new_tasks    ids of the tasks that it added, to be forgotten if it rolls back
    shares       InnoDB: what it holds locked beside others: gaps, rows and tables that it read
    snapshot     above read committed: the rows as they were when its first statement began
    tasks        the tasks that waited then, oldest first
    stale        rows that others have written since that snapshot

    Of a serializable transaction of PostgreSQL (see `certifier.py`):

    certified    it is one, and has a snapshot
    began        how many of those remembered had committed before its snapshot
    reads, searches   what it has looked at

    Of the statement that is under way:

    waits_for    the lock that it waits for
    alone        InnoDB: to have it alone, not to hold it beside others
    matched      the row in hand met the statement's condition before it waited
    row          rows of a list that are done
    notes        what else a statement must remember between its rows
    undo         InnoDB: the rows that it has written, as they were before
    """

    isolation: Isolation | None = None
    aborted: bool = False
    mine: dict[RowKey, Any] = field(default_factory=dict)
    new_tasks: tuple[int, ...] = ()
    shares: frozenset[RowKey] = frozenset()
    snapshot: Rows | None = None
    tasks: tuple[int, ...] = ()
    stale: frozenset[RowKey] = frozenset()
    certified: bool = False
    began: int = 0
    reads: frozenset[RowKey] = frozenset()
    searches: frozenset[Any] = frozenset()
    waits_for: RowKey | None = None
    alone: bool = True
    matched: bool = False
    row: int = 0
    notes: Any = None
    undo: tuple[tuple[RowKey, Any], ...] = ()

    def copy(self) -> Connection:
        """The same, sharing nothing that changes."""
        twin = Connection(self.isolation, self.aborted, self.mine.copy(), self.new_tasks)
        if self.snapshot is not None:
            twin.snapshot, twin.tasks, twin.stale = self.snapshot, self.tasks, self.stale
            twin.certified, twin.began = self.certified, self.began
            twin.reads, twin.searches = self.reads, self.searches
        if self.shares or self.undo:
            twin.shares, twin.undo = self.shares, self.undo
        twin.waits_for, twin.alone, twin.matched = self.waits_for, self.alone, self.matched
        twin.row, twin.notes = self.row, self.notes
        return twin

    def end_statement(self) -> None:
        """Forget how far the statement came."""
        self.waits_for, self.matched, self.row, self.notes = None, False, 0, None
        self.alone, self.undo = True, ()

    def key(self) -> Hashable:
        """This side of the database as a value."""
        snapshot = self.snapshot
        return (
            self.isolation and self.isolation.name,
            self.aborted,
            frozenset(self.mine.items()),
            snapshot and (snapshot.key(), self.tasks, self.stale),
            self.certified and (self.began, self.reads, self.searches),
            (self.shares or self.undo) and (self.shares, self.undo),
            (self.waits_for, self.alone, self.matched, self.row, self.notes),
        )
