"""The rows of the model's database, by key; what is committed is a set of rows that can be shared.

A row's key is a plain tuple that starts with its table, a row a named tuple: both hash fast, which
the explorer needs, and both can be shared between states, because neither can change.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from typing import Any, NamedTuple

from inventory_core.domain import Cell, HoldState, Line
from scenarios.model.search import Kept, Search

RowKey = tuple[str | int, ...]
"""The table's name, then the row's unique key. It is also the name of the row's lock."""


class HoldRow(NamedTuple):
    """An order's hold. `attempts` is left out: it only tells a fresh claim from a repeated one."""

    state: HoldState
    generation: int
    fingerprint: str
    due_ms: int


class LogRow(NamedTuple):
    """One line of the deduction log."""

    sku: str
    place: str
    quantity: int
    state: HoldState

    def as_line(self) -> Line:
        """The line as the buyer placed it."""
        return Line(Cell(self.sku, self.place), self.quantity)


Log = tuple[tuple[LogRow, ...], ...]
"""The lines of an order, generation by generation from the first; a generation may have none.

All of an order's log is one row here: only who has the hold's lock writes to it.
"""


class TaskRow(NamedTuple):
    """A change that a worker has to make, or has made."""

    order_number: str
    generation: int
    sku: str
    place: str
    delta: int
    done: bool = False


class JournalRow(NamedTuple):
    """An opening or a correction of a cell."""

    sku: str
    place: str
    delta: int


def cell_key(cell: Cell) -> RowKey:
    """The key of a cell's row."""
    return ("cell", cell.sku, cell.place)


def hold_key(order_number: str) -> RowKey:
    """The key of an order's hold."""
    return ("hold", order_number)


def log_key(order_number: str) -> RowKey:
    """The key of all log rows of an order."""
    return ("log", order_number)


def task_key(task_id: int) -> RowKey:
    """The key of a stock task."""
    return ("task", task_id)


def journal_key(adjustment_key: str) -> RowKey:
    """The key of a journal entry."""
    return ("journal", adjustment_key)


Kind = dict[Any, dict[RowKey, Any]]
"""The rows of one table, by the first field of their key; under None all of them."""


def _note(kind: Kind, key: RowKey, row: Any) -> None:
    """Write a row into an index; None deletes it."""
    for first in (None, key[1]):
        if row is None:
            kind.get(first, {}).pop(key, None)
        else:
            kind.setdefault(first, {})[key] = row


class Rows:
    """Committed rows. Shared ones are never changed: `changed` answers a copy to write into."""

    __slots__ = ("_kept", "_key", "_kinds", "_shared", "by_key")

    def __init__(self, by_key: dict[RowKey, Any] | None = None) -> None:
        self.by_key: dict[RowKey, Any] = {} if by_key is None else by_key
        self._shared = False
        self._key: frozenset[Any] | None = None
        self._kinds: dict[str | int, Kind] = {}  # those that somebody has asked for
        self._kept: dict[str | int, Kept] = {}  # what was found among them

    def share(self) -> Rows:
        """The same rows, for somebody who keeps them as they are now."""
        self._shared = True
        return self

    def changed(self, rows: dict[RowKey, Any]) -> Rows:
        """These rows with others written over them; None deletes. In place if nobody shares."""
        after = Rows(dict(self.by_key)) if self._shared else self
        after._key = None
        for key, row in rows.items():
            if after._kept and key[0] in after._kept:
                after._kept[key[0]].written(key, after.by_key.get(key), row)
            if row is None:
                after.by_key.pop(key, None)
            else:
                after.by_key[key] = row
            kind = after._kinds.get(key[0]) if after._kinds else None
            if kind is not None:
                _note(kind, key, row)
        return after

    def of_kind(self, table: str, first: Any = None) -> Mapping[RowKey, Any]:
        """The rows of a table; of these, if given, those with that first field of the key."""
        kind = self._kinds.get(table)
        if kind is None:
            kind = self._kinds[table] = {None: {}}
            for key, row in self.by_key.items():
                if key[0] == table:
                    _note(kind, key, row)
        return kind.get(first, {})

    def search(self, table: str, first: Any, asked: Hashable, search: Search) -> Search | None:
        """What a search finds, if that is kept; `first` as in `of_kind`."""
        kept = self._kept.get(table)
        if kept is None:
            kept = self._kept[table] = Kept()
        return kept.find(first, asked, search, self.of_kind(table, first))

    def key(self) -> Hashable:
        """The rows as a value."""
        if self._key is None:
            self._key = frozenset(self.by_key.items())
        return self._key
