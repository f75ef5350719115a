"""Bad input gets one clear sentence on stderr, status 2, nothing on stdout, and nothing is lost."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.workbench.command import stockproof

pytestmark = pytest.mark.slow

WRONG = {
    "an unknown command": (["frobnicate"], "frobnicate"),
    "an unknown option": (["measure", "flash_sale", "--sekonds", "1"], "--sekonds"),
    "a wrong value": (["measure", "flash_sale", "--seconds", "soon"], "soon"),
    "no scenario": (["measure"], "SCENARIO"),
    "a wrong scenario": (["measure", "flash_sail"], "choose among flash_sale"),
    "a missing file": (["compare", "./nothing.toml"], "nothing.toml"),
    "a wrong strategy": (["measure", "flash_sale", "--strategy", "x"], "choose among"),
    "a strategy that is not there": (["prove", "no.such:Thing"], "no.such:Thing"),
    "nothing to prove": (["prove", "noop"], "nothing to prove"),
    "a wrong stack": (["measure", "flash_sale", "--stack", "oracle"], "choose among null"),
    "a stack that fits nobody": (
        ["measure", "flash_sale", "--stack", "redis", "--strategy", "row_lock"],
        "row_lock needs sql",
    ),
    "a wrong key": (["measure", "flash_sale", "--set", "demand.conections=4"], "connections"),
    "a setting without a value": (["measure", "flash_sale", "--set", "demand"], "demand"),
    "a wrong URL": (["measure", "flash_sale", "--sql-url", "http://x"], "postgresql://"),
    "a server elsewhere": (
        ["measure", "flash_sale", "--sql-url", "postgresql://u@db.example/x"],
        "--allow-host db.example",
    ),
    "a run that is not there": (["report", "nothing-here"], "nothing-here"),
    "a counterexample that is none": (["prove", "--replay", "pyproject.toml"], "pyproject.toml"),
}


@pytest.mark.parametrize("what", WRONG)
def test_bad_input_is_one_sentence_and_status_2(what: str, tmp_path: Path) -> None:
    arguments, named = WRONG[what]
    (tmp_path / "pyproject.toml").write_text("[project]\n", encoding="utf-8")
    ended = stockproof(*arguments, cwd=tmp_path)
    assert ended.returncode == 2, ended.stderr
    assert ended.stdout == ""
    assert named in ended.stderr
    assert ended.stderr.count("\n") == 1, ended.stderr
    assert "Traceback" not in ended.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["pyproject.toml"]


@pytest.mark.live
@pytest.mark.parametrize(
    "option, url",
    [
        ("--sql-url", "postgresql://nobody@127.0.0.1:1/none"),
        ("--redis-url", "redis://127.0.0.1:1/0"),
    ],
)
def test_a_server_that_is_not_there_is_one_sentence(option: str, url: str, tmp_path: Path) -> None:
    name = "row_lock" if option == "--sql-url" else "redis_script"
    ended = stockproof("measure", "flash_sale", "--strategy", name, option, url, cwd=tmp_path)
    assert ended.returncode == 2, ended.stderr
    assert ended.stderr.strip().splitlines()[-1].startswith("stockproof: ")
    assert "Traceback" not in ended.stderr
    assert ended.stdout == ""


def test_a_dry_run_says_what_would_be_made_and_makes_nothing(tmp_path: Path) -> None:
    ended = stockproof("compare", "flash_sale", "--dry-run", cwd=tmp_path)
    assert ended.returncode == 0, ended.stderr
    assert "a private PostgreSQL" in ended.stdout
    assert "a private Valkey" in ended.stdout
    assert list(tmp_path.iterdir()) == []
