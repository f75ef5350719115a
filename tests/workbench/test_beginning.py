"""`stockproof new`: what it writes holds and runs as it stands, and nothing is overwritten."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.workbench.command import stockproof
from workbench.command_line import run

pytestmark = pytest.mark.slow


def test_a_new_strategy_is_proved_green_as_it_is_written(tmp_path: Path) -> None:
    written = stockproof("new", "strategy", "my_idea", "--json", cwd=tmp_path)
    assert written.returncode == 0, written.stderr
    said = json.loads(written.stdout)
    assert said == {"file": "my_idea.py", "next": "stockproof prove my_idea:MyIdea"}
    proved = stockproof(*said["next"].split()[1:], "--json", cwd=tmp_path)
    assert proved.returncode == 0, proved.stderr
    (row,) = json.loads(proved.stdout)["rows"]
    assert (row["holds"], row["promises_broken"]) == (True, [])
    assert row["states"] > 1_000


@pytest.mark.parametrize("words", [["check", "--ignore", "D102,I001"], ["format", "--check"]])
def test_it_is_in_the_style_of_the_house(words: list[str], tmp_path: Path) -> None:
    assert run(["new", "strategy", "my_idea", "--into", str(tmp_path)]) == 0
    rules = str(Path(__file__).parents[2] / "pyproject.toml")
    ruff = [sys.executable, "-m", "ruff", *words, "--config", rules, "--no-cache"]
    ended = subprocess.run(
        [*ruff, str(tmp_path / "my_idea.py")], capture_output=True, text=True, check=False
    )
    assert ended.returncode == 0, ended.stdout


@pytest.mark.live
def test_a_new_scenario_runs_as_it_is_written(tmp_path: Path) -> None:
    assert stockproof("new", "scenario", "my_sale", cwd=tmp_path).returncode == 0
    ended = stockproof(
        *("measure", "./my_sale.toml", "--seconds", "0.3", "--repeat", "1", "--json"),
        *("--strategy", "row_lock", "--connections", "2", "--set", "stock.quantity=50"),
        cwd=tmp_path,
    )
    assert ended.returncode == 0, ended.stderr
    (row,) = json.loads(ended.stdout)["rows"]
    assert (row["deducted"] > 0, row["verdict"]) == (True, "holds")


@pytest.mark.parametrize("what, file", [("strategy", "mine.py"), ("scenario", "mine.toml")])
def test_what_is_there_is_not_overwritten(
    what: str, file: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / file).write_text("precious", encoding="utf-8")
    assert run(["new", what, "mine", "--into", str(tmp_path)]) == 2
    assert "is there already" in capsys.readouterr().err
    assert (tmp_path / file).read_text("utf-8") == "precious"


@pytest.mark.parametrize(
    "words, sentence",
    [
        (["strategy", "My-Idea"], "'My-Idea' cannot be a name"),
        (["strategy", "row_lock"], "there is a row_lock already"),
        (["strategy", "json"], "Python has a module json already"),
        (["scenario", "flash_sale"], "there is a flash_sale already"),
        (["scenario", "x", "--into", "not/there"], "there is no folder not/there"),
    ],
)
def test_a_name_that_cannot_be_is_one_sentence(
    words: list[str], sentence: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["new", *words]) == 2
    said = capsys.readouterr()
    assert sentence in said.err
    assert (said.out, said.err.count("\n")) == ("", 1)
