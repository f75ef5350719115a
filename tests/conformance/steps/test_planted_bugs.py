"""A model that lies about PostgreSQL is caught, lie by lie; else comparing is worth nothing."""

from collections.abc import Callable, Iterable
from typing import Any

import pytest

from inventory_core.steps import Step, sql
from scenarios.model import SqlModel
from scenarios.model.rows import cell_key, hold_key
from scenarios.model.sql import PROGRAMS
from scenarios.model.statement import Statement, Waits
from tests.conformance.steps.catalogue import STEPS, A
from tests.conformance.steps.conftest import Compare
from tests.conformance.steps.script import Mismatch, Move
from tests.conformance.steps.test_pairs_of_steps import together

pytestmark = pytest.mark.live

READ_COMMITTED, REPEATABLE_READ, _ = sql.Isolation


def takes_without_looking_again(here: Statement, step: sql.TakeIfEnough) -> bool:
    key = cell_key(step.cell)
    row = here.see(key)
    if not (here.connection.matched or (row and row.sellable >= step.quantity)):
        return False
    here.connection.matched = True
    here.lock(key)
    row = here.newest(key)
    here.write(key, row._replace(sellable=row.sellable - step.quantity, version=row.version + 1))
    return True


def claims_without_waiting(here: Statement, step: sql.ClaimOrder) -> Any:
    try:
        return PROGRAMS[sql.ClaimOrder](here, step)
    except Waits:
        return PROGRAMS[sql.FindOrder](here, sql.FindOrder(step.order.number))


def waits_before_refusing(here: Statement, step: sql.TakeIfEnough) -> bool:
    if here.see(cell_key(step.cell)) is not None:
        here.lock(cell_key(step.cell))
    taken: bool = PROGRAMS[sql.TakeIfEnough](here, step)
    return taken


def sees_what_came_while_it_waited(here: Statement, step: sql.Settle) -> None:
    if here.see(hold_key(step.order_number)):
        here.lock(hold_key(step.order_number))
    PROGRAMS[sql.Settle](here, step)


def waits_for_locked_tasks(here: Statement, step: sql.TakeTasks) -> Any:
    for task_id in here.model.tasks:
        here.lock(("task", task_id))
    return PROGRAMS[sql.TakeTasks](here, step)


class NeverStale(SqlModel):
    """Repeatable read without a conflict."""

    def perform(self, session: int, step: Step[Any]) -> Any:
        connection = self.connections[session]
        if connection is not None:
            connection.stale = frozenset()
        return super().perform(session, step)


class ForgetsToFree(SqlModel):
    """A rollback that keeps the locks of what was only locked."""

    def _roll_back(self, session: int, connection: Any) -> None:
        kept = {key: holder for key, holder in self.locks.items() if key[0] == "hold"}
        super()._roll_back(session, connection)
        self.locks |= kept


def liar(kind: type[Step[Any]], program: Callable[[Statement, Any], Any]) -> type[SqlModel]:
    """A model with one program that is wrong."""
    return type(program.__name__, (SqlModel,), {"programs": {**PROGRAMS, kind: program}})


def pair(first: str, second: str, isolation: sql.Isolation = READ_COMMITTED) -> list[Move]:
    return together(STEPS[first], STEPS[second], isolation, sql.Commit())


REOPENED_MEANWHILE = [
    (0, sql.Begin()),
    (0, STEPS["reopen an expired order"]),
    (1, STEPS["settle an expired order"]),
    (0, sql.Commit()),
]
LIES: dict[str, tuple[Callable[[int], SqlModel], list[Move]]] = {
    "a take that does not look again after its wait": (
        liar(sql.TakeIfEnough, takes_without_looking_again),
        pair("take all", "take what is there"),
    ),
    "a claim that does not wait for a claim": (
        liar(sql.ClaimOrder, claims_without_waiting),
        pair("claim a held order", "claim a held order"),
    ),
    "a take that waits before it refuses": (
        liar(sql.TakeIfEnough, waits_before_refusing),
        pair("give back", "take too much"),
    ),
    "a settlement that sees rows that came while it waited": (
        liar(sql.Settle, sees_what_came_while_it_waited),
        REOPENED_MEANWHILE,
    ),
    "a worker that waits for locked tasks": (
        liar(sql.TakeTasks, waits_for_locked_tasks),
        pair("take one task", "take all tasks"),
    ),
    "repeatable read without a conflict": (
        NeverStale,
        pair("give back", "read a cell locked", REPEATABLE_READ),
    ),
    "a rollback that keeps a lock": (
        ForgetsToFree,
        [(0, sql.Begin()), (0, sql.LockOrder("held")), (0, sql.Rollback()), (1, sql.Bury("held"))],
    ),
}


@pytest.mark.parametrize("lie", LIES)
def test_a_lie_is_caught(compare: Compare, lie: str) -> None:
    make, moves = LIES[lie]
    compare().run(moves)  # the honest model passes, so it is the lie that is caught
    with pytest.raises(Mismatch):
        compare(make).run(moves)


def test_a_lie_about_any_cell_is_caught_by_the_books(compare: Compare) -> None:
    def gives_back_one_too_many(here: Statement, step: sql.GiveBack) -> None:
        PROGRAMS[sql.GiveBack](here, sql.GiveBack(step.cell, step.quantity + 1))

    moves: Iterable[Move] = [(0, sql.GiveBack(A, 1))]
    with pytest.raises(Mismatch, match="rows"):
        compare(liar(sql.GiveBack, gives_back_one_too_many)).run(moves)
