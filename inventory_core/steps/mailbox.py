"""Steps between the plans of one process: to be settled as a group, led by one of them.

Plans that want the same thing at the same moment queue in the memory of the process that carries
them. One of them leads: it is handed everything that waits, settles it as a group, and hands each
of the others its answer. Nobody waits for a clock: while a group is under way the next one gathers.

    A: join -> leads (A) ---- settle ---- answer
    B:    join ........................... leads (B, C) ---- settle ---- answer
    C:        join ................................................ answered by B

This memory dies with its process, and so do all plans in it: what was not answered is unknown to
whoever asked, who asks again under the same order number. There is no wire in between, so no reply
is lost and no request is late. Source: group commit as in MySQL's binary log and in LevelDB's
queue of writers.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

from inventory_core.steps.step import Step


class Seat(NamedTuple):
    """What became of who joined. A leader has a ticket and a group, the others their answer.

    `group` is in the order of arrival, and holds the leader's own item at `place`.
    """

    leads: bool
    ticket: int = 0
    group: tuple[Any, ...] = ()
    place: int = 0
    answer: Any = None


@dataclass(frozen=True, slots=True)
class Join(Step[Seat]):
    """Queue with an item, until one is answered or leads a group of at most `most`.

    At most `lanes` groups are under way at a time. `ConnectionLost`: who led us is gone, or gave
    up, and what became of the item is unknown.
    """

    queue: str
    item: Any
    most: int
    lanes: int


@dataclass(frozen=True, slots=True)
class Reply(Step[None]):
    """Hand each of the group its answer, in the group's order, and lead no longer."""

    queue: str
    ticket: int
    answers: tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Fail(Step[None]):
    """Tell the group that nobody knows what became of its items, and lead no longer."""

    queue: str
    ticket: int


KINDS = (Join, Reply, Fail)
"""Whatever the memory of a process performs."""
