"""Steps, answers and moves in words short enough for a column of a timeline."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from enum import Enum
from typing import Any

from inventory_core.domain import Cell, Line, Order
from inventory_core.records.engines import (
    Account,
    Claim,
    Fence,
    Message,
    Part,
    Quota,
    StockUnit,
)
from inventory_core.steps import sql
from inventory_core.steps.errors import StepError
from inventory_core.steps.kv import Entry, OpenHold
from inventory_core.steps.sql import CellRow, StoredOrder, Task
from inventory_core.steps.step import Step
from inventory_core.stores.audit import Book
from scenarios.proving.moves import Kind, Move


def say(value: object) -> str:
    """A value of a step or of an answer."""
    match value:
        case Order():
            return f"order {value.number}"
        case Cell() | str():
            return str(value)
        case Line():
            return f"{value.quantity} of {value.cell}"
        case Enum():
            return str(value.value)
        case StepError():
            return type(value).__name__
        case StoredOrder():
            return "fresh" if value.fresh else f"{value.state.value}, generation {value.generation}"
        case CellRow() | Task() | OpenHold() | Entry():
            return ", ".join(f"{name} {say(each)}" for name, each in value._asdict().items())
        case tuple():
            return "(" + ", ".join(say(each) for each in value) + ")"
        case type():
            return value.__name__
        case Claim() | Part() | StockUnit() | Account() | Quota() | Message() | Fence():
            named: Any = value
            said = [f"{each.name} {say(getattr(value, each.name))}" for each in fields(named)]
            return f"{type(value).__name__}: {', '.join(said)}"
        case None:
            return "nothing"
        case _:
            return str(value)


def say_step(step: Step[Any] | None) -> str:
    """A step with its arguments."""
    if step is None:
        return ""
    named: Any = step  # every kind of step is a dataclass; its base is not
    values = [getattr(step, each.name) for each in fields(named)]
    return f"{type(step).__name__}({', '.join(say(each) for each in values if each is not None)})"


def say_answer(move: Move) -> str:
    """What the actor learnt; empty if nothing."""
    if move.kind is Kind.ANSWERED:
        done = move.answer is None and not isinstance(move.step, _FINDERS)
        return "ok" if done else say(move.answer)
    return ""


_FINDERS = (sql.FindOrder, sql.LockOrder)
"""Steps that may find nothing; to the others, no value means that it is done."""


_BEFALLS = {
    Kind.HALFWAY: "{step}: one row is done",
    Kind.WAITS: "{step}: waits",
    Kind.DIES: "DIES",
    Kind.DIES_UNTOLD: "{step}, then DIES",
    Kind.REQUEST_LOST: "{step}: the REQUEST IS LOST",
    Kind.REPLY_LOST: "{step}: done, the REPLY IS LOST",
    Kind.REQUEST_LATE: "{step}: the REQUEST IS LATE",
    Kind.NOTICED: "(the server notices and rolls back)",
    Kind.ARRIVES: "{step}: arrives LATE",
    Kind.TIME: "TIME PASSES to {answer} ms",
}


def say_move(move: Move) -> str:
    """A move in one line."""
    if move.kind is Kind.ANSWERED:
        return f"{say_step(move.step)} -> {say_answer(move)}"
    return _BEFALLS[move.kind].format(step=say_step(move.step), answer=say(move.answer))


def say_book(book: Book) -> str:
    """A book in one line."""
    left = ", ".join(f"{cell}: {units} left" for cell, units in sorted(book.remaining.items()))
    owns = "; ".join(
        f"order {number} {order.state.value}, owns {_units(order.units())}"
        for number, order in sorted(book.orders.items())
    )
    return f"{book.store}: {left}; {owns or 'no orders'}"


def _units(units: Mapping[Cell, int]) -> str:
    return " and ".join(f"{many} of {cell}" for cell, many in sorted(units.items())) or "nothing"
