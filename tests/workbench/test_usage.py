"""Bad input gets one clear sentence on stderr, status 2, nothing on stdout, and nothing is lost."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.workbench.command import stockproof
from workbench.command_line import COMMANDS, run

WRONG = {
    "an unknown command": (["mesure"], "'mesure' (did you mean measure?)"),
    "an unknown command like no other": (["frobnicate"], "'frobnicate'; see stockproof --help"),
    "an unknown thing to list": (["list", "strategis"], "did you mean strategies?"),
    "half a command": (["list"], "say one of strategies, scenarios, studies, stacks"),
    "an unknown option": (["measure", "flash_sale", "--sekonds", "1"], "did you mean --seconds?"),
    "an option without its value": (["measure", "flash_sale", "--strategy"], "--strategy"),
    "one argument too many": (["doctor", "please"], "(please)"),
    "a wrong value": (["measure", "flash_sale", "--seconds", "soon"], "'soon' for '--seconds'"),
    "a value out of range": (["measure", "flash_sale", "--repeat", "0"], "'0' for '--repeat'"),
    "an unknown grade": (["compare", "flash_sale", "--grade", "gold"], "'gold' is not one of"),
    "no scenario": (["measure"], "'scenario'; see stockproof measure --help"),
    "a wrong scenario": (["measure", "flash_sail"], "choose among activity_window"),
    "a missing file": (["compare", "./nothing.toml"], "nothing.toml"),
    "a file that is no TOML": (["measure", "./mine/bad.toml"], "bad.toml"),
    "a wrong strategy": (["measure", "flash_sale", "--strategy", "x"], "choose among"),
    "a module that is not there": (["prove", "no.such:Thing"], "no.such:Thing"),
    "a class that is no strategy": (["prove", "pathlib:Path"], "pathlib:Path is not a strategy"),
    "a strategy without a module": (["prove", ":Thing"], ":Thing"),
    "nothing to prove": (["prove", "noop"], "nothing to prove"),
    "a wrong stack": (["measure", "flash_sale", "--stack", "oracle"], "choose among null"),
    "a stack for proofs only": (
        ["measure", "flash_sale", "--stack", "model"],
        "use stockproof prove",
    ),
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
    "an --out that is a file": (
        ["measure", "flash_sale", "--out", "mine/bad.toml"],
        "bad.toml is not a folder",
    ),
    "an --out under a file": (
        ["compare", "flash_sale", "--out", "mine/bad.toml/x"],
        "bad.toml is not a folder",
    ),
    "a run that is not there": (["report", "nothing-here"], "nothing-here"),
    "a run that is damaged": (["runs", "show", "mine/damaged"], "is damaged"),
    "a run without rows": (["runs", "show", "mine/empty"], "holds no comparison"),
    "a page for --out of a report": (["report", "a", "--out", "x.html"], "names a folder"),
    "a counterexample that is none": (["prove", "--replay", "mine/bad.toml"], "bad.toml"),
    "a counterexample that is not there": (["prove", "--replay", "mine/x.json"], "x.json"),
}


@pytest.fixture
def mine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with files that are not what they should be; the working directory is around it."""
    folder = tmp_path / "mine"
    contents = {"damaged": "{", "empty": "{}"}
    for name, text in contents.items():
        (folder / name).mkdir(parents=True)
        (folder / name / "comparison.json").write_text(text, encoding="utf-8")
    (folder / "bad.toml").write_text("what?", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return folder


def everything_in(folder: Path) -> list[tuple[str, str]]:
    """What lies under a folder, with its content."""
    found = sorted(path for path in folder.rglob("*") if path.is_file())
    return [(str(path.relative_to(folder)), path.read_text("utf-8")) for path in found]


@pytest.mark.slow
@pytest.mark.parametrize("what", WRONG)
def test_bad_input_is_one_sentence_and_status_2(
    what: str, mine: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments, named = WRONG[what]
    before = everything_in(mine.parent)
    assert run(arguments) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert named in said.err
    assert said.err.startswith("stockproof: ")
    assert said.err.count("\n") == 1
    assert everything_in(mine.parent) == before


@pytest.mark.live
@pytest.mark.slow
@pytest.mark.parametrize(
    "option, name, url",
    [
        ("--sql-url", "row_lock", "postgresql://nobody@127.0.0.1:1/none"),
        ("--sql-url", "row_lock", "postgresql:///none?host=/nowhere"),
        ("--redis-url", "redis_script", "redis://127.0.0.1:1/0"),
    ],
)
def test_a_server_that_is_not_there_is_one_sentence_before_anything_is_proved(
    option: str, name: str, url: str, mine: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["compare", "flash_sale", "--strategy", name, option, url]) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.count("\n") == 1, said.err
    assert "cannot be reached" in said.err
    assert not (mine.parent / "runs").exists()


@pytest.mark.slow
def test_a_real_process_ends_with_that_status_and_no_traceback(tmp_path: Path) -> None:
    ended = stockproof("measure", "flash_sail", cwd=tmp_path)
    assert ended.returncode == 2
    assert ended.stdout == ""
    assert ended.stderr.startswith("stockproof: there is no scenario 'flash_sail'")


@pytest.mark.slow
def test_a_dry_run_says_what_would_be_made_and_makes_nothing(
    mine: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = everything_in(mine.parent)
    assert run(["compare", "flash_sale", "--dry-run"]) == 0
    said = capsys.readouterr().out
    assert "a private PostgreSQL" in said
    assert "a private Valkey" in said
    assert run(["measure", "flash_sale", "--dry-run", "--json", "--out", "here"]) == 0
    lines = json.loads(capsys.readouterr().out)["would_create_and_remove"]
    assert any("the folder here" in line for line in lines)
    assert everything_in(mine.parent) == before


@pytest.mark.slow
def test_a_dry_run_on_your_servers_names_schema_and_prefix(
    mine: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    urls = ["--sql-url", "postgresql://127.0.0.1:1/x", "--redis-url", "redis://127.0.0.1:1/0"]
    assert run(["compare", "flash_sale", "--dry-run", *urls]) == 0
    said = capsys.readouterr().out
    assert "stockproof_xxxxxxxx" in said
    assert "private" not in said


def test_without_a_word_it_says_what_there_is(capsys: pytest.CaptureFixture[str]) -> None:
    assert run([]) == 0
    said = capsys.readouterr().out
    assert all(name in said for name in COMMANDS)


def test_the_version_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["--version"]) == 0
    assert capsys.readouterr().out.startswith("stockproof 0.")


@pytest.mark.slow
@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_has_help(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run([name, "--help"]) == 0
    assert f"Usage: stockproof {name}" in capsys.readouterr().out
