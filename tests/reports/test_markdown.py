"""The table for a README and for a spreadsheet."""

from pathlib import Path

import pandas as pd
import pytest

from reports.load import load
from reports.markdown import markdown_of, write_csv, write_markdown
from tests.reports.made_up_records import RIVALS, Rival, write_comparison


@pytest.mark.slow
def test_the_markdown_table_has_a_line_a_strategy_and_marks_harm(
    made_up: Path, tmp_path: Path
) -> None:
    text = write_markdown(made_up, tmp_path / "report.md").read_text("utf-8")
    table = [line for line in text.splitlines() if line.startswith("|")]
    assert len(table) == 2 + len(RIVALS)
    assert len({line.count("|") for line in table}) == 1
    (naive,) = [line for line in table if line.startswith("| naive_read_write (control)")]
    assert "**✗ void (caught)**" in naive
    assert "**37**" in naive


def test_a_name_cannot_break_the_table(tmp_path: Path) -> None:
    path = write_comparison(tmp_path, [Rival("a|b<c", 10)], repetitions=1, attempts=50)
    assert "| a\\|b&lt;c |" in write_markdown(path).read_text("utf-8")


def test_the_csv_has_every_row_with_its_figures_unrounded(made_up: Path, tmp_path: Path) -> None:
    frame = pd.read_csv(write_csv(made_up, tmp_path / "report.csv")).set_index("strategy")
    assert set(frame.index) == {rival.name for rival in RIVALS}
    assert frame.loc["row_lock", "goodput_per_s_low"] == pytest.approx(4100 * 0.93)


@pytest.mark.slow
def test_the_markdown_shows_the_pictures_that_lie_beside_it(made_up: Path) -> None:
    text = markdown_of(load(made_up), [("goodput", "a finding | of a picture")])
    assert "![a finding \\| of a picture](goodput.svg)" in text
