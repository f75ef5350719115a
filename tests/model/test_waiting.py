"""Who waits for whom in the model of PostgreSQL, and what it finds when it goes on."""

from inventory_core.domain import Cell, HoldState, Outcome
from inventory_core.steps import Deadlock, sql
from inventory_core.steps.sql import CellRow
from scenarios.model import PARTIAL, Blocked, SqlModel
from tests.model.asking import A, B, answer_of, begin, error_of, order, shop, value_of, waits

TAKE = sql.TakeIfEnough(A, 1)


def test_a_second_claim_waits_and_is_told_what_the_first_wrote() -> None:
    model = shop()
    begin(model, 0, 1)
    assert value_of(model, 0, sql.ClaimOrder(order("1"))).fresh
    assert model.perform(1, sql.ClaimOrder(order("1"))) == Blocked(("hold", "1"))
    value_of(model, 0, sql.Settle("1", HoldState.REFUSED))
    value_of(model, 0, sql.Commit())
    claim = value_of(model, 1, sql.ClaimOrder(order("1")))
    assert (claim.fresh, claim.state) == (False, HoldState.REFUSED)


def test_a_second_claim_is_fresh_when_the_first_rolls_back() -> None:
    model = shop()
    begin(model, 0, 1)
    value_of(model, 0, sql.ClaimOrder(order("1")))
    assert waits(model, 1, sql.ClaimOrder(order("1")))
    value_of(model, 0, sql.Rollback())
    assert value_of(model, 1, sql.ClaimOrder(order("1"))).fresh


def test_a_take_looks_again_after_its_wait() -> None:
    model = shop(a=1)
    begin(model, 0)
    assert value_of(model, 0, TAKE)
    assert waits(model, 1, TAKE)
    value_of(model, 0, sql.Commit())
    assert not value_of(model, 1, TAKE)


def test_a_take_that_waited_in_vain_keeps_the_row_locked() -> None:
    model = shop(a=1)
    begin(model, 0, 1)
    value_of(model, 0, TAKE)
    assert waits(model, 1, TAKE)
    value_of(model, 0, sql.Commit())
    assert not value_of(model, 1, TAKE)
    assert waits(model, 0, sql.GiveBack(A, 1))


def test_a_take_that_sees_too_little_neither_waits_nor_locks() -> None:
    model = shop(a=0)
    begin(model, 0, 1)
    value_of(model, 0, sql.GiveBack(A, 5))
    assert not value_of(model, 1, TAKE)
    value_of(model, 0, sql.Commit())
    assert not waits(model, 0, sql.GiveBack(A, 1))


def test_reads_wait_for_nobody_and_see_what_is_committed() -> None:
    model = shop(a=3)
    begin(model, 0)
    value_of(model, 0, sql.WriteCell(A, 1))
    value_of(model, 0, sql.ClaimOrder(order("1")))
    assert value_of(model, 0, sql.ReadCell(A)) == CellRow(1, 1)
    assert value_of(model, 1, sql.ReadCell(A)) == CellRow(3, 0)
    assert value_of(model, 1, sql.FindOrder("1")) is None
    assert value_of(model, 1, sql.LockOrder("1")) is None


def test_a_circle_of_two_is_broken_at_whoever_is_performed_next() -> None:
    for victim, other in ((0, 1), (1, 0)):
        model = in_a_circle()
        assert all(model.deadlocked(session) for session in (0, 1))
        assert error_of(model, victim, WANTED[victim]) == Deadlock()
        assert value_of(model, other, WANTED[other]) == CellRow(1, 0)


WANTED = (sql.ReadCellLocked(B), sql.ReadCellLocked(A))


def in_a_circle() -> SqlModel:
    """Session 0 has a and wants b; session 1 has b and wants a."""
    model = shop(3)
    begin(model, 0, 1)
    value_of(model, 0, sql.ReadCellLocked(A))
    value_of(model, 1, sql.ReadCellLocked(B))
    assert waits(model, 0, WANTED[0])
    assert waits(model, 0, WANTED[0]), "a wait that is no circle stays a wait"
    assert waits(model, 1, WANTED[1])
    return model


def test_who_waits_for_a_circle_is_no_victim_of_it() -> None:
    model = in_a_circle()
    assert waits(model, 2, sql.ReadCellLocked(A))
    assert waits(model, 2, sql.ReadCellLocked(A))
    assert not model.deadlocked(2)


def test_asking_again_for_a_lock_changes_nothing() -> None:
    model = shop()
    begin(model, 0, 1)
    value_of(model, 0, TAKE)
    value_of(model, 1, sql.ReadCellLocked(B))
    assert waits(model, 1, TAKE)
    before = model.key()
    assert waits(model, 1, TAKE)
    assert model.key() == before


def test_a_statement_of_many_rows_pauses_before_each_new_lock_and_keeps_what_it_has() -> None:
    model, basket = shop(3, a=0, b=0), order("1", A, B, Cell("c"))
    value_of(model, 1, sql.ClaimOrder(basket))
    begin(model, 0)
    value_of(model, 0, sql.GiveBack(B, 1))
    refusal = sql.Refuse(basket, basket.takes[2])  # writes the hold, then a, then b
    assert model.perform(1, refusal) is PARTIAL
    assert model.in_transaction(1)
    assert not waits(model, 2, sql.GiveBack(A, 0))
    assert model.perform(1, refusal) == Blocked(("cell", "b", "online"))
    assert waits(model, 2, sql.LockOrder("1"))
    assert waits(model, 2, sql.GiveBack(A, 0))
    value_of(model, 0, sql.Commit())
    assert value_of(model, 1, refusal) is Outcome.REFUSED
    assert value_of(model, 1, sql.ReadCells((A, B))) == (1, 2)


def test_two_workers_share_the_tasks_and_neither_waits() -> None:
    model = shop(3)
    value_of(model, 2, sql.AddTasks("1", 1, ((A, -1), (B, -1), (A, 2))))
    begin(model, 0, 1)
    (oldest,) = value_of(model, 0, sql.TakeTasks(1))
    assert (oldest.cell, oldest.delta) == (A, -1)
    rest = value_of(model, 1, sql.TakeTasks(10))
    assert [(task.cell, task.delta) for task in rest] == [(B, -1), (A, 2)]
    assert value_of(model, 2, sql.TakeTasks(10)) == ()


def test_tasks_that_are_taken_at_the_same_time_may_fall_to_either_worker() -> None:
    model = shop(3)
    value_of(model, 2, sql.AddTasks("1", 1, ((A, -1), (B, -1), (A, 2))))
    begin(model, 0, 1)
    assert model.perform(0, sql.TakeTasks(10)) is PARTIAL
    assert model.perform(1, sql.TakeTasks(10)) is PARTIAL
    assert [task.cell for task in value_of(model, 0, sql.TakeTasks(10))] == [A, A]
    assert [task.cell for task in value_of(model, 1, sql.TakeTasks(10))] == [B]


def test_a_waiting_client_that_dies_is_forgotten_and_its_locks_are_free() -> None:
    model = shop()
    begin(model, 0, 1)
    value_of(model, 0, TAKE)
    value_of(model, 1, sql.ClaimOrder(order("1")))
    assert isinstance(answer_of(model, 1, TAKE), Blocked)
    model.drop(1)
    assert not model.in_transaction(1)
    assert value_of(model, 0, sql.ClaimOrder(order("1"))).fresh
