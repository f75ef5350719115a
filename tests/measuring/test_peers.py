"""The load driver beside the tools: both really do the same work, and rows say how fast."""

from __future__ import annotations

import json
from pathlib import Path
from uuid import uuid4

import pytest

from inventory_core.domain import Cell, Limits, Opening
from inventory_core.steps import sql
from inventory_core.stores.session import Session
from inventory_core.stores.sql import PostgresqlStore
from scenarios.measuring.peers import peers, works
from scenarios.measuring.peers.pgbench import Pgbench, take_script, transaction_script
from scenarios.measuring.peers.redis_benchmark import script_words
from workbench.command_line import run
from workbench.published_peers import page_of

CELLS = (Cell("1"), Cell("2"), Cell("3"))
UNITS = 1_000_000


def test_the_scripts_are_the_statements_of_our_own_with_variables_for_parameters() -> None:
    for script in (take_script("demo", CELLS), transaction_script("demo", CELLS)):
        assert "$" not in script
        assert "random(1, 3)" in script
        assert "demo.cell.sellable >= :quantity" in script
    lines = transaction_script("demo", CELLS).splitlines()
    assert [line.split()[0] for line in lines if not line.startswith("\\")] == [
        *("BEGIN", "WITH", "UPDATE", "COMMIT;"),
    ]


def test_a_script_of_keys_draws_an_order_number_and_keeps_everything_else() -> None:
    words = script_words("{p}:", Cell("1"))
    assert words[0] == "EVALSHA"
    assert "{p}:order:__rand_int__" in words
    assert "{p}:cell:1@online" in words
    assert words.count("__rand_int__") == 1


def test_many_on_one_connection_are_compared_with_the_best_of_one_command_each() -> None:
    work = peers.Work("together", 8, peers.ONE_CONNECTION, together=True)
    row = peers._row(work, [(50.0, 100.0), (50.0, 100.0)], best=200.0)
    assert (row.peer_per_s, row.ours_per_s, row.ratio) == (200.0, 100.0, 0.5)


def test_the_page_says_how_many_rows_fall_short() -> None:
    rows = [peers.Peer(f"w{n}", "pgbench", 100.0, n, n / 100, 0.9, 0.1, 1.2) for n in (89, 90)]
    page = page_of(rows, 30.0)
    assert "Short of it: 1 of 2." in page
    assert "**0.89**" in page
    assert "**0.90**" not in page


@pytest.mark.live
@pytest.mark.slow
def test_what_pgbench_sells_is_in_the_books_as_if_we_had_sold_it(
    postgresql_url: str, tmp_path: Path
) -> None:
    store = PostgresqlStore(postgresql_url, f"peers_{uuid4().hex[:12]}")
    store.create()
    part = store.connect(Limits())
    openings = tuple(Opening(cell, UNITS) for cell in CELLS)
    Session([part]).perform(sql.OpenCells(openings))
    part.close()
    script = tmp_path / "script.sql"
    script.write_text(transaction_script(store.schema, CELLS))
    try:
        rate = Pgbench(store.url, script, 2).turn(0.1)  # it counts whole seconds
        book = store.book()
    finally:
        store.remove()
    sold = dict.fromkeys(CELLS, 0)
    for order in book.orders.values():
        assert order.state.owns_units
        for line in order.lines:
            sold[line.line.cell] += line.line.quantity
    assert rate > 0
    assert sum(sold.values()) == len(book.orders) > 0
    assert book.remaining == {cell: UNITS - units for cell, units in sold.items()}


@pytest.mark.live
@pytest.mark.slow
def test_the_doctor_prints_a_row_for_each_work(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    some = [each for each in works() if each.clients == 8 and each.cells == 1]
    few = [each for each in some if each.together or (each.commit == "off" and each.transaction)]
    monkeypatch.setattr("workbench.doctoring_peers.works", lambda: tuple(few))
    monkeypatch.setattr("workbench.doctoring_peers.TURNS", 1)
    assert run(["doctor", "--peers", "--seconds", "0.1", "--json"]) == 0
    rows = json.loads(capsys.readouterr().out)["rows"]
    assert [row["work"] for row in rows] == [each.name for each in few]
    for row in rows:
        assert {"work", "peer", "peer_per_s", "ours_per_s", "ratio"} <= set(row)
        assert row["ratio_low"] <= row["ratio"] <= row["ratio_high"]
        assert row["ours_per_s"] > 0
