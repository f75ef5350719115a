"""Streams and their consumer groups in the model of Redis: as the Redis manual describes them.

A group here keeps which entries were handed out and when, not to which of its consumers: our
scripts have one name for all of them. XAUTOCLAIM looks at every entry that was handed out; a server
looks at no more than ten times COUNT of them in one call.
"""

from __future__ import annotations

from collections.abc import Hashable
from typing import Any

Id = tuple[int, int]
Fields = tuple[str, ...]


class Stream:
    """Entries by id, the last id given, and the groups that read them."""

    __slots__ = ("entries", "groups", "last")

    def __init__(self) -> None:
        self.last: Id = (0, 0)
        self.entries: dict[Id, Fields] = {}  # in the order of their ids
        self.groups: dict[str, Group] = {}

    def copy(self) -> Stream:
        """The same, apart."""
        twin = Stream()
        twin.last, twin.entries = self.last, self.entries.copy()
        twin.groups = {name: group.copy() for name, group in self.groups.items()}
        return twin

    def key(self) -> Hashable:
        """The state as a value."""
        groups = [
            (name, group.last, tuple(group.out.items())) for name, group in self.groups.items()
        ]
        return (self.last, tuple(self.entries.items()), tuple(groups))

    def add(self, now_ms: int, fields: Fields) -> Id:
        """Append; answers the id."""
        ms, sequence = self.last
        self.last = (now_ms, 0) if now_ms > ms else (ms, sequence + 1)
        self.entries[self.last] = fields
        return self.last


class Group:
    """How far a group has read, and when what was handed out and not acknowledged was."""

    __slots__ = ("last", "out")

    def __init__(self, last: Id) -> None:
        self.last = last
        self.out: dict[Id, int] = {}  # in the order of their ids

    def copy(self) -> Group:
        """The same, apart."""
        twin = Group(self.last)
        twin.out = self.out.copy()
        return twin


def written(entry_id: Id) -> str:
    """An id as Redis writes it."""
    return f"{entry_id[0]}-{entry_id[1]}"


def parsed(text: str) -> Id:
    """An id as it was written; the sequence may be left out."""
    ms, _, sequence = text.partition("-")
    return int(ms), int(sequence or "0")


def listed(stream: Stream, ids: list[Id]) -> tuple[Any, ...]:
    """Entries as Redis answers them."""
    return tuple([(written(each), stream.entries[each]) for each in ids])


def hand_out(stream: Stream, group: Group, now_ms: int, count: int) -> list[Id]:
    """Give a group what is new to it."""
    new = [each for each in stream.entries if each > group.last][:count]
    for each in new:
        group.last = each
        group.out[each] = now_ms
    return new


def claim_late(
    stream: Stream, group: Group, now_ms: int, late_ms: int, start: Id, count: int
) -> tuple[Id, list[Id], list[Id]]:
    """Hand out again what was handed out long ago: where to go on, what, and what was deleted."""
    claimed: list[Id] = []
    gone: list[Id] = []
    for each in sorted(group.out):
        if each < start:
            continue
        if len(claimed) == count:
            return each, claimed, gone
        if each not in stream.entries:
            del group.out[each]
            gone.append(each)
        elif now_ms - group.out[each] >= late_ms:
            group.out[each] = now_ms
            claimed.append(each)
    return (0, 0), claimed, gone
