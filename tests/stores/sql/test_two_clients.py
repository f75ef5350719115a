"""Concurrent pairs: who waits, and what he is told when he has waited.

The second client's step runs on a thread; the test goes on only when the server itself says that
it waits. Nobody sleeps.
"""

from collections.abc import Callable
from typing import Any

import pytest

from inventory_core.domain import HoldState, Outcome
from inventory_core.steps import Conflict, Deadlock, LockTimeout, sql
from inventory_core.steps.sql import CellRow, Isolation
from inventory_core.stores.sql import PostgresqlStore
from tests.stores.sql.clients import WITHIN_S, A, B, Client, order

pytestmark = pytest.mark.live
ONE = order("1", (A, 1))
REPEATABLE = sql.Begin(Isolation.REPEATABLE_READ)


def test_a_second_claim_waits_and_answers_what_the_first_one_stored(
    client: Client, other: Client, store: PostgresqlStore
) -> None:
    assert client.do(sql.Begin(), sql.ClaimOrder(ONE)).fresh
    answer = other.wait_for(sql.ClaimOrder(ONE))
    client.do(sql.Settle("1", HoldState.REFUSED), sql.Commit())
    claim = answer.result(WITHIN_S)
    assert claim[:2] == (False, HoldState.REFUSED)
    assert claim.answer_to(ONE) is Outcome.REFUSED
    assert len(store.book().orders["1"].lines) == 1


def test_a_second_claim_is_fresh_when_the_first_one_is_rolled_back(
    client: Client, other: Client, store: PostgresqlStore
) -> None:
    client.do(sql.Begin(), sql.ClaimOrder(ONE))
    answer = other.wait_for(sql.ClaimOrder(ONE))
    client.do(sql.Rollback())
    assert answer.result(WITHIN_S).fresh is True
    assert len(store.book().orders["1"].lines) == 1


def test_a_second_claim_at_repeatable_read_is_a_conflict(client: Client, other: Client) -> None:
    client.do(sql.Begin(), sql.ClaimOrder(ONE))
    other.do(REPEATABLE, sql.ReadCell(A))
    answer = other.wait_for(sql.ClaimOrder(ONE))
    client.do(sql.Commit())
    with pytest.raises(Conflict):
        answer.result(WITHIN_S)
    other.do(sql.Rollback())
    assert other.do(sql.ClaimOrder(ONE)).fresh is False


def test_a_claim_waits_for_a_burial_and_meets_the_tombstone(client: Client, other: Client) -> None:
    assert client.do(sql.Begin(), sql.Bury("1")).fresh
    answer = other.wait_for(sql.ClaimOrder(ONE))
    client.do(sql.Commit())
    assert answer.result(WITHIN_S)[:2] == (False, HoldState.TOMBSTONE)


def test_a_burial_waits_for_a_claim_and_reads_the_hold(client: Client, other: Client) -> None:
    client.do(sql.Begin(), sql.ClaimOrder(ONE))
    answer = other.wait_for(sql.Bury("1"))
    client.do(sql.Commit())
    assert answer.result(WITHIN_S)[:2] == (False, HoldState.HELD)


def test_a_found_order_locks_nothing_and_an_uncommitted_one_is_not_seen(
    client: Client, other: Client
) -> None:
    client.do(sql.Begin(), sql.ClaimOrder(ONE))
    assert other.do(sql.FindOrder("1")) is None
    assert other.do(sql.LockOrder("1")) is None
    client.do(sql.Commit())


def test_a_locked_order_is_read_as_the_first_resolver_left_it(
    client: Client, other: Client
) -> None:
    client.do(sql.ClaimOrder(ONE), sql.Begin(), sql.LockOrder("1"))
    answer = other.wait_for(sql.LockOrder("1"))
    client.do(sql.Settle("1", HoldState.PAID), sql.Commit())
    assert answer.result(WITHIN_S).state is HoldState.PAID


@pytest.mark.parametrize("first, second_took", [(9, False), (5, True)])
def test_a_take_that_waited_judges_the_row_again(
    client: Client, other: Client, first: int, second_took: bool
) -> None:
    client.do(sql.Begin(), sql.TakeIfEnough(A, first))
    answer = other.wait_for(sql.TakeIfEnough(A, 5))
    client.do(sql.Commit())
    assert answer.result(WITHIN_S) is second_took


def test_a_take_that_is_refused_at_once_waits_for_nobody(client: Client, other: Client) -> None:
    client.do(sql.Begin(), sql.GiveBack(A, 90))
    assert other.do(sql.TakeIfEnough(A, 11)) is False
    client.do(sql.Commit())


def test_at_repeatable_read_a_take_of_a_row_that_was_written_since_is_a_conflict(
    client: Client, other: Client
) -> None:
    assert other.do(REPEATABLE, sql.ReadCell(A)) == CellRow(10, 0)
    client.do(sql.TakeIfEnough(A, 1))
    assert other.do(sql.ReadCell(A)) == CellRow(10, 0)
    with pytest.raises(Conflict):
        other.do(sql.TakeIfEnough(A, 1))
    other.do(sql.Rollback())


