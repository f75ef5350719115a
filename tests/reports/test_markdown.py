"""The table for a README and for a spreadsheet, and the pictures as files of their own."""

import xml.etree.ElementTree as ET
from pathlib import Path

import pandas as pd
import pytest

from reports.markdown import write_csv, write_markdown, write_pictures
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
def test_each_picture_is_a_well_formed_file_that_says_what_it_found(
    made_up: Path, tmp_path: Path
) -> None:
    first = write_pictures(made_up, tmp_path / "first")
    assert [path.name for path in first] == ["goodput.svg", "latency.svg", "stock.svg"]
    titles = ["redis_script holds at", "p95 of accepted orders:", "naive_read_write promised 37"]
    for path, again, title in zip(
        first, write_pictures(made_up, tmp_path / "second"), titles, strict=True
    ):
        assert path.read_bytes() == again.read_bytes()
        root = ET.fromstring(path.read_text("utf-8"))
        assert title in "".join(root.itertext())
