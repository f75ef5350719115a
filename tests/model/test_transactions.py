"""Commit, rollback, death, failure and repeatable read in the model of PostgreSQL."""

import pytest

from inventory_core.domain import Cell, HoldState, Line, Opening, Order, Outcome
from inventory_core.steps import Conflict, ConstraintBroken, Deadlock, sql
from inventory_core.steps.sql import CellRow
from scenarios.model import SqlModel
from tests.model.asking import A, B, begin, error_of, order, shop, value_of, waits

TAKE = sql.TakeIfEnough(A, 1)


def test_a_dead_client_keeps_its_locks_until_the_server_notices() -> None:
    model = shop()
    begin(model, 0)
    value_of(model, 0, TAKE)
    value_of(model, 0, sql.AddTasks("1", 1, ((A, -1),)))
    assert waits(model, 1, TAKE)
    model.drop(0)
    assert value_of(model, 1, TAKE)
    assert value_of(model, 1, sql.TakeTasks(10)) == ()


def test_a_rollback_undoes_everything() -> None:
    model = shop()
    before = model.key()
    begin(model, 0)
    value_of(model, 0, sql.ClaimOrder(order("1")))
    value_of(model, 0, TAKE)
    value_of(model, 0, sql.AddTasks("1", 1, ((A, -1),)))
    value_of(model, 0, sql.RecordAdjustment("k", A, 1, "count"))
    value_of(model, 0, sql.Rollback())
    assert model.key() == before
    assert model.locks == {}


@pytest.mark.parametrize("broken", [sql.WriteCell(A, -1), sql.GiveBack(A, -9)])
def test_no_cell_goes_below_zero(broken: sql.WriteCell | sql.GiveBack) -> None:
    model = shop(a=1)
    assert error_of(model, 0, broken) == ConstraintBroken()
    assert value_of(model, 0, sql.ReadCell(A)) == CellRow(1, 0)


def test_a_failed_transaction_has_freed_its_locks_and_takes_nothing_but_a_rollback() -> None:
    model = shop()
    begin(model, 0)
    value_of(model, 0, sql.ClaimOrder(order("1")))
    error_of(model, 0, sql.WriteCell(A, -1))
    assert value_of(model, 1, sql.ClaimOrder(order("1"))).fresh
    for refused in (sql.ReadCell(A), sql.Commit()):
        with pytest.raises(AssertionError, match="failed"):
            model.perform(0, refused)
    value_of(model, 0, sql.Rollback())
    assert value_of(model, 0, sql.ReadCell(A)) == CellRow(1, 0)


def test_repeatable_read_sees_its_snapshot_from_the_first_statement_on() -> None:
    model = shop(a=3)
    begin(model, 0, repeatable=True)
    value_of(model, 1, sql.WriteCell(A, 2))  # after Begin, before the first statement
    assert value_of(model, 0, sql.ReadCell(A)) == CellRow(2, 1)
    value_of(model, 1, sql.WriteCell(A, 1))
    value_of(model, 1, sql.ClaimOrder(order("1")))
    assert value_of(model, 0, sql.ReadCell(A)) == CellRow(2, 1)
    assert value_of(model, 0, sql.FindOrder("1")) is None


def test_repeatable_read_conflicts_with_a_row_that_was_written_since() -> None:
    model = shop(a=3)
    for step in (TAKE, sql.ReadCellLocked(A), sql.DrawToken(A), sql.WriteCell(A, 1)):
        begin(model, 0, repeatable=True)
        value_of(model, 0, sql.ReadCell(B))
        value_of(model, 1, sql.GiveBack(A, 1))
        assert error_of(model, 0, step) == Conflict()
        value_of(model, 0, sql.Rollback())


def test_repeatable_read_conflicts_after_a_wait_but_not_with_a_mere_lock() -> None:
    model = shop(a=3)
    begin(model, 0, repeatable=True)
    begin(model, 1)
    value_of(model, 0, sql.ReadCell(B))
    value_of(model, 1, sql.ReadCellLocked(A))
    assert waits(model, 0, TAKE)
    value_of(model, 1, sql.Commit())
    assert value_of(model, 0, TAKE)
    begin(model, 1)
    value_of(model, 1, sql.GiveBack(B, 1))
    assert waits(model, 0, sql.ReadCellLocked(B))
    value_of(model, 1, sql.Commit())
    assert error_of(model, 0, sql.ReadCellLocked(B)) == Conflict()


