"""The keys of the model's Redis: texts, hashes, sorted sets, streams, and when they expire.

Texts are kept as Redis sees them, one character a byte (Latin-1), so that a script that cuts or
counts characters does here what it does there.
"""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Hashable
from typing import Any, Self

from scenarios.model.redis_streams import Stream

Hash = dict[str, str]


class SortedSet:
    """Members with scores, kept sorted by score, then by member."""

    __slots__ = ("pairs", "scores")

    def __init__(self) -> None:
        self.scores: dict[str, float] = {}
        self.pairs: list[tuple[float, str]] = []

    def copy(self) -> SortedSet:
        """The same, apart."""
        twin = SortedSet()
        twin.scores, twin.pairs = self.scores.copy(), self.pairs.copy()
        return twin

    def add(self, member: str, score: float) -> bool:
        """Set a member's score; was it new?"""
        new = not self.remove(member)
        self.scores[member] = score
        insort(self.pairs, (score, member))
        return new

    def remove(self, member: str) -> bool:
        """Drop a member; was it there?"""
        score = self.scores.pop(member, None)
        if score is None:
            return False
        del self.pairs[bisect_left(self.pairs, (score, member))]
        return True


class Keyspace:
    """All keys. A hash or a set that a copy shares is cloned before it is written."""

    __slots__ = ("_own", "expires_ms", "now_ms", "values", "watched")

    def __init__(self) -> None:
        self.now_ms = 0
        self.values: dict[str, Any] = {}  # str, Hash, SortedSet or Stream
        self.expires_ms: dict[str, int] = {}
        self.watched: dict[int, frozenset[str] | None] = {}  # by session; None: one was written
        self._own: set[str] = set()  # keys whose hash or set nobody shares

    def copy(self) -> Self:
        """The same state, apart."""
        twin = type(self)()
        twin.now_ms = self.now_ms
        twin.values = self.values.copy()
        twin.expires_ms = self.expires_ms.copy()
        twin.watched = self.watched.copy()
        self._own.clear()
        return twin

    def writable(self, key: str, kind: type[Any]) -> Any:
        """The hash or set under a key, made if absent, and ours to change."""
        self._written(key)
        value = self.values.get(key)
        if value is None:
            value = self.values[key] = kind()
        elif key not in self._own:
            value = self.values[key] = value.copy()
        else:
            return value
        self._own.add(key)
        return value

    def put(self, key: str, text: str) -> None:
        """Set a text."""
        self._written(key)
        self.values[key] = text
        self._own.discard(key)

    def delete(self, key: str) -> bool:
        """Remove a key; was it there?"""
        self.expires_ms.pop(key, None)
        self._own.discard(key)
        was_there = self.values.pop(key, None) is not None
        if was_there:
            self._written(key)
        return was_there

    def watch(self, session: int, keys: frozenset[str]) -> None:
        """Note whether any of these keys is written from now on, beside those noted before."""
        before = self.watched.get(session, frozenset())
        self.watched[session] = None if before is None else before | keys

    def unwatch(self, session: int) -> bool:
        """Note nothing any more; was nothing written that was watched?"""
        return self.watched.pop(session, frozenset()) is not None

    def _written(self, key: str) -> None:
        for session, keys in self.watched.items():
            if keys is not None and key in keys:
                self.watched[session] = None

    def tidy(self, key: str) -> None:
        """Redis has no empty hashes and sets: remove the key if nothing is in it."""
        value = self.values.get(key)
        if not (value.pairs if isinstance(value, SortedSet) else value):
            self.delete(key)

    def advance(self, now_ms: int) -> None:
        """Let time pass; what has expired is gone."""
        self.now_ms = now_ms
        for key in [key for key, at_ms in self.expires_ms.items() if at_ms <= now_ms]:
            self.delete(key)

    def key(self) -> Hashable:
        """The state as a value."""
        values = [(key, _as_value(value)) for key, value in self.values.items()]
        expires = self.expires_ms
        timed = frozenset(expires.items()) if expires else None
        watched = frozenset(self.watched.items()) if self.watched else None
        return (self.now_ms, frozenset(values), timed, watched)


def _as_value(value: Any) -> Hashable:
    if type(value) is dict:
        return frozenset(value.items())
    if isinstance(value, SortedSet):
        return tuple(value.pairs)
    return value.key() if isinstance(value, Stream) else value
