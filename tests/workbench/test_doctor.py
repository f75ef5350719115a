"""The doctor says what is there, what is not, and what makes figures uncertain."""

from __future__ import annotations

import json

import pytest

from workbench.command_line import run

pytestmark = [pytest.mark.slow, pytest.mark.live]


def rows_said(capsys: pytest.CaptureFixture[str]) -> dict[str, dict[str, str]]:
    """Its findings, by subject."""
    return {row["subject"]: row for row in json.loads(capsys.readouterr().out)["rows"]}


def test_a_machine_that_can_run_it_passes(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for variable in ("STOCKPROOF_SQL_URL", "STOCKPROOF_REDIS_URL"):
        monkeypatch.delenv(variable, raising=False)
    assert run(["doctor", "--json"]) == 0
    rows = rows_said(capsys)
    assert set(rows) >= {"private PostgreSQL", "private Valkey", "cores", "fsync", "clock", "disk"}
    assert {row["state"] for row in rows.values()} <= {"ok", "warn"}
    assert all(row["says"] for row in rows.values())


def test_a_server_that_you_named_and_that_is_not_there_fails_with_what_to_do(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("STOCKPROOF_SQL_URL", "postgresql://nobody@127.0.0.1:1/none")
    monkeypatch.setenv("STOCKPROOF_REDIS_URL", "http://wrong")
    assert run(["doctor", "--json"]) == 2
    rows = rows_said(capsys)
    assert rows["STOCKPROOF_SQL_URL"]["state"] == "fail"
    assert "cannot be reached" in rows["STOCKPROOF_SQL_URL"]["says"]
    assert rows["STOCKPROOF_REDIS_URL"]["state"] == "fail"
    assert "redis://" in rows["STOCKPROOF_REDIS_URL"]["says"]


def test_your_server_is_found_by_its_variable(
    postgresql_url: str,
    valkey_url: str,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("STOCKPROOF_SQL_URL", postgresql_url)
    monkeypatch.setenv("STOCKPROOF_REDIS_URL", valkey_url)
    assert run(["doctor", "--json"]) == 0
    rows = rows_said(capsys)
    assert "answers" in rows["STOCKPROOF_SQL_URL"]["says"]
    assert "answers" in rows["STOCKPROOF_REDIS_URL"]["says"]
