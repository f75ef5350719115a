"""Records are listed, shown, reported and pruned; what is not a comparison is left alone."""

from __future__ import annotations

import io
import json
import os
import time
from pathlib import Path

import pytest

from workbench.command_line import run

pytestmark = pytest.mark.slow

ROW = {"strategy": "row_lock", "stack": "postgresql", "verdict": "holds", "goodput_per_s": 9.0}


@pytest.fixture
def runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Two comparisons, a damaged one, and a folder of somebody's own."""
    folder = tmp_path / "runs"
    for name in ("one", "two"):
        (folder / name).mkdir(parents=True)
        content = {"format": 1, "scenario": "flash_sale", "grade": "demo", "rows": [ROW]}
        content |= {"repetitions": 3, "seconds": 3.0}
        (folder / name / "comparison.json").write_text(json.dumps(content), encoding="utf-8")
    (folder / "damaged").mkdir()
    (folder / "damaged" / "comparison.json").write_text("{", encoding="utf-8")
    (folder / "mine").mkdir()
    for age, name in enumerate(("two", "one", "damaged")):
        written_s = time.time() - 60 * (age + 1)
        os.utime(folder / name / "comparison.json", (written_s, written_s))
    monkeypatch.chdir(tmp_path)
    return folder


def test_they_are_listed_and_a_damaged_one_hides_no_other(
    runs: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["runs", "list", "--json"]) == 0
    listed = json.loads(capsys.readouterr().out)["rows"]
    assert [(row["comparison"], row["grade"]) for row in listed] == [
        ("damaged", "damaged"),
        ("one", "demo"),
        ("two", "demo"),
    ]
    assert run(["runs", "list"]) == 0
    assert "two" in capsys.readouterr().out


def test_one_is_shown_with_the_answer_that_its_report_gives(
    runs: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["runs", "show", "two"]) == 0
    said = capsys.readouterr().out
    assert "row_lock is the only strategy here that holds." in said
    assert "demo grade (3 repetitions of 3 s)" in said
    assert run(["runs", "show", "two", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["rows"] == [ROW]


def test_a_report_is_written_where_it_is_wanted(
    runs: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["report", "two", "--out", "elsewhere", "--json"]) == 0
    (page,) = json.loads(capsys.readouterr().out)["reports"]
    assert Path(page).parent == Path("elsewhere")
    assert "row_lock" in Path(page).read_text("utf-8")


def test_records_of_another_format_are_one_sentence(
    runs: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (runs / "one" / "comparison.json").write_text('{"format": 999, "rows": []}', encoding="utf-8")
    assert run(["report", "one"]) == 2
    said = capsys.readouterr()
    assert "format" in said.err
    assert said.err.count("\n") == 1


def test_old_ones_are_pruned_and_nothing_else_is_touched(
    runs: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["runs", "prune", "--keep", "1", "--dry-run"]) == 0
    assert capsys.readouterr().out.count("would remove") == 2
    assert len(list(runs.iterdir())) == 4
    assert run(["runs", "prune", "--keep", "1", "--yes"]) == 0
    assert sorted(path.name for path in runs.iterdir()) == ["mine", "two"]


def test_nothing_is_removed_unless_somebody_agrees(
    runs: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("y\n"))  # a pipe is nobody
    assert run(["runs", "prune", "--keep", "0"]) == 2
    said = capsys.readouterr()
    assert said.out.count("would remove") == 3
    assert said.err == (
        "stockproof: nobody is there to ask about 3 folders: say --yes to remove them\n"
    )
    assert len(list(runs.iterdir())) == 4


def test_those_of_some_days_ago_go_and_newer_ones_stay(
    runs: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    long_ago_s = time.time() - 40 * 86_400
    os.utime(runs / "two" / "comparison.json", (long_ago_s, long_ago_s))
    assert run(["runs", "prune", "--older-than", "50", "--yes"]) == 0
    assert "nothing to remove" in capsys.readouterr().out
    assert run(["runs", "prune", "--older-than", "30", "--yes"]) == 0
    assert sorted(path.name for path in runs.iterdir()) == ["damaged", "mine", "one"]
