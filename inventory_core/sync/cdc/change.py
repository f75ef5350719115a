"""A change: what became of one row of the source, and when it stood in the source's log.

The position is the row's version. A database writes the changes of one row to its log in the order
in which they took effect, because whoever changes a row first waits for the one before; so of two
changes of a row, the one with the greater position is newer. A row's own version column would not
do: it begins anew when a row is deleted and made again, and a delete does not carry it.

Positions are compared within an *epoch*. An epoch begins with a snapshot, and each is greater than
the one before, whatever happened to the log in between (a restore, another server).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import NamedTuple


class Operation(StrEnum):
    """What happened to a row, a table or a snapshot."""

    PUT = "put"  # it is there, with these columns
    GONE = "gone"  # it is not there, or no longer what the rules ask for
    EMPTIED = "emptied"  # every row of the table is gone
    BEGUN = "begun"  # a snapshot begins an epoch
    COMPLETE = "complete"  # a snapshot has told every row: what it did not name is gone


class Position(NamedTuple):
    """Where a change stands in the log, and which it is of those that stand there together."""

    log: int
    part: int


SNAPSHOT = Position(0, 0)
"""Every row of a snapshot: before whatever the log tells after it."""

Columns = Mapping[str, str | None]


class Change(NamedTuple):
    """One change. A named tuple, because one is made for every row: a third of the price."""

    table: str
    operation: Operation
    key: tuple[str, ...]
    columns: Columns
    position: Position
    committed_at_us: int


class Captured(NamedTuple):
    """What was read of a log: the changes, and how far it has been read (opaque; "" if nowhere).

    `through` may be acknowledged when the changes are published, and no earlier.
    """

    changes: Sequence[Change]
    through: str


def marker(operation: Operation, at_us: int) -> Change:
    """A change of no row: a snapshot begins, or is complete."""
    return Change("", operation, (), {}, SNAPSHOT, at_us)
