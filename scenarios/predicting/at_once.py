"""What is done to a simulated world outside of its time: stock is laid out, books are read."""

from __future__ import annotations

from typing import Any, TypeVar

from inventory_core.drivers import carry_out
from inventory_core.steps.step import Plan, Step
from inventory_core.stores.audit import Audit
from scenarios.model.answers import PARTIAL, Done, Failed, OneOf
from scenarios.predicting.packed_rows import PackedRows
from scenarios.predicting.world import World

T = TypeVar("T")


def at_once(world: World, line: int, plan: Plan[T]) -> T:
    """Carry out a plan on a session while nobody else is there and time stands still."""

    def perform(step: Step[Any]) -> Any:
        store: Any = world.sql if world.sql.knows(step) else world.kv
        answer = store.perform(line, step)
        while answer is PARTIAL:
            answer = store.perform(line, step)
        if isinstance(answer, OneOf):
            answer, world.sql = answer.branches[0]  # type: ignore[assignment]
        if isinstance(answer, Failed):
            raise answer.error
        assert isinstance(answer, Done), f"{step} waits, and nobody else is there: {answer}"
        return answer.value

    return carry_out(plan, perform)


def audit_of(world: World, goes_on: bool = False) -> Audit:
    """The books of the stores that hold anything. `goes_on`: what is read must not change."""
    rows = world.sql.rows.by_key
    book = rows.book() if isinstance(rows, PackedRows) and not goes_on else world.sql.book()
    books = (book, world.kv.book())
    return Audit(tuple(book for book in books if book and (book.remaining or book.orders)))
