"""Throughput from attempts, its steadiness, and which differences are more than chance."""

from pathlib import Path

import pytest

from reports.load import absent, load
from reports.questions import chance, throughput
from tests.reports.made_up_records import RIVALS, write_comparison

pytestmark = pytest.mark.slow

BESIDE = {"best": "conditional_update", "ratio_low": 0.4, "ratio_high": 0.6, "effect": -1.0}
TESTS = [
    BESIDE | {"strategy": "row_lock", "stack": "s", "ratio": 0.5, "p": 0.01, "significant": True},
    BESIDE | {"strategy": "optimistic_version", "stack": "s", "ratio": 0.9, "p": 0.3}
    | {"significant": False},
]  # fmt: skip


def test_a_run_counts_its_deductions_over_its_seconds(made_up: Path) -> None:
    runs = throughput.per_run(load(made_up)).set_index(["label", "run"])
    row = runs.loc[("conditional_update", "00-0")]
    assert row["deducted"] == 500
    assert row["seconds"] == 3
    assert "noop" not in runs.index.get_level_values("label")


def test_attempts_and_table_stand_side_by_side(made_up: Path) -> None:
    comparison = load(made_up)
    found = throughput.beside_the_table(comparison, throughput.per_run(comparison))
    row = found.loc["conditional_update"]
    assert row["from attempts, /s"] == 167
    assert row["from the table, /s"] == 8_200
    assert row["apart, %"] == pytest.approx(100 * (500 / 3 / 8_200 - 1), abs=0.01)
    assert found.loc["naive_read_write", "verdict"] == "void"


def test_the_panels_say_who_is_steady(made_up: Path) -> None:
    drawing = throughput.draw(load(made_up))
    assert drawing is not None
    assert " is the steadiest, " in drawing.title
    assert len([axes for axes in drawing.figure.axes if axes.get_title(loc="left")]) == 8


def test_tests_are_read_from_the_records_and_not_made_up(tmp_path: Path) -> None:
    told = chance.answer(load(write_comparison(tmp_path, RIVALS[:3], comparisons=TESTS)))
    assert told == [
        "Slower than conditional_update by more than chance: row_lock (0.5 times, p 0.01).",
        "Not told apart from conditional_update: optimistic_version.",
    ]


def test_records_without_tests_say_so(made_up: Path, tmp_path: Path) -> None:
    assert "without tests of its differences" in chance.answer(load(made_up))[0]
    nothing = absent(tmp_path / "flash_sale")
    assert "Not published yet" in chance.answer(nothing)[0]
    assert throughput.answer(nothing) == throughput.worth(nothing) == chance.answer(nothing)
    assert throughput.draw(nothing) is None
    assert throughput.spread(throughput.per_run(nothing)).empty
