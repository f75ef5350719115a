"""The page of a shop: its own columns, its own pictures, and a headline that states the finding."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from reports.figures import pictures_of
from reports.findings import answer_of
from reports.load import load
from reports.markdown import write_csv, write_markdown
from reports.page import write_report
from scenarios.history import RunFolder
from tests.reports.made_up_records import RIVALS, write_comparison

pytestmark = pytest.mark.slow

HOLDS = {
    "placed_orders": 300,
    "paid_orders": 160,
    "paid_late_orders": 16,
    "refunded_late_orders": 24,
    "refused_at_till_orders": 24,
    "cancelled_orders": 18,
    "abandoned_holds": 111,
    "returned_units": 180,
    "blocked_unit_s": 181.5,
    "turned_away_while_blocked": 230,
    "return_ms_p50": 59.0,
    "return_ms_worst": 90.0,
    "resale_ms_p50": 206.0,
    "resale_ms_worst": 300.0,
}
TILL = {**HOLDS, "refused_at_till_orders": 192, "turned_away_while_blocked": 0}
WINDOW = {
    **HOLDS,
    "opens_s": 2.0,
    "closes_s": 4.0,
    "refused_before": 161,
    "refused_after": 140,
    "refused_over_limit": 38,
    "most_of_one_buyer": 2,
    "quota_units": 240,
    "home_at_close_units": 131,
    "home_later_units": 28,
}


def a_shop(path: Path, *shops: dict[str, Any], rules: tuple[str, ...] = ("order",)) -> Path:
    """A made-up comparison whose rows are those of a shop with one engine."""
    folder = RunFolder(write_comparison(path, RIVALS[: len(shops)]))
    about = folder.json("comparison")
    for row, shop, rule in zip(about["rows"], shops, rules, strict=True):
        row |= {"shop": shop, "rule": rule, "strategy": "conditional_update"}
    folder.write_json("comparison", about)
    return folder.path


def test_timeouts_are_told_by_how_soon_units_are_for_sale_and_sold_again(tmp_path: Path) -> None:
    comparison = load(a_shop(tmp_path, HOLDS))
    answer = answer_of(comparison)
    assert "for sale 59.0 ms after their deadline and sold 206 ms after it" in answer.headline
    assert "16 got their units and 24 their money" in " ".join(answer.sentences)
    drawn = {p.name: p.draw(comparison, False) for p in pictures_of(comparison)}
    assert drawn["till"] is None
    assert drawn["window"] is None
    holds = drawn["holds"]
    assert holds is not None
    assert "59 ms after their deadline" in holds.title
    assert "87 never paid" in holds.words


def test_two_rules_are_two_rows_and_the_headline_weighs_them(tmp_path: Path) -> None:
    folder = a_shop(tmp_path, HOLDS, TILL, rules=("order", "payment"))
    comparison = load(folder)
    names = list(comparison.rows["label"])
    assert names == ["conditional_update at order time", "conditional_update at payment time"]
    said = "Holding turned 230 buyers away from units that were never paid; deducting at payment"
    assert answer_of(comparison).headline == f"{said} refused 192 at the till."
    drawn = {p.name: p.draw(comparison, True) for p in pictures_of(comparison)}
    assert set(drawn) == {"holds", "till", "window"}
    till = drawn["till"]
    assert till is not None
    assert till.title.startswith("Holding turned 230")
    table = write_markdown(folder).read_text("utf-8")
    assert "| turned away at the till |" in table or "at the till" in table
    assert "refused_at_till_orders 192" in write_csv(folder).read_text("utf-8")


def test_an_activity_is_told_by_its_window_its_limit_and_its_remainder(tmp_path: Path) -> None:
    folder = a_shop(tmp_path, WINDOW)
    answer = answer_of(load(folder))
    assert "what was left of 240 units came home once: 159" in answer.headline
    assert "nobody had over two" in " ".join(answer.sentences)
    page = write_report(folder).read_text("utf-8")
    assert "Nothing is sold outside the window, and 159 of 240 units come home once" in page
    assert "home at the close" in page
    assert "paid/s" in page
    assert "first-time deductions a second" not in page


def test_no_rule_and_no_shop_leave_the_table_of_strategies_as_it_was(made_up: Path) -> None:
    comparison = load(made_up)
    names = {picture.name for picture in pictures_of(comparison)}
    assert {"goodput", "latency", "stock"} <= names
    assert not names & {"holds", "till"}
    head = write_csv(made_up).read_text("utf-8").splitlines()[0]
    assert "rule" not in head.split(",")
    assert "shop" not in head.split(",")
