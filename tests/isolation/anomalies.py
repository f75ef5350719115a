"""Anomalies as scripts of two or three sessions: what each client asks, in which order.

A client that waits goes on with its own script when it is let go; one that has failed rolls back
and asks no more. What a step says may depend on what its client has heard.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from inventory_core.domain import Cell, Line, Opening, Order
from inventory_core.steps import Step, StepError, sql

A, B = Cell("a"), Cell("b")
UNITS = 10
COMMIT, ROLLBACK = sql.Commit(), sql.Rollback()
LOOK = sql.FindOrder("nobody")
"""A plain read of nothing in particular: a snapshot, if there is to be one."""

Said = Step[Any] | Callable[[Sequence[Any]], Step[Any]]
Script = Sequence[tuple[int, Said]]


@dataclass
class Heard:
    """What every client was answered in the end, who had to wait, and what the cells hold then."""

    answers: Mapping[int, Sequence[Any]]
    waited: bool
    units: Mapping[str, int]

    def errors(self) -> list[str]:
        """What failed, by the name of the error."""
        heard = [answer for answers in self.answers.values() for answer in answers]
        return sorted({type(each).__name__ for each in heard if isinstance(each, StepError)})

    @property
    def all_committed(self) -> bool:
        """Did nobody fail?"""
        return not self.errors()


@dataclass(frozen=True)
class Anomaly:
    """Something that no serial order of the transactions could bring about.

    happened  did it, from what was heard?
    """

    name: str
    sentence: str
    script: Script
    happened: Callable[[Heard], bool]
    units: tuple[int, int] = (UNITS, UNITS)

    def before(self) -> sql.OpenCells:
        """What is there when the clients begin."""
        return sql.OpenCells((Opening(A, self.units[0]), Opening(B, self.units[1])))


def _order(number: str) -> sql.ClaimOrder:
    """An order that is overdue at once, so that `DueHolds` counts it."""
    return sql.ClaimOrder(Order(number, (Line(A, 1),), hold_s=-60.0))


def _sell_what_was_read(heard: Sequence[Any]) -> sql.WriteCell:
    return sql.WriteCell(A, heard[-1].sellable - 1)


def _write_if_as_first_read(heard: Sequence[Any]) -> sql.WriteCellIfVersion:
    return sql.WriteCellIfVersion(A, heard[1].sellable - 1, heard[1].version)


def _differs(session: int, one: int, other: int) -> Callable[[Heard], bool]:
    """Did a client get two different answers to the same question?"""

    def happened(heard: Heard) -> bool:
        answers = heard.answers[session]
        return heard.all_committed and answers[one] != answers[other]

    return happened


def _both_sold_one(heard: Heard) -> bool:
    return heard.all_committed and heard.units["a"] == UNITS - 1


def _stale(heard: Heard) -> bool:
    """The plain read after the lock says something else than the lock did."""
    waiter = heard.answers[0]
    return heard.all_committed and waiter[2].sellable == 0 and waiter[3].sellable == 1


def _never_moves_on(heard: Heard) -> bool:
    """The compare-and-set was refused, and a second look shows what the first one showed."""
    answers = heard.answers[0]
    return heard.all_committed and answers[2] is False and answers[3] == answers[1]


ANOMALIES = (
    Anomaly(
        "dirty write",
        "two rows end up with one value of each of two writers",
        (
            (0, sql.WriteCell(A, 1)),
            (1, sql.WriteCell(A, 2)),
            (1, sql.WriteCell(B, 2)),
            (0, sql.WriteCell(B, 1)),
            (0, COMMIT),
            (1, COMMIT),
        ),
        lambda heard: heard.units["a"] != heard.units["b"],
    ),
    Anomaly(
        "dirty read",
        "a client sees what another writes and then takes back",
        ((0, sql.WriteCell(A, 1)), (1, sql.ReadCell(A)), (0, ROLLBACK), (1, COMMIT)),
        lambda heard: heard.answers[1][1].sellable == 1,
    ),
    Anomaly(
        "non-repeatable read",
        "the same row reads differently twice",
        (
            (0, sql.ReadCell(A)),
            (1, sql.WriteCell(A, 1)),
            (1, COMMIT),
            (0, sql.ReadCell(A)),
            (0, COMMIT),
        ),
        _differs(0, 1, 2),
    ),
    Anomaly(
        "phantom",
        "the same search finds another row the second time",
        ((0, sql.DueHolds(9)), (1, _order("1")), (1, COMMIT), (0, sql.DueHolds(9)), (0, COMMIT)),
        _differs(0, 1, 2),
    ),
    Anomaly(
        "lost update",
        "two clients read ten units, each sells one and writes nine",
        (
            (0, sql.ReadCell(A)),
            (1, sql.ReadCell(A)),
            (0, _sell_what_was_read),
            (0, COMMIT),
            (1, _sell_what_was_read),
            (1, COMMIT),
        ),
        _both_sold_one,
    ),
    Anomaly(
        "lost update behind another row's lock",
        "the row that is locked is not the row that is read",
        (
            (0, LOOK),
            (1, sql.ReadCellLocked(B)),
            (1, sql.ReadCell(A)),
            (1, _sell_what_was_read),
            (0, sql.ReadCellLocked(B)),
            (1, COMMIT),
            (0, sql.ReadCell(A)),
            (0, _sell_what_was_read),
            (0, COMMIT),
        ),
        _both_sold_one,
    ),
    Anomaly(
        "stale plain read after a lock wait",
        "who waited for the lock of the last unit reads plainly that it is still there",
        (
            (0, LOOK),
            (1, sql.ReadCellLocked(A)),
            (1, sql.WriteCell(A, 0)),
            (0, sql.ReadCellLocked(A)),
            (1, COMMIT),
            (0, sql.ReadCell(A)),
            (0, COMMIT),
        ),
        _stale,
        (1, 1),
    ),
    Anomaly(
        "oversell by a conditional update",
        "the last unit, read plainly before, is taken by both",
        (
            (0, sql.ReadCell(A)),
            (1, sql.TakeIfEnough(A, 1)),
            (1, COMMIT),
            (0, sql.TakeIfEnough(A, 1)),
            (0, COMMIT),
        ),
        lambda heard: heard.answers[0][2] is True and heard.answers[1][1] is True,
        (1, 1),
    ),
    Anomaly(
        "retry that never sees the new version",
        "after a refused compare-and-set the row still reads as before",
        (
            (0, sql.ReadCell(A)),
            (1, sql.WriteCell(A, 5)),
            (1, COMMIT),
            (0, _write_if_as_first_read),
            (0, sql.ReadCell(A)),
            (0, COMMIT),
        ),
        _never_moves_on,
    ),
    Anomaly(
        "write skew",
        "each of two clients sees both rows and empties another one",
        (
            (0, sql.ReadCells((A, B))),
            (1, sql.ReadCells((A, B))),
            (0, sql.WriteCell(A, 0)),
            (1, sql.WriteCell(B, 0)),
            (0, COMMIT),
            (1, COMMIT),
        ),
        lambda heard: heard.all_committed,
    ),
    Anomaly(
        "write skew through a search",
        "each of two clients counts no order and places one",
        (
            (0, sql.DueHolds(9)),
            (1, sql.DueHolds(9)),
            (0, _order("1")),
            (1, _order("2")),
            (0, COMMIT),
            (1, COMMIT),
        ),
        lambda heard: heard.all_committed,
    ),
    Anomaly(
        "read-only anomaly",
        "a client that only reads sees the second of two writers without the first",
        (
            (0, sql.ReadCells((A, B))),
            (1, sql.WriteCell(B, 20)),
            (1, COMMIT),
            (2, sql.ReadCells((B, A))),
            (2, COMMIT),
            (0, sql.WriteCell(A, 4)),
            (0, COMMIT),
        ),
        lambda heard: heard.all_committed and heard.answers[2][1] == (20, UNITS),
    ),
)
"""In the order of the table."""