def test_repeatable_read_conflicts_with_a_claim_that_it_cannot_see() -> None:
    model = shop()
    begin(model, 0, repeatable=True)
    value_of(model, 0, sql.ReadCell(A))
    value_of(model, 1, sql.ClaimOrder(order("1")))
    assert error_of(model, 0, sql.ClaimOrder(order("1"))) == Conflict()


def test_a_victim_that_rolls_back_may_begin_again() -> None:
    model = shop()
    begin(model, 0, 1)
    value_of(model, 0, sql.ReadCellLocked(A))
    value_of(model, 1, sql.ReadCellLocked(B))
    assert waits(model, 0, sql.ReadCellLocked(B))
    assert waits(model, 1, sql.ReadCellLocked(A))
    assert error_of(model, 1, sql.ReadCellLocked(A)) == Deadlock()
    value_of(model, 1, sql.Rollback())
    begin(model, 1)
    assert waits(model, 1, sql.ReadCellLocked(A))


def test_a_step_within_a_step_and_a_transaction_within_a_transaction_are_bugs() -> None:
    model = shop()
    begin(model, 0)
    with pytest.raises(AssertionError, match="within"):
        model.perform(0, sql.Begin())


def test_the_life_of_a_hold_is_written_down_generation_by_generation() -> None:
    model = SqlModel(1)
    cell = Cell("a")
    placed = Order("1", (Line(cell, 2), Line(cell, 1)))
    value_of(model, 0, sql.OpenCells((Opening(cell, 9),)))
    value_of(model, 0, sql.ClaimOrder(placed))
    value_of(model, 0, sql.Settle("1", HoldState.EXPIRED))
    value_of(model, 0, sql.Reopen("1", 2, HoldState.PAID))
    assert value_of(model, 0, sql.ReadLog("1")) == placed.lines
    book = model.book()
    assert book is not None
    assert book.orders["1"].units() == {cell: 3}
    assert {line.generation: line.state for line in book.orders["1"].lines} == {
        1: HoldState.EXPIRED,
        2: HoldState.PAID,
    }
    assert book.journal == {"opening:a@online": (cell, 9)}


def test_a_refusal_gives_back_what_was_taken_before_it() -> None:
    model = shop(a=1, b=0)
    basket = order("1", A, B)
    begin(model, 0)
    value_of(model, 0, sql.ClaimOrder(basket))
    value_of(model, 0, TAKE)
    assert not value_of(model, 0, sql.TakeIfEnough(B, 1))
    assert value_of(model, 0, sql.Refuse(basket, basket.takes[1])) is Outcome.REFUSED
    value_of(model, 0, sql.Commit())
    book = model.book()
    assert book is not None
    assert book.remaining == {A: 1, B: 0}
    assert book.orders["1"].units() == {}


def test_holds_become_due_when_time_passes() -> None:
    model = shop()
    value_of(model, 0, sql.ClaimOrder(order("late", hold_s=2.0)))
    value_of(model, 0, sql.ClaimOrder(order("soon", hold_s=1.0)))
    value_of(model, 0, sql.ClaimOrder(order("paid", hold_s=1.5)))
    value_of(model, 0, sql.Settle("paid", HoldState.PAID))
    assert model.deadlines() == (1000, 2000)
    assert value_of(model, 0, sql.DueHolds(10)) == ()
    model.advance(1000)
    assert value_of(model, 0, sql.DueHolds(10)) == ("soon",)
    assert value_of(model, 0, sql.LockOrder("soon")).overdue
    model.advance(2000)
    assert value_of(model, 0, sql.DueHolds(1)) == ("soon",)
    assert value_of(model, 0, sql.DueHolds(10)) == ("soon", "late")
    assert model.deadlines() == ()
    with pytest.raises(AssertionError, match="back"):
        model.advance(1)
