"""Each step on holds and their log, alone: its answer, and what the auditor finds afterwards."""

import pytest

from inventory_core.domain import Cell, HoldState, Line, Opening, Order, Outcome
from inventory_core.steps import ConstraintBroken, sql
from inventory_core.steps.sql import StoredOrder
from inventory_core.stores.audit import BookedLine, BookedOrder
from inventory_core.stores.sql import PostgresqlStore
from tests.stores.sql.clients import A, B, Client, order

pytestmark = pytest.mark.live
ONE = order("1", (B, 1), (A, 2), (B, 3))
HELD = StoredOrder(False, HoldState.HELD, 1, ONE.fingerprint, False)


def booked(store: PostgresqlStore, number: str = "1") -> BookedOrder:
    """What the auditor finds."""
    return store.book().orders[number]


def states(store: PostgresqlStore, number: str = "1") -> list[tuple[int, HoldState]]:
    """Generation and state of each log row."""
    return [(line.generation, line.state) for line in booked(store, number).lines]


def test_a_fresh_claim_writes_the_hold_and_one_log_row_a_line(
    client: Client, store: PostgresqlStore
) -> None:
    assert client.do(sql.ClaimOrder(ONE)) == HELD._replace(fresh=True)
    lines = tuple(BookedLine(1, line, HoldState.HELD) for line in ONE.lines)
    assert booked(store) == BookedOrder("1", HoldState.HELD, 1, ONE.fingerprint, lines)


def test_a_second_claim_answers_what_is_stored_and_writes_no_log(
    client: Client, store: PostgresqlStore
) -> None:
    client.do(sql.ClaimOrder(ONE))
    assert client.do(sql.ClaimOrder(order("1", (A, 9)))) == HELD
    assert len(booked(store).lines) == 3


def test_a_claim_after_a_rolled_back_one_is_fresh_again(client: Client) -> None:
    client.do(sql.Begin(), sql.ClaimOrder(ONE), sql.Rollback())
    assert client.do(sql.ClaimOrder(ONE)).fresh


def test_an_order_of_200_lines_with_one_sku_twice_is_logged_line_by_line(
    client: Client, store: PostgresqlStore
) -> None:
    cells = [Cell(f"sku {n % 199}") for n in range(200)]
    big = Order("big", tuple(Line(cell, n + 1) for n, cell in enumerate(cells)))
    assert client.do(sql.ClaimOrder(big)).fresh
    assert client.do(sql.ReadLog("big")) == big.lines
    assert booked(store, "big").units()[Cell("sku 0")] == 1 + 200


def test_the_deadline_is_judged_by_the_clock_of_the_store(client: Client) -> None:
    client.do(sql.ClaimOrder(order("over", (A, 1), hold_s=0)))
    client.do(sql.ClaimOrder(order("open", (A, 1), hold_s=900)))
    assert client.do(sql.FindOrder("over")).overdue is True
    assert client.do(sql.FindOrder("open")).overdue is False


def test_finding_and_locking_read_what_is_stored_or_nothing(client: Client) -> None:
    client.do(sql.ClaimOrder(ONE))
    for step in (sql.FindOrder, sql.LockOrder):
        assert client.do(step("1")) == HELD
        assert client.do(step("2")) is None


def test_burying_leaves_a_tombstone_that_refuses_the_order(
    client: Client, store: PostgresqlStore
) -> None:
    stored = client.do(sql.Bury("1"))
    assert stored[:4] == (True, HoldState.TOMBSTONE, 1, "")
    claim = client.do(sql.ClaimOrder(ONE))
    assert claim[:4] == (False, HoldState.TOMBSTONE, 1, "")
    assert claim.answer_to(ONE) is Outcome.ALREADY_ROLLED_BACK
    assert booked(store) == BookedOrder("1", HoldState.TOMBSTONE, 1, "", ())


def test_burying_a_stored_order_only_reads_it(client: Client, store: PostgresqlStore) -> None:
    client.do(sql.ClaimOrder(ONE))
    assert client.do(sql.Bury("1")) == HELD
    assert booked(store).state is HoldState.HELD


def test_recording_writes_over_what_is_there(client: Client, store: PostgresqlStore) -> None:
    client.do(sql.RecordOrder(ONE))
    assert client.do(sql.FindOrder("1")) == HELD
    assert client.do(sql.ReadLog("1")) == ONE.lines
    shorter = order("1", (A, 7))
    client.do(sql.RecordOrder(shorter))
    assert client.do(sql.ReadLog("1")) == shorter.lines
    assert booked(store).fingerprint == shorter.fingerprint
    assert client.do(sql.ClaimOrder(shorter)).fresh is False