def test_at_read_committed_every_statement_sees_what_is_committed(
    client: Client, other: Client
) -> None:
    assert other.do(sql.Begin(), sql.ReadCell(A)) == CellRow(10, 0)
    client.do(sql.TakeIfEnough(A, 1))
    assert other.do(sql.ReadCell(A)) == CellRow(9, 1)
    other.do(sql.Commit())


def test_a_locked_read_waits_and_reads_the_newest_row(client: Client, other: Client) -> None:
    client.do(sql.Begin(), sql.ReadCellLocked(A))
    answer = other.wait_for(sql.ReadCellLocked(A))
    client.do(sql.WriteCell(A, 0), sql.Commit())
    assert answer.result(WITHIN_S) == CellRow(0, 1)


def test_compare_and_set_that_waited_fails_on_the_new_version(
    client: Client, other: Client
) -> None:
    client.do(sql.Begin(), sql.WriteCellIfVersion(A, 9, 0))
    answer = other.wait_for(sql.WriteCellIfVersion(A, 9, 0))
    client.do(sql.Commit())
    assert answer.result(WITHIN_S) is False


def test_two_workers_take_different_tasks(client: Client, other: Client) -> None:
    client.do(sql.AddTasks("1", 1, ((A, -1), (A, -2), (A, -3))))
    mine = client.do(sql.Begin(), sql.TakeTasks(1))
    theirs = other.do(sql.Begin(), sql.TakeTasks(10))
    assert [task.delta for task in (*mine, *theirs)] == [-1, -2, -3]
    client.do(sql.FinishTask(mine[0].task_id), sql.Commit())
    other.do(sql.Rollback())
    assert [task.delta for task in other.do(sql.TakeTasks(10))] == [-2, -3]


def test_a_second_adjustment_waits_and_sees_what_the_first_one_wrote(
    client: Client, other: Client
) -> None:
    client.do(sql.Begin(), sql.RecordAdjustment("k", A, 3, ""))
    answer = other.wait_for(sql.RecordAdjustment("k", B, 4, ""))
    client.do(sql.Commit())
    assert answer.result(WITHIN_S) == 3


def test_a_second_adjustment_is_new_when_the_first_one_is_rolled_back(
    client: Client, other: Client
) -> None:
    client.do(sql.Begin(), sql.RecordAdjustment("k", A, 3, ""))
    answer = other.wait_for(sql.RecordAdjustment("k", B, 4, ""))
    client.do(sql.Rollback())
    assert answer.result(WITHIN_S) is None


def test_recording_waits_for_whoever_writes_the_order(client: Client, other: Client) -> None:
    client.do(sql.Begin(), sql.RecordOrder(order("1", (A, 1), (B, 1))))
    answer = other.wait_for(sql.RecordOrder(ONE))
    client.do(sql.Commit())
    assert answer.result(WITHIN_S) is None
    assert other.do(sql.FindOrder("1")).fingerprint == ONE.fingerprint


def test_a_wait_for_a_lock_is_bounded_and_the_transaction_goes_on_after_a_rollback(
    client: Client, connect: Callable[..., Client]
) -> None:
    impatient = connect(lock_wait_s=0.05)
    client.do(sql.Begin(), sql.ReadCellLocked(A))
    impatient.do(sql.Begin(), sql.TakeIfEnough(B, 1))
    with pytest.raises(LockTimeout):
        impatient.do(sql.TakeIfEnough(A, 1))
    impatient.do(sql.Rollback())
    client.do(sql.Commit())
    assert impatient.do(sql.ReadCells((A, B))) == (10, 5)
    assert impatient.do(sql.TakeIfEnough(A, 1)) is True


def test_no_patience_at_all_is_not_patience_for_ever(
    client: Client, connect: Callable[..., Client]
) -> None:
    impatient = connect(lock_wait_s=0)
    client.do(sql.Begin(), sql.ReadCellLocked(A))
    with pytest.raises(LockTimeout):
        impatient.do(sql.TakeIfEnough(A, 1))
    client.do(sql.Rollback())


@pytest.mark.slow
def test_of_two_who_wait_for_each_other_one_is_the_victim(client: Client, other: Client) -> None:
    client.do(sql.Begin(), sql.TakeIfEnough(A, 1))
    other.do(sql.Begin(), sql.TakeIfEnough(B, 1))
    answer = other.wait_for(sql.TakeIfEnough(A, 1))
    told: list[Any] = []
    for waits in (lambda: client.do(sql.TakeIfEnough(B, 1)), lambda: answer.result(WITHIN_S)):
        try:
            told.append(waits())
        except Deadlock as error:
            told.append(error)
            (client if len(told) == 1 else other).do(sql.Rollback())
    assert sorted(map(str, map(type, told))) == sorted([str(Deadlock), str(bool)])
