"""What was not published is a sentence with the command that publishes it, never an error."""

from pathlib import Path

import pytest

from reports.load import Unreadable
from reports.questions.shelf import lacking, published, table, without_rows
from reports.standing import standing_of
from tests.reports.made_up_records import write_comparison


def test_what_is_not_there_has_no_rows_and_can_still_be_asked(own_shelf: Path) -> None:
    nothing = published("flash_sale")
    assert nothing.rows.empty
    assert nothing.runs() == ()
    assert standing_of(nothing).fastest is None
    assert table("cdc/slow.csv").empty
    assert without_rows(nothing) == ["flash_sale"]


def test_what_is_there_is_read(own_shelf: Path) -> None:
    write_comparison(own_shelf)
    (own_shelf / "rates.csv").write_text("rate\n7\n")
    found = published("flash_sale-7")
    assert without_rows(found) == []
    assert len(found.rows) == 9
    assert table("rates.csv")["rate"].tolist() == [7]


def test_what_is_damaged_is_no_less_damaged_for_lying_here(own_shelf: Path) -> None:
    (own_shelf / "sale").mkdir()
    (own_shelf / "sale" / "comparison.json").write_text("{")
    with pytest.raises(Unreadable, match="damaged"):
        published("sale")


def test_the_sentence_names_everything_and_the_command() -> None:
    assert lacking() == []
    (said,) = lacking("hotspots_1", "hotspots_10")
    assert "hotspots_1 and hotspots_10" in said
    assert "`python -m workbench.published hotspots_1 hotspots_10`" in said
