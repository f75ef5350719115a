"""`measure --against` and `diff` as scripts meet them; what they refuse, and how they end."""

from __future__ import annotations

import json
from pathlib import Path
from typing import NoReturn

import pytest

from inventory_core.problems import Problem
from tests.workbench.command import stockproof
from workbench import taking_sides
from workbench.command_line import run
from workbench.comparing import Asked
from workbench.measuring import share_of, way
from workbench.remarks import sentence
from workbench.sides_asked import Changes, sides_of

STEADY = ("--set", "stock.quantity=1000000000", "--connections", "2")
SHORT = ("--seconds", "1.2", "--repeat", "1", "--json", "--slice-ms", "50")


@pytest.mark.slow
@pytest.mark.live
def test_two_sides_take_turns_are_audited_and_can_be_compared_again_from_their_records(
    tmp_path: Path,
) -> None:
    out = tmp_path / "turns"
    ended = stockproof(
        *("measure", "flash_sale", "--strategy", "redis_script", "--against", "redis_script"),
        *("--against-set", "limits.tries=3", *STEADY, *SHORT, "--out", str(out)),
        within_s=110,
    )
    assert ended.returncode in (0, 1), ended.stderr
    found = json.loads(ended.stdout)
    against, rows = found["against"], found["rows"]
    assert [row["side"] for row in rows] == ["new", "base"]
    assert all(row["verdict"] == "holds" and row["deducted"] > 100 for row in rows)
    assert against["verdict"] in ("faster", "slower", "same", "unknown")
    assert (ended.returncode == 1) == (against["verdict"] == "slower")
    assert against["base"]["told"] == "limits.tries=3"
    late = "ran on in" in against["why"]  # on a machine that is too busy for slices of 50 ms
    assert against["rounds"] == (0 if late else 12)
    assert against["ratio_low"] <= against["ratio"] <= against["ratio_high"]
    again = stockproof("diff", str(out / "base-1"), str(out / "new-1"), "--json")
    row = json.loads(again.stdout)["rows"][0]
    assert row["by"] == "turns"
    assert row["ratio"] == pytest.approx(against["ratio"])
    assert row["verdict"] == against["verdict"]


def test_a_share_is_a_percentage_or_a_number() -> None:
    assert share_of("5%") == share_of("0.05") == 0.05
    for nonsense in ("many", "0", "120%", "-1%"):
        with pytest.raises(Problem, match="percentage"):
            share_of(nonsense)


def test_one_way_of_measuring_at_a_time() -> None:
    with pytest.raises(Problem, match="choose one of"):
        way(against="row_lock", find_knee=True)
    assert way(curve="4,1,2").curve == (1, 2, 4)
    for nonsense in ("1,two", "0,4"):
        with pytest.raises(Problem, match="client counts"):
            way(curve=nonsense)


def test_what_two_sides_came_to_is_one_sentence() -> None:
    sides = {"new": {"strategy": "b", "told": ""}, "base": {"strategy": "a", "told": "pool=4"}}
    ratio = {"ratio": 0.9, "ratio_low": 0.88, "ratio_high": 0.92, "p": 0.002, "rounds": 10}
    found = sides | ratio | {"material": 0.05, "verdict": "slower", "why": ""}
    assert sentence(found) == (
        "b does 0.900 times what a (pool=4) does (0.880 to 0.920, p 0.002, 10 rounds): slower,"
        " counting 5% or more"
    )
    unknown = found | {"verdict": "unknown", "rounds": 0, "why": "the base side is void"}
    assert sentence(unknown) == "b against a (pool=4): unknown, because the base side is void"


def test_changes_know_whose_they_are() -> None:
    changes = Changes("", ("demand.pool=4", "limits.tries=3", "servers.stack=mariadb"))
    assert changes.of_scenario == ["demand.pool=4"]
    assert changes.starting("limits") == {"tries": 3}
    assert changes.starting("servers") == {"stack": "mariadb"}


@pytest.mark.slow
@pytest.mark.parametrize(
    "words, said",
    [
        (("--against", "row_lock"), "--strategy which one strategy"),
        (("--strategy", "noop", "--against-set", "limits.trys=3"), "did you mean limits.tries"),
        (("--strategy", "noop", "--against-set", "servers.sq=1"), "did you mean servers.sql_url"),
        (("--strategy", "row_lock", "--against", "rowlock"), "no strategy 'rowlock'"),
        (("--strategy", "row_lock", "--against-set", "demand.processes=3"), "worker processes"),
        (
            ("--strategy", "row_lock", "--against", "row_lock", "--set", "demand.kind=open"),
            "demand.kind=closed",
        ),
    ],
)
def test_what_cannot_take_turns_is_refused_in_one_sentence(
    words: tuple[str, ...], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["measure", "flash_sale", *words]) == 2
    told = capsys.readouterr().err
    assert said in told
    assert told.count("\n") == 1


@pytest.mark.slow
def test_a_dry_run_names_what_both_sides_would_create(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    words = ("--strategy", "row_lock", "--against", "redis_script", "--dry-run")
    assert run(["measure", "flash_sale", *words, "--out", str(tmp_path / "none")]) == 0
    told = capsys.readouterr().out
    assert "new side on postgresql: a private PostgreSQL" in told
    assert "base side on redis: a private" in told
    assert not (tmp_path / "none").exists()


def test_two_sides_never_share_the_schema_that_was_named(
    capsys: pytest.CaptureFixture[str],
) -> None:
    words = ("--strategy", "row_lock", "--against-set", "limits.tries=3", "--dry-run")
    url = ("--sql-url", "postgresql://root@127.0.0.1:5432/test", "--schema", "mine")
    assert run(["measure", "flash_sale", *words, *url]) == 0
    told = capsys.readouterr().out
    assert "mine_new" in told
    assert "mine_base" in told


def test_what_differs_at_the_base_is_told_without_its_password(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    told: list[str] = []

    def sides(wish: Asked, changes: Changes) -> NoReturn:
        told.extend(side.told for side in sides_of(wish, changes))
        raise Problem("seen")

    monkeypatch.setattr(taking_sides, "sides_of", sides)
    url = "servers.sql_url=postgresql://root:secret@127.0.0.1:5432/test"
    words = ("--strategy", "row_lock", "--against-set", url, "--out", str(tmp_path / "none"))
    assert run(["measure", "flash_sale", *words]) == 2
    assert told == ["", "servers.sql_url=postgresql://root:***@127.0.0.1:5432/test"]


def test_diff_of_nothing_is_one_sentence(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    assert run(["diff", str(tmp_path), str(tmp_path)]) == 2
    assert "neither a comparison nor a finished run" in capsys.readouterr().err
