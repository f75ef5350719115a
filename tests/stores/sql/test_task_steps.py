"""Each step on stock tasks and on the journal, alone."""

import pytest

from inventory_core.steps import sql
from inventory_core.stores.sql import PostgresqlStore
from tests.stores.sql.clients import A, B, Client

pytestmark = pytest.mark.live
TASKS = sql.AddTasks("1", 1, ((B, -2), (A, -1), (A, 4)))


def test_tasks_are_taken_oldest_first_and_wait_until_they_are_finished(
    client: Client, store: PostgresqlStore
) -> None:
    client.do(TASKS)
    tasks = client.do(sql.TakeTasks(10))
    assert [(task.cell, task.delta) for task in tasks] == [(B, -2), (A, -1), (A, 4)]
    assert store.book().pending == {A: 3, B: -2}
    client.do(sql.FinishTask(tasks[1].task_id))
    assert client.do(sql.TakeTasks(10)) == (tasks[0], tasks[2])
    assert client.do(sql.TakeTasks(1)) == (tasks[0],)
    assert store.book().pending == {A: 4, B: -2}


def test_no_change_leaves_no_task(client: Client) -> None:
    client.do(sql.AddTasks("1", 1, ()))
    assert client.do(sql.TakeTasks(10)) == ()


def test_tasks_of_a_rolled_back_transaction_are_gone(client: Client) -> None:
    client.do(sql.Begin(), TASKS, sql.Rollback())
    assert client.do(sql.TakeTasks(10)) == ()


def test_an_adjustment_is_new_once_and_then_answers_what_it_was(
    client: Client, store: PostgresqlStore
) -> None:
    assert client.do(sql.RecordAdjustment("k", A, -3, "broken")) is None
    assert client.do(sql.RecordAdjustment("k", B, 8, "another")) == -3
    assert client.do(sql.RecordAdjustment("k", B, 8, "another")) == -3
    assert store.book().journal["k"] == (A, -3)


def test_an_adjustment_of_nothing_is_told_from_a_new_one(client: Client) -> None:
    assert client.do(sql.RecordAdjustment("k", A, 0, "counted")) is None
    assert client.do(sql.RecordAdjustment("k", A, 0, "counted")) == 0


def test_an_adjustment_that_was_rolled_back_is_new_again(client: Client) -> None:
    client.do(sql.Begin(), sql.RecordAdjustment("k", A, 1, ""), sql.Rollback())
    assert client.do(sql.RecordAdjustment("k", A, 1, "")) is None


def test_openings_stand_in_the_journal(client: Client, store: PostgresqlStore) -> None:
    assert store.book().journal == {"opening:a@online": (A, 10), "opening:b@online": (B, 5)}