def test_the_log_of_an_unknown_order_is_empty(client: Client) -> None:
    assert client.do(sql.ReadLog("1")) == ()


def test_settling_sets_the_state_of_hold_and_log(client: Client, store: PostgresqlStore) -> None:
    client.do(sql.ClaimOrder(ONE), sql.Settle("1", HoldState.PAID))
    assert booked(store).state is HoldState.PAID
    assert states(store) == [(1, HoldState.PAID)] * 3


def test_settling_an_unknown_order_does_nothing(client: Client, store: PostgresqlStore) -> None:
    client.do(sql.Settle("1", HoldState.PAID))
    assert store.book().orders == {}


def test_settling_with_a_generation_burns_it_and_leaves_older_log_rows_alone(
    client: Client, store: PostgresqlStore
) -> None:
    client.do(sql.ClaimOrder(ONE), sql.Settle("1", HoldState.EXPIRED))
    client.do(sql.Settle("1", HoldState.ROLLED_BACK, 2))
    assert booked(store).state is HoldState.ROLLED_BACK
    assert booked(store).generation == 2
    assert states(store) == [(1, HoldState.EXPIRED)] * 3


def test_reopening_copies_the_first_log_into_the_new_generation(
    client: Client, store: PostgresqlStore
) -> None:
    client.do(sql.ClaimOrder(ONE), sql.Settle("1", HoldState.EXPIRED))
    client.do(sql.Reopen("1", 2, HoldState.PAID))
    assert booked(store).generation == 2
    assert states(store) == [(1, HoldState.EXPIRED)] * 3 + [(2, HoldState.PAID)] * 3
    assert client.do(sql.ReadLog("1")) == ONE.lines
    client.do(sql.Settle("1", HoldState.SHIPPED))
    assert states(store) == [(1, HoldState.EXPIRED)] * 3 + [(2, HoldState.SHIPPED)] * 3


def test_after_a_burnt_generation_the_log_read_is_the_newest_there_is(client: Client) -> None:
    client.do(sql.ClaimOrder(ONE), sql.Settle("1", HoldState.EXPIRED, 2))
    assert client.do(sql.ReadLog("1")) == ONE.lines


def test_the_same_generation_cannot_be_opened_twice(client: Client) -> None:
    client.do(sql.ClaimOrder(ONE), sql.Reopen("1", 2, HoldState.PAID))
    with pytest.raises(ConstraintBroken):
        client.do(sql.Reopen("1", 2, HoldState.PAID))


def test_refusing_gives_back_the_takes_before_and_keeps_the_refusal(
    client: Client, store: PostgresqlStore
) -> None:
    wanted = order("1", (B, 3), (A, 2), (B, 3))
    first, second = wanted.takes
    client.do(sql.Begin(), sql.ClaimOrder(wanted), sql.TakeIfEnough(first.cell, first.quantity))
    assert client.do(sql.TakeIfEnough(second.cell, second.quantity)) is False
    assert client.do(sql.Refuse(wanted, second)) is Outcome.REFUSED
    client.do(sql.Commit())
    assert client.do(sql.ReadCells((A, B))) == (10, 5)
    assert booked(store).state is HoldState.REFUSED
    assert states(store) == [(1, HoldState.REFUSED)] * 3
    assert client.do(sql.ClaimOrder(wanted)).answer_to(wanted) is Outcome.REFUSED


def test_refusing_the_first_take_gives_nothing_back(client: Client) -> None:
    client.do(sql.ClaimOrder(ONE), sql.Refuse(ONE, ONE.takes[0]))
    assert client.do(sql.ReadCell(A)) == sql.CellRow(10, 0)


def test_due_holds_are_unpaid_overdue_and_oldest_first(client: Client) -> None:
    for number, hold_s in (("young", -1.0), ("old", -2.0), ("open", 900.0), ("paid", -3.0)):
        client.do(sql.ClaimOrder(order(number, (A, 1), hold_s=hold_s)))
    client.do(sql.Settle("paid", HoldState.PAID), sql.Bury("buried"))
    assert client.do(sql.DueHolds(10)) == ("old", "young")
    assert client.do(sql.DueHolds(1)) == ("old",)


def test_a_store_can_open_many_cells_at_once(client: Client) -> None:
    cells = tuple(Cell(f"sku {n}") for n in range(500))
    client.do(sql.OpenCells(tuple(Opening(cell, 1) for cell in cells)))
    assert client.do(sql.ReadCells(cells)) == (1,) * 500
