"""The connection itself: transactions opened late, plans abandoned, servers that hang up."""

import signal
import threading
from collections.abc import Callable

import psycopg
import pytest

from inventory_core.domain import Limits, Outcome
from inventory_core.drivers import carry_out
from inventory_core.problems import Problem
from inventory_core.steps import ConnectionLost, ConstraintBroken, sql
from inventory_core.steps.sql import CellRow, Isolation
from inventory_core.stores.sql import PostgresqlStore
from strategies.conditional_update import ConditionalUpdate
from tests.stores.sql.clients import A, Client, Watch, order

pytestmark = pytest.mark.live
STATE = "SELECT state FROM pg_stat_activity WHERE pid = %s"
NOBODY_LEFT = "SELECT count(*) = 0 FROM pg_stat_activity WHERE pid = %s"


def state_of(client: Client, watch: Watch) -> str:
    """What the server says that the connection is doing."""
    state: str = watch.ask(STATE, client.part.backend_pid)
    return state


def hang_up_on(client: Client, watch: Watch) -> None:
    """The server ends the connection, as it does when it is stopped."""
    pid = client.part.backend_pid
    watch.ask("SELECT pg_terminate_backend(%s)", pid)
    watch.until(NOBODY_LEFT, pid)


def test_a_transaction_reaches_the_server_with_its_first_statement(
    client: Client, watch: Watch
) -> None:
    client.do(sql.Begin())
    assert state_of(client, watch) == "idle"
    client.do(sql.ReadCell(A))
    assert state_of(client, watch) == "idle in transaction"
    client.do(sql.Commit())
    assert state_of(client, watch) == "idle"


@pytest.mark.parametrize("end", [sql.Commit(), sql.Rollback()])
def test_an_empty_transaction_ends_without_the_server(client: Client, end: sql.Commit) -> None:
    client.do(sql.Begin(), end, sql.TakeIfEnough(A, 1))
    assert client.do(sql.ReadCell(A)) == CellRow(9, 1)


@pytest.mark.parametrize(
    "isolation, sees", [(Isolation.READ_COMMITTED, 9), (Isolation.REPEATABLE_READ, 10)]
)
def test_the_isolation_asked_for_is_the_isolation_given(
    client: Client, other: Client, isolation: Isolation, sees: int
) -> None:
    assert client.do(sql.Begin(isolation), sql.ReadCell(A)).sellable == 10
    other.do(sql.WriteCell(A, 9))
    assert client.do(sql.ReadCell(A)).sellable == sees
    client.do(sql.Commit())


def test_a_transaction_within_a_transaction_is_a_bug(client: Client) -> None:
    client.do(sql.Begin())
    with pytest.raises(AssertionError, match="within a transaction"):
        client.do(sql.Begin())
    client.do(sql.ReadCell(A))
    with pytest.raises(AssertionError, match="within a transaction"):
        client.do(sql.Begin())


def test_an_error_in_the_first_statement_fails_its_transaction(client: Client) -> None:
    with pytest.raises(ConstraintBroken):
        client.do(sql.Begin(), sql.WriteCell(A, -1))
    with pytest.raises(AssertionError, match="25P02"):
        client.do(sql.ReadCell(A))
    client.do(sql.Rollback())
    assert client.do(sql.ReadCell(A)) == CellRow(10, 0)


def test_committing_a_failed_transaction_is_a_bug_and_not_a_success(client: Client) -> None:
    client.do(sql.Begin(), sql.TakeIfEnough(A, 1))
    with pytest.raises(ConstraintBroken):
        client.do(sql.WriteCell(A, -1))
    with pytest.raises(AssertionError, match="has failed"):
        client.do(sql.Commit())


@pytest.mark.parametrize("steps", range(4))
def test_a_plan_abandoned_anywhere_leaves_nothing_after_a_reset(
    client: Client, other: Client, steps: int
) -> None:
    plan = ConditionalUpdate().deduct(order("1", (A, 1)))
    step = plan.send(None)
    for _ in range(steps):
        step = plan.send(client.do(step))
    plan.close()
    client.session.reset()
    assert other.do(sql.ReadCell(A)).sellable == 10
    assert other.do(sql.FindOrder("1")) is None
    assert carry_out(ConditionalUpdate().deduct(order("1", (A, 1))), client.do) is Outcome.DEDUCTED


def test_the_locks_of_a_client_that_hangs_up_are_freed(client: Client, other: Client) -> None:
    client.do(sql.Begin(), sql.TakeIfEnough(A, 10))
    answer = other.wait_for(sql.TakeIfEnough(A, 10))
    client.part.close()
    assert answer.result(20) is True


