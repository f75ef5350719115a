"""What a select finds among many rows, kept up to date as rows are written: an index, for speed.

A real server has one; a model that looks through ten thousand units for one that is free takes
seconds for what the server does in microseconds. Nothing depends on it: whoever finds no search
that is kept looks through the rows.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Hashable, Iterable, Mapping
from typing import Any

Condition = Callable[[Any], bool]
Place = tuple[Any, ...]

LEAST = 64
"""Fewer rows are looked through as fast."""

MOST = 8
"""So many searches are kept of a kind and a first key; the one that was made first goes."""


class Search:
    """The rows that meet a condition, in an order in which no two of them are equal.

    `places`, `keys`, `rows`: where each stands in that order, its key, and the row; side by side.
    """

    __slots__ = ("keys", "meets", "order", "places", "rows")

    def __init__(self, meets: Condition, order: Callable[[Any], Place]) -> None:
        self.meets, self.order = meets, order
        self.places: list[Place] = []
        self.keys: list[Any] = []
        self.rows: list[Any] = []

    def of(self, rows: Iterable[tuple[Any, Any]]) -> Search:
        """Look through rows, each with its key."""
        found = [(self.order(row), key, row) for key, row in rows if self.meets(row)]
        found.sort(key=lambda one: one[0])
        self.places = [place for place, _, _ in found]
        self.keys = [key for _, key, _ in found]
        self.rows = [row for _, _, row in found]
        return self

    def written(self, key: Any, before: Any, after: Any) -> None:
        """A row was written; None: there was or is none."""
        if before is not None and self.meets(before):
            at = bisect_left(self.places, self.order(before))
            del self.places[at], self.keys[at], self.rows[at]
        if after is not None and self.meets(after):
            place = self.order(after)
            at = bisect_left(self.places, place)
            self.places.insert(at, place)
            self.keys.insert(at, key)
            self.rows.insert(at, after)

    def beside(self, committed: Mapping[Any, Any], mine: Mapping[Any, Any]) -> Search:
        """What is found by who has written rows himself that nobody else sees yet."""
        if not mine:
            return self
        twin = Search(self.meets, self.order)
        twin.places, twin.keys, twin.rows = self.places[:], self.keys[:], self.rows[:]
        for key, row in mine.items():
            twin.written(key, committed.get(key), row)
        return twin

    def after(self, last: Place | None) -> int:
        """Where the rows begin that come after this place."""
        return 0 if last is None else bisect_right(self.places, last)


class Kept:
    """The searches of a kind of rows that were asked for more than once."""

    __slots__ = ("_asked", "_by_first")

    def __init__(self) -> None:
        self._asked: dict[Hashable, None] = {}
        self._by_first: dict[Any, dict[Hashable, Search]] = {}

    def find(
        self, first: Any, asked: Hashable, search: Search, rows: Mapping[Any, Any]
    ) -> Search | None:
        """A search that is kept; or the one given, from now on; None where that is not worth it.

        `first`: what the first field of the key has to be, None for anything.
        """
        here = self._by_first.get(first)
        known = here.get(asked) if here else None
        if known is not None or len(rows) < LEAST:
            return known
        if asked not in self._asked:  # most are never asked again
            self._asked[asked] = None
            if len(self._asked) > LEAST:
                del self._asked[next(iter(self._asked))]
            return None
        here = self._by_first.setdefault(first, {})
        if len(here) >= MOST:
            del here[next(iter(here))]
        here[asked] = search.of(rows.items())
        return search

    def written(self, key: Any, before: Any, after: Any) -> None:
        """A row was written."""
        for first in (key[1], None):
            for search in self._by_first.get(first, {}).values():
                search.written(key, before, after)
