"""PostgreSQL's SERIALIZABLE: which transactions must fail, so that some serial order explains all.

Every transaction reads from its snapshot. R -> W says that R read what W, running beside it, wrote
a newer version of: R comes before W in any serial order. A circle of such orders always holds

    T1 -> T2 -> T3       T1 and T2 side by side, T2 and T3 side by side, T3 the first to commit
                         (and before T1's snapshot, if T1 wrote nothing)

so whoever would commit as the last of three that stand so fails (`must_fail`). T1 may be T3.

PostgreSQL fails earlier than that, and for less: it locks pages and tables where we know rows, and
picks a victim before it is certain. So any statement of a transaction that has read a table which
somebody beside it has written may fail too (`may_fail`): the model answers with both.

Source: Fekete et al., "Making Snapshot Isolation Serializable", 2005; Cahill, "Serializable
Isolation for Snapshot Databases", 2008; Ports and Grittner, "Serializable Snapshot Isolation in
PostgreSQL", 2012; predicate.c.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any, NamedTuple

from inventory_core.domain import HoldState
from inventory_core.steps import rows, sql
from inventory_core.steps.step import Step
from scenarios.model.connection import LOCKED, Connection
from scenarios.model.record_conditions import condition_of
from scenarios.model.rows import RowKey
from scenarios.model.statement import Statement

if TYPE_CHECKING:
    from scenarios.model.sql import SqlModel

SEARCHES = (sql.DueHolds, sql.TakeTasks, sql.ReadUnmerged, rows.Select)
"""Steps that read whatever meets a condition, rows that are not there yet included."""

Search = tuple[Step[Any], int]
"""A search, and when it was made (ms)."""

Change = tuple[RowKey, Any, Any]
"""A row's key, the row before and after; None: there is none."""


class Footprint(NamedTuple):
    """What a transaction has read and written.

    reads, searches   rows looked at by key (also those that were not there), and searches
    changes           rows written
    locked            tables of which it locked rows
    """

    reads: frozenset[RowKey]
    searches: frozenset[Search]
    changes: frozenset[Change]
    locked: frozenset[Any]


class Committed(NamedTuple):
    """A transaction that committed while others ran.

    began   how many of those remembered had committed when its snapshot was taken
    first   which of those remembered, written beside it and read by it, committed first
            (-1: one that is remembered no longer); None: it read nothing that was written beside it
    doubtful  the same may be so for PostgreSQL, which sees tables
    """

    began: int
    footprint: Footprint
    first: int | None
    doubtful: bool


class WatchedStatement(Statement):
    """A statement that leaves word of the rows that it looks at."""

    __slots__ = ()

    def see(self, key: RowKey) -> Any:
        """The row that a plain read sees."""
        self.connection.reads |= {key}
        return super().see(key)

    def newest(self, key: RowKey) -> Any:
        """The row that counts once it is locked."""
        self.connection.reads |= {key}
        return super().newest(key)


def _found_by(search: Search, key: RowKey, row: Any) -> bool:
    """Does the search find this row?"""
    step, now_ms = search
    if row is None:
        return False
    match step:
        case sql.DueHolds():
            return key[0] == "hold" and row.state is HoldState.HELD and row.due_ms <= now_ms
        case sql.TakeTasks() | sql.ReadUnmerged():
            return key[0] == "task" and not row.done
        case rows.Select():
            return key[0] == step.kind.__name__ and condition_of(step.where)(row)
    raise AssertionError(f"{step} is no search")


def _table_of(search: Search) -> Any:
    step = search[0]
    match step:
        case sql.DueHolds():
            return "hold"
        case sql.TakeTasks() | sql.ReadUnmerged():
            return "task"
        case rows.Select():
            return step.kind.__name__
    raise AssertionError(f"{step} is no search")


def before(reader: Footprint, writer: Footprint) -> bool:
    """Has the reader read, for certain, what the writer changed beside it?

    A row that was written as it was, or inserted and removed again, is not changed.
    """
    return any(
        key in reader.reads
        or any(_found_by(each, key, old) or _found_by(each, key, new) for each in reader.searches)
        for key, old, new in writer.changes
        if old != new
    )


def _perhaps_before(reader: Footprint, writer: Footprint) -> bool:
    """May PostgreSQL think so?"""
    touched = {key[0] for key in reader.reads} | {_table_of(each) for each in reader.searches}
    touched |= reader.locked
    return any(key[0] in touched for key, _, _ in writer.changes)


class Certifier:
    """Judges the serializable transactions of a model; what it knows is kept in the model."""

    def __init__(self, model: SqlModel) -> None:
        self._model = model

    def footprint(self, connection: Connection) -> Footprint:
        """What a transaction has read and written so far."""
        committed = self._model.rows.by_key
        changes = frozenset(
            (key, committed.get(key), row)
            for key, row in connection.mine.items()
            if row is not LOCKED
        )
        locked = frozenset(key[0] for key in connection.mine)
        return Footprint(connection.reads, connection.searches, changes, locked)

    def _beside(self, connection: Connection) -> Iterator[tuple[int, Committed]]:
        """Who has committed since its snapshot."""
        known = self._model.certified
        for number in range(connection.began, len(known)):
            yield number, known[number]

    def may_fail(self, connection: Connection) -> bool:
        """May PostgreSQL fail it here, on suspicion?"""
        mine = self.footprint(connection)
        return any(
            _perhaps_before(mine, other.footprint) and (other.doubtful or bool(mine.changes))
            for _, other in self._beside(connection)
        )

    def must_fail(self, connection: Connection) -> bool:
        """Would its commit make three stand as they must not?"""
        mine = self.footprint(connection)
        follows = [n for n, other in self._beside(connection) if before(mine, other.footprint)]
        return self._as_first(connection, mine, follows) or self._as_second(
            connection, mine, follows
        )

    def _as_first(self, connection: Connection, mine: Footprint, follows: Iterable[int]) -> bool:
        """T1: it read what a T2 overwrote, which read what a T3 had overwritten."""
        for number in follows:
            third = self._model.certified[number].first
            if third is not None and (mine.changes or third < connection.began):
                return True
        return False

    def _as_second(self, connection: Connection, mine: Footprint, follows: list[int]) -> bool:
        """T2: it read what a T3 overwrote, and a T1 that committed not before T3 read its rows."""
        if not follows:
            return False
        third = follows[0]
        return any(
            number >= third
            and before(first.footprint, mine)
            and (bool(first.footprint.changes) or third < first.began)
            for number, first in self._beside(connection)
        )

    def note(self, connection: Connection) -> None:
        """Remember a transaction that commits now."""
        mine = self.footprint(connection)
        beside = list(self._beside(connection))
        first = next((n for n, other in beside if before(mine, other.footprint)), None)
        doubtful = any(_perhaps_before(mine, other.footprint) for _, other in beside)
        one = Committed(connection.began, mine, first, doubtful)
        self._model.certified = (*self._model.certified, one)

    def forget(self) -> None:
        """Drop what no transaction runs beside any more, and number the others anew."""
        model = self._model
        known = len(model.certified)
        open_ones = [one for one in model.connections if one is not None and one.certified]
        gone = min((one.began for one in open_ones), default=known)
        if not gone:
            return
        for one in open_ones:
            one.began -= gone
        model.certified = tuple(_renumbered(one, gone) for one in model.certified[gone:])


def _renumbered(one: Committed, gone: int) -> Committed:
    first = one.first if one.first is None else max(one.first - gone, -1)
    return one._replace(began=max(one.began - gone, 0), first=first)
