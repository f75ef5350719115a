"""The auditor reads what is there, without the code under test; planted faults are in the book."""

import time
from concurrent.futures import ThreadPoolExecutor

import psycopg
import pytest

from inventory_core.domain import Cell, HoldState, Opening
from inventory_core.drivers import carry_out
from inventory_core.steps import sql
from inventory_core.stores.audit import Book
from inventory_core.stores.sql import PostgresqlStore, read_book, read_remaining
from strategies.conditional_update import ConditionalUpdate
from tests.stores.sql.clients import A, B, Client, order

pytestmark = pytest.mark.live


def balance(book: Book, cell: Cell) -> int:
    """Units too many (positive) or lost (negative) in a cell, by the law of the books."""
    journal = sum(delta for of, delta in book.journal.values() if of == cell)
    owned = sum(one.units().get(cell, 0) for one in book.orders.values())
    return book.remaining[cell] + book.pending.get(cell, 0) - (journal - owned)


def plant(store: PostgresqlStore, command: str) -> None:
    """Change the tables behind everybody's back."""
    with psycopg.connect(store.url) as connection:
        connection.execute(command.replace("SCHEMA_", store.schema).encode())


def test_the_books_of_a_busy_shop_balance(client: Client, store: PostgresqlStore) -> None:
    strategy = ConditionalUpdate()
    for verb in (
        strategy.deduct(order("1", (A, 3), (B, 1), (A, 1))),
        strategy.deduct(order("2", (A, 1), (B, 9))),
        strategy.deduct(order("3", (B, 2))),
        strategy.pay("3"),
        strategy.roll_back("1"),
        strategy.adjust("delivery", A, 7, ""),
    ):
        carry_out(verb, client.do)
    book = store.book()
    assert (book.remaining[A], book.remaining[B]) == (17, 3)
    assert [balance(book, cell) for cell in (A, B)] == [0, 0]
    assert {number: one.state for number, one in book.orders.items()} == {
        "1": HoldState.ROLLED_BACK,
        "2": HoldState.REFUSED,
        "3": HoldState.PAID,
    }


PLANTED = {
    "UPDATE SCHEMA_.cell SET sellable = sellable + 1 WHERE sku = 'a'": 1,
    "UPDATE SCHEMA_.deduction_log SET state = 'held'": 2,
    "DELETE FROM SCHEMA_.adjustment WHERE sku = 'a'": 10,
    "INSERT INTO SCHEMA_.stock_task (order_number, generation, sku, place, delta) "
    "VALUES ('x', 1, 'a', 'online', -4)": -4,
}


@pytest.mark.parametrize("command", PLANTED)
def test_a_planted_fault_unbalances_the_books(
    client: Client, store: PostgresqlStore, command: str
) -> None:
    client.do(sql.ClaimOrder(order("1", (A, 2))), sql.Settle("1", HoldState.REFUSED))
    assert balance(store.book(), A) == 0
    plant(store, command)
    assert balance(store.book(), A) == PLANTED[command]


def test_a_log_without_a_hold_is_not_hidden(client: Client, store: PostgresqlStore) -> None:
    client.do(sql.ClaimOrder(order("ghost", (A, 2))))
    plant(store, "DELETE FROM SCHEMA_.hold")
    ghost = store.book().orders["ghost"]
    assert (ghost.state, ghost.fingerprint, ghost.units()) == (HoldState.HELD, "", {A: 2})


def test_the_book_is_one_snapshot_while_buyers_buy(client: Client, store: PostgresqlStore) -> None:
    client.do(sql.OpenCells((Opening(Cell("c"), 1_000),)))
    hot = Cell("c")

    def buy() -> None:
        for n in range(150):
            carry_out(ConditionalUpdate().deduct(order(f"{n}", (hot, 1))), client.do)

    with ThreadPoolExecutor(1) as pool:
        buying = pool.submit(buy)
        seen = [store.book()]
        while not buying.done():
            seen.append(store.book())
        buying.result()
    assert {balance(book, hot) for book in seen} == {0}
    assert seen[-1].remaining[hot] < 1_000


def test_uncommitted_work_is_in_no_book(client: Client, store: PostgresqlStore) -> None:
    client.do(sql.Begin(), sql.ClaimOrder(order("1", (A, 1))), sql.TakeIfEnough(A, 1))
    assert read_book(store.url, store.schema).orders == {}
    assert read_remaining(store.url, store.schema) == 15
    client.do(sql.Commit())
    assert read_remaining(store.url, store.schema) == 14


def test_a_gauge_reads_again_and_again(client: Client, store: PostgresqlStore) -> None:
    with store.gauge() as gauge:
        assert gauge.read() == 15
        client.do(sql.TakeIfEnough(A, 10))
        assert gauge.read() == 5


@pytest.mark.slow
def test_three_hundred_thousand_log_rows_are_read_in_a_few_seconds(
    client: Client, store: PostgresqlStore
) -> None:
    plant(
        store,
        """
        INSERT INTO SCHEMA_.hold SELECT n::text, md5(n::text), '', 'held', 1, 1, now()
        FROM generate_series(1, 100000) n;
        INSERT INTO SCHEMA_.deduction_log SELECT n::text, 1, line, 'sku ' || (n + line) % 999,
        'online', 1 + n % 3, 'held' FROM generate_series(1, 100000) n, generate_series(1, 3) line
        """,
    )
    start_s = time.process_time()
    book = store.book()
    took_s = time.process_time() - start_s
    assert sum(len(one.lines) for one in book.orders.values()) == 300_000
    assert took_s < 8, f"{took_s:.1f} s of processor time"
