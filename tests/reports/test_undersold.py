"""Who turned buyers away though there was stock: the worst repetition, by cause."""

from __future__ import annotations

from pathlib import Path

import pytest

from reports.figures import undersold
from reports.load import Comparison, load
from scenarios.checks.false_sold_out import CAUSES
from scenarios.history import RunFolder
from tests.reports.made_up_records import RIVALS, write_comparison


def comparison_of(folder: Path, *by_run: dict[str, int]) -> Comparison:
    """Two strategies; the runs of the first undersold so much each, by cause."""
    path = write_comparison(folder, RIVALS[:2], attempts=60, repetitions=len(by_run))
    for run, causes in zip(load(path).runs("conditional_update"), by_run, strict=True):
        row = {"undersold_units": sum(causes.values()), "undersold_by_cause": causes}
        RunFolder(run).write_json("verdict", {"row": row, "findings": []})
    return load(path)


def test_every_cause_that_is_judged_has_words_and_a_colour() -> None:
    assert tuple(undersold._CAUSES) == CAUSES


@pytest.mark.slow
def test_the_worst_repetition_is_drawn_and_told(tmp_path: Path) -> None:
    comparison = comparison_of(
        tmp_path, {"fragmented": 3}, {"fragmented": 6, "in_other_hands": 2}, {"stranded": 1}
    )
    for narrow in (False, True):
        drawing = undersold.draw(comparison, narrow)
        assert drawing is not None
        assert drawing.title == (
            "conditional_update refused 8 units that were there, 75% of them fragmented"
        )
        assert drawing.figures is not None
        assert drawing.figures.heads == ("strategy", "fragmented", "in other hands", "units")
        assert drawing.figures.rows == (("conditional_update", "6", "2", "8"),)


def test_where_nobody_was_turned_away_there_is_no_picture(made_up: Path) -> None:
    assert undersold.draw(load(made_up)) is None
