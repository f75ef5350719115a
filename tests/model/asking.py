"""Short ways to ask a model."""

from __future__ import annotations

from typing import Any

from inventory_core.domain import Cell, Line, Opening, Order
from inventory_core.steps import Step, sql
from scenarios.model import PARTIAL, Blocked, Done, Failed, SqlModel, Store

A, B = Cell("a"), Cell("b")
MICRO_STEPS_MOST = 100


def order(number: str, *cells: Cell, hold_s: float = 900.0) -> Order:
    """An order of one unit of each cell."""
    return Order(number, tuple(Line(cell, 1) for cell in cells or (A,)), hold_s=hold_s)


def shop(sessions: int = 2, a: int = 1, b: int = 1) -> SqlModel:
    """A database with two cells."""
    model = SqlModel(sessions)
    value_of(model, 0, sql.OpenCells((Opening(A, a), Opening(B, b))))
    return model


def answer_of(model: Store, session: int, step: Step[Any]) -> Any:
    """The answer once no row of the statement is left to do."""
    for _ in range(MICRO_STEPS_MOST):
        answer = model.perform(session, step)
        if answer is not PARTIAL:
            return answer
    raise AssertionError(f"{step} does not end")


def value_of(model: Store, session: int, step: Step[Any]) -> Any:
    """The value of a step that is over without an error."""
    answer = answer_of(model, session, step)
    assert isinstance(answer, Done), f"{step}: {answer}"
    return answer.value


def error_of(model: Store, session: int, step: Step[Any]) -> Any:
    """The error of a step that failed."""
    answer = answer_of(model, session, step)
    assert isinstance(answer, Failed), f"{step}: {answer}"
    return answer.error


def waits(model: Store, session: int, step: Step[Any]) -> bool:
    """Does the step wait?"""
    return isinstance(answer_of(model, session, step), Blocked)


def begin(model: Store, *sessions: int, repeatable: bool = False) -> None:
    """Open a transaction for each session."""
    isolation = sql.Isolation.REPEATABLE_READ if repeatable else sql.Isolation.READ_COMMITTED
    for session in sessions:
        value_of(model, session, sql.Begin(isolation))
