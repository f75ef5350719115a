"""Predictions beside measurements: how far off, and whom they would have chosen."""

import json
from pathlib import Path

import pytest

from reports.load import PUBLISHED
from reports.questions import predicted

ROWS = """\
strategy,load,measured_per_s,predicted_per_s,error,noise
row_lock,2,1000,1100,0.10,0.02
conditional_update,2,1200,1260,0.05,0.04
row_lock,8,2000,2600,0.30,0.02
conditional_update,8,2500,2000,-0.20,0.04
"""


@pytest.fixture
def four(own_shelf: Path) -> Path:
    (own_shelf / "validation").mkdir()
    (own_shelf / "validation" / "cells.csv").write_text(ROWS)
    return own_shelf


def test_a_wrong_choice_costs_what_it_was_slower(four: Path) -> None:
    found = predicted.choices(predicted.cells())
    assert found["predicted best"].tolist() == ["conditional_update", "row_lock"]
    assert found["regret"].tolist() == pytest.approx([0.0, 0.2])
    told = predicted.answer()
    assert "Among all, the predicted best is the measured best at 1 of 2 loads." in told
    assert (
        "Among all, at the load 8, the predicted best is row_lock, which was measured 20% slower"
        " than conditional_update." in told
    )


def test_those_that_promise_everything_are_a_choice_of_their_own(four: Path) -> None:
    head = "strategy,control,lacks,loses"
    rows = ("row_lock,False,,", "conditional_update,False,,power_lost", "noop,True,,")
    (four / "catalogue.csv").write_text("\n".join((head, *rows)))
    assert predicted.whole() == ["row_lock"]
    found = predicted.choices(predicted.cells())
    own = found[found["among"] == predicted.WHOLE]
    assert own["measured best"].tolist() == ["row_lock", "row_lock"]
    assert own["regret"].tolist() == [0, 0]


def test_the_furthest_off_are_the_largest_errors_of_either_sign(four: Path) -> None:
    assert predicted.furthest(predicted.cells(), 2)["error"].tolist() == [0.30, -0.20]


@pytest.mark.slow
def test_the_title_is_computed(four: Path) -> None:
    drawing = predicted.draw()
    assert drawing is not None
    assert drawing.title == (
        "Half of the predictions are within 15%; who follows them loses 20% of the best at most"
    )
    assert len(drawing.figure.axes[0].texts) == 4


def test_what_is_not_there_is_said(own_shelf: Path) -> None:
    assert predicted.draw() is None
    assert "Not published yet: validation" in predicted.answer()[0]


def test_the_published_cells_add_up_to_the_published_summary() -> None:
    summary = json.loads((PUBLISHED / "validation" / "prediction.json").read_text())
    found = predicted.cells()
    assert len(found) == summary["cells"]
    assert found["error"].abs().median() == pytest.approx(summary["throughput_error_median"])
    assert found["error"].abs().max() == pytest.approx(summary["throughput_error_worst"])
