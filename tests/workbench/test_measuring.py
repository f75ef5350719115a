"""`measure` and `compare` as scripts and people meet them, on private servers."""

from __future__ import annotations

import json
import secrets
from pathlib import Path
from xml.etree import ElementTree

import psycopg
import pytest
import redis

from tests.workbench.command import stockproof

pytestmark = [pytest.mark.slow, pytest.mark.live]

ROW = {
    "strategy",
    "stack",
    "world",
    "connections",
    "durability",
    "fsync_us",
    "repetitions",
    "goodput_per_s",
    "goodput_per_s_low",
    "goodput_per_s_high",
    "sold_out_after_s",
    "attempts",
    "deducted",
    "replayed",
    "refused",
    "contended",
    "errors",
    "unknown",
    "dropped",
    "accepted_latency_ms_p50",
    "accepted_latency_ms_p99",
    "refused_latency_ms_p99",
    "oversold_units",
    "undersold_units",
    "undersold_by_cause",
    "units_left_over",
    "duplicated_orders",
    "lost_orders",
    "leaked_units",
    "driver_bound",
    "verdict",
    "promises_broken",
}
TERMS = ("deducted", "replayed", "refused", "contended", "errors", "unknown", "dropped")
SHORT = ("--seconds", "0.4", "--repeat", "1", "--connections", "2", "--set", "stock.quantity=50")


def test_a_comparison_is_one_object_and_one_report(tmp_path: Path) -> None:
    junit = tmp_path / "verdicts.xml"
    ended = stockproof(
        *("compare", "flash_sale", "--json", *SHORT, "--junit", str(junit)),
        *("--strategy", "conditional_update", "--strategy", "redis_script", "--strategy", "noop"),
        cwd=tmp_path,
        within_s=110,
    )
    assert ended.returncode == 0, ended.stderr
    found = json.loads(ended.stdout)
    rows = {row["strategy"]: row for row in found["rows"]}
    assert set(rows) == {"conditional_update", "redis_script", "noop"}
    for row in rows.values():
        assert set(row) >= ROW
        assert row["attempts"] == sum(row[term] for term in TERMS)
    for name in ("conditional_update", "redis_script"):
        assert rows[name]["verdict"] == "holds"
        assert rows[name]["deducted"] == 50
        assert rows[name]["sold_out_after_s"] > 0
        assert rows[name]["fsync_us"] > 0
    assert {row["strategy"] for row in found["proved"]} == {"conditional_update", "redis_script"}
    page = (tmp_path / found["report"]).read_text("utf-8")
    assert "conditional_update" in page
    assert ElementTree.parse(junit).getroot().get("failures") == "0"
    again = stockproof("report", found["folder"], cwd=tmp_path)
    assert again.returncode == 0, again.stderr
    assert (tmp_path / found["report"]).read_text("utf-8") == page


def test_people_get_a_table_and_where_the_records_are(tmp_path: Path) -> None:
    ended = stockproof(
        *("measure", "flash_sale", *SHORT, "--strategy", "row_lock", "--out", "kept"),
        cwd=tmp_path,
    )
    assert ended.returncode == 0, ended.stderr
    assert "✓ holds" in ended.stdout
    assert "records: kept" in ended.stdout
    assert "1/1" in ended.stderr


def test_a_scenario_of_ones_own_is_measured(tmp_path: Path) -> None:
    (tmp_path / "my_sale.toml").write_text(
        '[stock]\ncells = 2\nquantity = 30\n[demand]\nkind = "open"\nrate_per_s = 200\n',
        encoding="utf-8",
    )
    ended = stockproof(
        *("measure", "./my_sale.toml", "--seconds", "0.5", "--repeat", "1", "--json"),
        *("--strategy", "row_lock"),
        cwd=tmp_path,
    )
    assert ended.returncode == 0, ended.stderr
    found = json.loads(ended.stdout)
    assert found["scenario"] == "my_sale"
    assert found["rows"][0]["deducted"] == 60