def test_a_cut_connection_says_no_goodbye_and_the_server_finds_out(
    client: Client, other: Client
) -> None:
    client.do(sql.Begin(), sql.TakeIfEnough(A, 1))
    client.session.cut()
    client.session.cut()  # twice does no harm
    assert other.do(sql.TakeIfEnough(A, 10)) is True, "the unit is back and its lock is free"
    with pytest.raises(ConnectionLost):
        client.do(sql.Commit())
    client.session.reset()
    assert client.do(sql.ReadCell(A)).sellable == 0


def test_a_connection_that_the_server_ended_is_lost_and_a_reset_makes_a_new_one(
    client: Client, watch: Watch
) -> None:
    client.do(sql.Begin(), sql.TakeIfEnough(A, 1))
    hang_up_on(client, watch)
    for _ in range(2):
        with pytest.raises(ConnectionLost):
            client.do(sql.Commit())
    with pytest.raises(ConnectionLost):
        client.do(sql.Begin(), sql.ReadCell(A))
    client.session.reset()
    assert client.do(sql.Begin(), sql.ReadCell(A)) == CellRow(10, 0)
    client.do(sql.Commit())


def test_a_connection_lost_while_it_waits_is_lost(client: Client, other: Client) -> None:
    client.do(sql.Begin(), sql.TakeIfEnough(A, 1))
    answer = other.wait_for(sql.TakeIfEnough(A, 1))
    client.do(sql.ReadCell(A))
    with psycopg.connect(other.url, autocommit=True) as axe:
        axe.execute("SELECT pg_terminate_backend(%s)", [other.part.backend_pid])
    with pytest.raises(ConnectionLost):
        answer.result(20)
    client.do(sql.Rollback())


def test_a_lost_first_statement_of_a_transaction_is_lost(client: Client, watch: Watch) -> None:
    hang_up_on(client, watch)
    with pytest.raises(ConnectionLost):
        client.do(sql.Begin(), sql.TakeIfEnough(A, 1))
    client.session.reset()
    assert client.do(sql.ReadCell(A)) == CellRow(10, 0)


def test_a_server_that_never_answers_is_given_up(
    client: Client, connect: Callable[..., Client], monkeypatch: pytest.MonkeyPatch
) -> None:
    patient = connect(lock_wait_s=20)
    monkeypatch.setattr(patient.part, "_silence_ms", 30)  # a lock stands for the dead server
    client.do(sql.Begin(), sql.TakeIfEnough(A, 1))
    with pytest.raises(ConnectionLost):
        patient.do(sql.Begin(), sql.TakeIfEnough(A, 1))
    client.do(sql.Commit())
    patient.session.reset()
    assert patient.do(sql.ReadCell(A)) == CellRow(9, 1)


class Interrupted(Exception):
    """What Ctrl-C raises, in this test."""


def test_ctrl_c_gets_through_to_a_client_that_waits(
    client: Client, other: Client, watch: Watch
) -> None:
    client.do(sql.Begin(), sql.TakeIfEnough(A, 1))
    blocked = "SELECT cardinality(pg_blocking_pids(%s)) > 0"
    pid, main = other.part.backend_pid, threading.main_thread().ident
    assert main is not None

    def interrupt() -> None:
        watch.until(blocked, pid)
        signal.pthread_kill(main, signal.SIGUSR1)

    def stop(*_: object) -> None:
        raise Interrupted

    before = signal.signal(signal.SIGUSR1, stop)
    helper = threading.Thread(target=interrupt)
    helper.start()
    try:
        with pytest.raises(Interrupted):
            other.do(sql.TakeIfEnough(A, 1))
    finally:
        helper.join()
        signal.signal(signal.SIGUSR1, before)
    other.session.reset()
    client.do(sql.Rollback())
    assert other.do(sql.ReadCell(A)).sellable in (9, 10)  # nobody knows what became of the take


def test_connections_carry_our_name(client: Client, watch: Watch) -> None:
    pid = client.part.backend_pid
    name = watch.ask("SELECT application_name FROM pg_stat_activity WHERE pid = %s", pid)
    assert name == "stockproof"


def test_a_store_that_was_not_created_cannot_be_connected_to(unmade: PostgresqlStore) -> None:
    with pytest.raises(Problem, match="does not exist"):
        unmade.connect(Limits())


def test_a_server_that_is_gone_is_a_lost_connection_to_a_reset(
    client: Client, watch: Watch, monkeypatch: pytest.MonkeyPatch
) -> None:
    hang_up_on(client, watch)
    with pytest.raises(ConnectionLost):
        client.do(sql.ReadCell(A))
    with monkeypatch.context() as gone:
        gone.setattr(client.part._schema, "url", "postgresql:///x?host=/nowhere&port=1")
        with pytest.raises(ConnectionLost):
            client.session.reset()
    client.session.reset()
    assert client.do(sql.ReadCell(A)) == CellRow(10, 0)
