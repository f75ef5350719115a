"""What commits in the model at serializable could have run one after another: by brute force.

Every transaction that committed is run again, alone and one after another, in every order that
there is. In one of these orders each must be answered what it was answered before, and the rows
must be the same at the end. The oracle knows nothing of snapshots or dependencies.
"""

from __future__ import annotations

from collections import Counter
from itertools import permutations
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from inventory_core.domain import Cell, Line, Opening, Order
from inventory_core.steps import Step, StepError, sql
from scenarios.model import PARTIAL, Blocked, Done, Failed, OneOf, SqlModel
from scenarios.model.certifier import Certifier

A, B, C = Cell("a"), Cell("b"), Cell("c")
SERIALIZABLE = sql.Begin(sql.Isolation.SERIALIZABLE)
SESSIONS = 3
ENDS = 50
MOST = 5
"""Transactions of a history that is looked at: five have 120 orders."""
STEPS: list[Step[Any]] = [
    *[sql.ReadCell(cell) for cell in (A, B, C)],
    *[sql.WriteCell(cell, units) for cell in (A, B, C) for units in (4, 7)],
    sql.ReadCells((A, B, C)),
    sql.TakeIfEnough(A, 3),
    sql.TakeIfEnough(B, 3),
    sql.DueHolds(9),
    sql.FindOrder("1"),
    *[sql.ClaimOrder(Order(n, (Line(A, 1),), hold_s=-60.0)) for n in ("1", "2")],
    sql.LockOrder("1"),
    sql.AddTasks("1", 1, ((A, 1),)),
    sql.TakeTasks(2),
]
Move = tuple[int, Step[Any]]
Ran = tuple[tuple[Step[Any], Any], ...]
"""The steps of a transaction that committed, with their answers."""

MOVES = st.lists(
    st.tuples(
        st.integers(0, SESSIONS - 1),
        st.one_of(st.sampled_from(STEPS), st.just(sql.Commit())),
    ),
    min_size=4,
    max_size=20,
)


def shop() -> SqlModel:
    """Three cells of five units."""
    model = SqlModel(SESSIONS)
    ask(model, 0, sql.OpenCells(tuple(Opening(cell, 5) for cell in (A, B, C))))
    return model


def ask(model: SqlModel, session: int, step: Step[Any]) -> Any:
    """A value, a `StepError`, or None if it waits; where the server is free, nothing fails."""
    for _ in range(ENDS):
        answer = model.perform(session, step)
        if isinstance(answer, OneOf):
            answer, after = answer.branches[0]
            model.__dict__.update(after.__dict__)
        if isinstance(answer, Blocked):
            return Blocked
        if answer is not PARTIAL:
            break
    assert isinstance(answer, Done | Failed)
    value = answer.value if isinstance(answer, Done) else answer.error
    if isinstance(step, sql.TakeTasks) and isinstance(value, tuple):
        return tuple((task.cell, task.delta) for task in value)  # ids are drawn, not read
    return value


class Clients:
    """Clients that open a transaction whenever they have none, and give up when they must wait."""

    def __init__(self, model: SqlModel) -> None:
        self.model = model
        self.committed: list[Ran] = []
        self._said: dict[int, list[tuple[Step[Any], Any]]] = {}

    def move(self, session: int, step: Step[Any]) -> None:
        if session not in self._said:
            ask(self.model, session, SERIALIZABLE)
            self._said[session] = []
        answer = ask(self.model, session, step)
        if answer is Blocked or isinstance(answer, StepError):
            self.model.drop(session)
            del self._said[session]
        elif isinstance(step, sql.Commit):
            self.committed.append(tuple(self._said.pop(session)))
        else:
            self._said[session].append((step, answer))

    def end(self) -> None:
        for session in list(self._said):
            self.move(session, sql.Commit())


def left(model: SqlModel) -> Counter[Any]:
    """The rows that are committed; tasks without their ids."""
    rows = model.rows.by_key.items()
    return Counter((key[:1] if key[0] == "task" else key, row) for key, row in rows)


def serial_order(ran: list[Ran], rows: Any) -> tuple[Ran, ...] | None:
    """An order in which all of them, one after another, are answered and leave the same."""
    for order in permutations(ran):
        model = shop()
        if all(_repeats(model, each) for each in order) and left(model) == rows:
            return order
    return None


def _repeats(model: SqlModel, ran: Ran) -> bool:
    ask(model, 0, SERIALIZABLE)
    same = all(ask(model, 0, step) == answer for step, answer in ran)
    ask(model, 0, sql.Commit())
    return same


def check(moves: list[Move]) -> None:
    """The history of these moves has a serial order."""
    clients = Clients(shop())
    for session, step in moves:
        clients.move(session, step)
    clients.end()
    ran = [each for each in clients.committed if each]
    if len(ran) <= MOST:
        assert serial_order(ran, left(clients.model)) is not None, f"no order of {ran}"


WRITE_SKEW: list[Move] = [
    (0, sql.ReadCells((A, B))),
    (1, sql.ReadCells((A, B))),
    (0, sql.WriteCell(A, 4)),
    (1, sql.WriteCell(B, 4)),
]
BY_A_SEARCH: list[Move] = [
    (0, sql.DueHolds(9)),
    (1, sql.DueHolds(9)),
    (0, STEPS[-5]),
    (1, STEPS[-4]),
]
READ_ONLY: list[Move] = [
    (0, sql.ReadCells((A, B))),
    (1, sql.WriteCell(B, 7)),
    (1, sql.Commit()),
    (2, sql.ReadCells((A, B))),
    (2, sql.Commit()),
    (0, sql.WriteCell(A, 4)),
]
LATE_READER: list[Move] = [
    (0, sql.ReadCells((A, B))),
    (1, sql.WriteCell(B, 7)),
    (1, sql.Commit()),
    (2, sql.ReadCell(B)),
    (0, sql.WriteCell(A, 4)),
    (0, sql.Commit()),
    (2, sql.ReadCell(A)),
]


@pytest.mark.slow
@settings(max_examples=400, deadline=None, derandomize=True, database=None)
@given(MOVES)
@example(WRITE_SKEW)
@example(BY_A_SEARCH)
@example(READ_ONLY)
@example(LATE_READER)
def test_what_commits_has_a_serial_order(moves: list[Move]) -> None:
    check(moves)


@pytest.mark.parametrize("moves", [WRITE_SKEW, BY_A_SEARCH, READ_ONLY, LATE_READER])
def test_a_certifier_that_lets_everything_pass_is_caught(
    monkeypatch: pytest.MonkeyPatch, moves: list[Move]
) -> None:
    monkeypatch.setattr(Certifier, "must_fail", lambda *_: False)
    with pytest.raises(AssertionError):
        check(moves)


@pytest.mark.parametrize("hole", ["_as_first", "_as_second"])
def test_each_half_of_the_rule_is_needed(monkeypatch: pytest.MonkeyPatch, hole: str) -> None:
    monkeypatch.setattr(Certifier, hole, lambda *_: False)
    with pytest.raises(AssertionError):
        check(WRITE_SKEW if hole == "_as_second" else LATE_READER)


def test_nothing_is_remembered_when_nobody_is_left() -> None:
    clients = Clients(shop())
    for session, step in READ_ONLY:
        clients.move(session, step)
    assert clients.model.certified
    clients.end()
    assert clients.model.certified == ()
