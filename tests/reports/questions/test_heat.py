"""Heat: the same demand on few hot articles and on many, and who minds it."""

from dataclasses import replace
from pathlib import Path

import pytest

from reports.load import Comparison, absent, load
from reports.questions import heat
from tests.reports.made_up_records import RIVALS, write_comparison

pytestmark = pytest.mark.slow

ROW, OTHER, *_ = RIVALS
CONTROL = next(rival for rival in RIVALS if rival.name == "naive_read_write")


def heated(folder: Path, rates: dict[int, tuple[float, float]]) -> list[Comparison]:
    """A comparison a number of hot articles, with the goodput of two strategies and a control."""
    found = []
    for cells, (row, other) in rates.items():
        rivals = (replace(ROW, goodput_per_s=row), replace(OTHER, goodput_per_s=other), CONTROL)
        question = {"demand": {"kind": "closed", "hot_cells": cells}}
        where = folder / str(cells)
        found.append(load(write_comparison(where, rivals, repetitions=1, question=question)))
    return found


def test_who_gains_from_more_rows_is_told_from_who_does_not(tmp_path: Path) -> None:
    comparisons = heated(tmp_path, {100: (4_000, 510), 1: (1_000, 500)})
    gains = heat.gains(heat.by_heat(comparisons)).set_index("label")
    assert gains.loc["conditional_update", "gain"] == pytest.approx(4)
    assert gains.loc["conditional_update", "apart"]
    assert not gains.loc["row_lock", "apart"]
    told = heat.answer(comparisons)
    assert told[0].startswith("one hot article: conditional_update is the fastest, 1,000/s")
    assert "From 1 to 100 hot articles: conditional_update 4 times." in told
    assert "that these runs could tell to row_lock and naive_read_write." in told[-1]


def test_the_title_is_the_greatest_gain(tmp_path: Path) -> None:
    drawing = heat.draw(heated(tmp_path, {1: (1_000, 500), 100: (4_000, 510)}))
    assert drawing is not None
    title = "100 hot articles instead of 1 make conditional_update 4.0 times as fast"
    assert drawing.title == title
    names = {text.get_text() for text in drawing.figure.axes[0].texts}
    assert names == {"conditional_update", "row_lock", "naive_read_write"}


def test_a_difference_within_the_intervals_is_none(tmp_path: Path) -> None:
    drawing = heat.draw(heated(tmp_path, {1: (1_000, 500), 100: (1_050, 510)}))
    assert drawing is not None
    assert drawing.title.startswith("No strategy here minds")


def test_one_heat_is_no_comparison_and_what_is_missing_is_named(tmp_path: Path) -> None:
    (one,) = heated(tmp_path, {1: (1_000, 500)})
    there = [one, absent(tmp_path / "hotspots_10")]
    assert heat.draw(there) is None
    assert "Not published yet: hotspots_10" in heat.answer(there)[0]
    assert heat.gains(heat.by_heat([])).empty
