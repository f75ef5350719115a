"""Predicted beside measured: paired by strategy and stack, and how far off is said."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from reports.figures import predicted as picture
from reports.findings import answer_of
from reports.load import Comparison, load
from reports.predictions import prediction_title, prediction_words, predictions
from tests.reports.made_up_records import RIVALS, Rival, write_comparison

PROFILE = {"name": "one_machine", "title": "Everything on one machine"}


def simulated(rival: Rival, per_s: float, **fields: Any) -> dict[str, Any]:
    return {
        "strategy": rival.name,
        "stack": rival.stack,
        "goodput_per_s": per_s,
        "accepted_latency_ms_p99": None,
    } | fields


def comparison_of(folder: Path, *rows: dict[str, Any]) -> Comparison:
    about = {"predicted": list(rows), "profile": PROFILE, "prediction": {"kendall_tau": 0.87}}
    return load(write_comparison(folder, RIVALS, repetitions=1, attempts=60, **about))


def test_each_is_paired_with_its_own_stack_and_the_floor_with_nothing(tmp_path: Path) -> None:
    fair, elsewhere = simulated(RIVALS[0], 9_020), simulated(RIVALS[1], 1, stack="mariadb")
    found = predictions(comparison_of(tmp_path, fair, elsewhere, simulated(RIVALS[-1], 5)))
    assert [one.label for one in found] == ["conditional_update"]
    assert found[0].error == pytest.approx(0.1)


def test_the_median_and_the_worst_are_in_the_title_and_in_the_answer(tmp_path: Path) -> None:
    rows = (simulated(RIVALS[0], 9_020), simulated(RIVALS[1], 2_050), simulated(RIVALS[4], 31_000))
    comparison = comparison_of(tmp_path, *rows)
    title = prediction_title(predictions(comparison))
    assert title == "Predictions are off by 10% at the median, and by -50% at the worst, row_lock"
    assert f"{title}." in answer_of(comparison).sentences
    assert "Kendall's tau is 0.87" in prediction_words(comparison)


@pytest.mark.slow
def test_it_is_drawn_with_its_figures_and_the_profile(tmp_path: Path) -> None:
    for narrow in (False, True):
        drawing = picture.draw(comparison_of(tmp_path, simulated(RIVALS[0], 9_020)), narrow)
        assert drawing is not None
        assert drawing.title == "The prediction of conditional_update is off by +10%"
        assert drawing.figures is not None
        row = ("conditional_update", "8,200", "9,020", "+10%", "12.0", "–")
        assert drawing.figures.rows == (row,)
        assert "one_machine" in drawing.note


def test_nothing_predicted_is_no_picture(made_up: Path) -> None:
    assert picture.draw(load(made_up)) is None
