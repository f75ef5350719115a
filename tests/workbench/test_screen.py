"""Results go to stdout, news to stderr, and JSON is JSON whatever a row holds."""

from __future__ import annotations

import io
import json
import math
import os
import subprocess
from pathlib import Path

import numpy as np
import pytest
from rich.console import Console
from rich.progress import Progress

from tests.workbench.command import command
from workbench.junit import write_junit
from workbench.screen import COLUMNS, Ticker, print_json


def test_what_json_cannot_hold_becomes_null_or_a_plain_number(
    capsys: pytest.CaptureFixture[str],
) -> None:
    print_json({"nan": math.nan, "high": np.float64(1.5), "count": np.int64(3), "at": Path("x")})
    assert json.loads(capsys.readouterr().out) == {"nan": None, "high": 1.5, "count": 3, "at": "x"}


def test_a_terminal_gets_a_bar_for_all_runs_and_one_for_this_run() -> None:
    paper = io.StringIO()
    console = Console(file=paper, force_terminal=True, width=100)
    with Progress(*COLUMNS, console=console, auto_refresh=False) as progress:
        ticker = Ticker(progress, quiet=False)
        ticker.expect(4, "all runs")
        ticker.now("the first", about_s=1e-9)
        ticker.done("the first: holds")
        ticker.now("the second", about_s=3600.0)
        progress.refresh()
    shown = paper.getvalue()
    assert "all runs" in shown
    assert "1/4" in shown
    assert "the second" in shown
    assert "the first" not in shown.rpartition("all runs")[2]


def test_a_log_gets_a_line_for_every_run_that_is_finished(
    capsys: pytest.CaptureFixture[str],
) -> None:
    ticker = Ticker(None, quiet=False)
    ticker.expect(2, "all runs")
    ticker.now("the first", about_s=3.0)
    ticker.done("the first: holds")
    ticker.done("the second: void")
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err == "[1/2] the first: holds\n[2/2] the second: void\n"


def test_a_log_is_not_flooded_by_hundreds_of_cases(capsys: pytest.CaptureFixture[str]) -> None:
    ticker = Ticker(None, quiet=False)
    for number in range(1, 501):
        ticker.follow(number, 500, f"case {number}")
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) < 10
    assert lines[-1] == "[500/500] case 500"


def test_nothing_is_said_when_a_script_listens(capsys: pytest.CaptureFixture[str]) -> None:
    ticker = Ticker(None, quiet=True)
    ticker.expect(1, "all runs")
    ticker.done("the first")
    assert capsys.readouterr() == ("", "")


@pytest.mark.slow
def test_a_reader_who_goes_away_gets_no_traceback_and_no_verdict() -> None:
    root = Path(__file__).parents[2]
    read, write = os.pipe()
    os.close(read)
    ended = subprocess.run(
        command("list", "strategies"),
        env=os.environ | {"PYTHONPATH": str(root)},
        stdout=write,
        stderr=subprocess.PIPE,
        text=True,
        timeout=60,
        check=False,
    )
    os.close(write)
    assert ended.returncode == 141  # as if SIGPIPE had ended it: neither "held" nor "broken"
    assert ended.stderr == ""


@pytest.mark.slow
@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no /dev/full")
def test_a_full_disk_is_one_sentence() -> None:
    root = Path(__file__).parents[2]
    with Path("/dev/full").open("w") as full:
        ended = subprocess.run(
            command("list", "strategies"),
            env=os.environ | {"PYTHONPATH": str(root)},
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            timeout=60,
            check=False,
        )
    assert ended.returncode == 2
    assert "the disk is full" in ended.stderr
    assert ended.stderr.count("\n") == 1


def test_junit_tells_what_held_what_broke_and_what_is_not_known(tmp_path: Path) -> None:
    rows = [
        {"strategy": "good", "stack": "redis", "verdict": "holds"},
        {"strategy": "bad", "stack": "redis", "verdict": "void", "promises_broken": ["x"]},
        {"strategy": "unsure", "stack": "redis", "verdict": "unknown"},
        {"strategy": "naive", "stack": "redis", "verdict": "void", "control": True},
        {"strategy": "proved", "holds": True, "control": False, "promises_broken": []},
        {"strategy": "escaped", "holds": True, "control": True, "promises_broken": []},
    ]
    file = tmp_path / "reports" / "junit.xml"
    write_junit(file, "a suite", rows)
    text = file.read_text("utf-8")
    assert 'tests="6" failures="2" errors="1"' in text
    assert "broken: x" in text
    assert "a control was not caught" in text