def test_a_schema_of_somebody_else_is_refused_and_left_alone(
    tmp_path: Path, postgresql_url: str
) -> None:
    name = f"theirs_{secrets.token_hex(4)}"
    with psycopg.connect(postgresql_url, autocommit=True) as connection:
        connection.execute(f"CREATE SCHEMA {name}")
        connection.execute(f"CREATE TABLE {name}.cell (theirs int)")
        connection.execute(f"INSERT INTO {name}.cell VALUES (7)")
        ended = stockproof(
            *("measure", "flash_sale", *SHORT, "--strategy", "row_lock", "--schema", name),
            cwd=tmp_path,
            STOCKPROOF_SQL_URL=postgresql_url,
        )
        assert ended.returncode == 2
        assert ended.stdout == ""
        assert ended.stderr.count("\n") == 1, ended.stderr
        assert name in ended.stderr
        assert connection.execute(f"TABLE {name}.cell").fetchall() == [(7,)]
        connection.execute(f"DROP SCHEMA {name} CASCADE")


def test_keys_of_somebody_else_are_refused_and_left_alone(tmp_path: Path, valkey_url: str) -> None:
    name = f"theirs_{secrets.token_hex(4)}"
    client = redis.Redis.from_url(valkey_url)
    theirs = f"{{{name}}}:cell:x"
    client.set(theirs, 7)
    ended = stockproof(
        *("measure", "flash_sale", *SHORT, "--strategy", "redis_script", "--schema", name),
        cwd=tmp_path,
        STOCKPROOF_REDIS_URL=valkey_url,
    )
    assert ended.returncode == 2
    assert ended.stdout == ""
    assert ended.stderr.count("\n") == 1, ended.stderr
    assert name in ended.stderr
    assert client.get(theirs) == b"7"
    client.delete(theirs)
    client.close()


def test_records_of_another_question_are_neither_mixed_nor_touched(tmp_path: Path) -> None:
    asked = ("measure", "flash_sale", "--strategy", "noop", "--seconds", "0.2", "--repeat", "1")
    assert stockproof(*asked, "--out", "kept", cwd=tmp_path).returncode == 0
    before = (tmp_path / "kept" / "comparison.json").read_text("utf-8")
    ended = stockproof(*asked, "--seed", "9", "--out", "kept", cwd=tmp_path)
    assert ended.returncode == 2
    assert "another question" in ended.stderr
    assert (tmp_path / "kept" / "comparison.json").read_text("utf-8") == before


def test_a_strategy_that_breaks_a_promise_ends_with_status_1(tmp_path: Path) -> None:
    (tmp_path / "wrong.py").write_text(
        "from strategies.naive_read_write import NaiveReadWrite\n"
        "class Wrong(NaiveReadWrite):\n"
        "    control = False\n",
        encoding="utf-8",
    )
    ended = stockproof(
        *("measure", "flash_sale", "--strategy", "wrong:Wrong", "--seconds", "1", "--json"),
        *("--repeat", "1", "--set", "stock.quantity=200"),
        cwd=tmp_path,
        PYTHONPATH=str(tmp_path),
    )
    assert ended.returncode == 1, ended.stderr
    assert json.loads(ended.stdout)["rows"][0]["verdict"] == "void"


def test_your_own_server_is_left_as_it_was(tmp_path: Path, postgresql_url: str) -> None:
    asked = "SELECT nspname FROM pg_namespace ORDER BY 1"
    with psycopg.connect(postgresql_url, autocommit=True) as connection:
        before = connection.execute(asked).fetchall()
        ended = stockproof(
            *("measure", "flash_sale", *SHORT, "--strategy", "row_lock", "--json"),
            cwd=tmp_path,
            STOCKPROOF_SQL_URL=postgresql_url,
        )
        assert ended.returncode == 0, ended.stderr
        assert connection.execute(asked).fetchall() == before
