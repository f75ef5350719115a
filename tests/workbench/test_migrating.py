"""`stockproof migrate` says what is there, what it would run, and what it ran."""

import json
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest

from workbench.command_line import run


def said(capsys: pytest.CaptureFixture[str], *words: str) -> dict:
    """What the command answers as JSON."""
    assert run(["migrate", *words, "--json"]) == 0
    return json.loads(capsys.readouterr().out)


def test_a_file_is_planned_migrated_and_then_left_alone(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    url = f"sqlite:///{tmp_path / 'shop.db'}"
    both = ["0001", "0002", "0003"]
    plan = {"before": None, "migrations": both, "after": None, "dry_run": True}
    assert said(capsys, "--sql-url", url, "--dry-run") == plan
    done = {"before": None, "migrations": both, "after": "0003", "dry_run": False}
    assert said(capsys, "--sql-url", url) == done
    again = {"before": "0003", "migrations": [], "after": "0003", "dry_run": False}
    assert said(capsys, "--sql-url", url) == again


@pytest.mark.live
@pytest.mark.slow
def test_postgresql_gets_the_schema_that_was_named(
    postgresql_url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    name = f"test_{uuid4().hex[:12]}"
    words = ("--sql-url", postgresql_url, "--schema", name)
    assert said(capsys, *words, "--dry-run")["before"] is None
    assert said(capsys, *words)["after"] == "0003"
    assert said(capsys, *words)["migrations"] == []
    with psycopg.connect(postgresql_url) as connection:
        connection.execute(f"DROP SCHEMA {name} CASCADE".encode())


@pytest.mark.parametrize(
    "words, sentence",
    [
        (("--sql-url", "mysql://root@db.example/shop"), "--allow-host db.example"),
        (("--sql-url", "postgresql://db.example/shop"), "--allow-host db.example"),
        (("--sql-url", "oracle://here/shop"), "must begin with postgresql://"),
        (("--sql-url", "mysql://root@127.0.0.1/"), "names no database"),
        ((), "--sql-url"),
    ],
)
def test_what_cannot_be_migrated_is_one_sentence(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    words: tuple[str, ...],
    sentence: str,
) -> None:
    monkeypatch.delenv("STOCKPROOF_SQL_URL", raising=False)
    assert run(["migrate", *words]) == 2
    complaint = capsys.readouterr().err
    assert sentence in complaint
    assert complaint.count("\n") == 1
