"""What the page says of faults and of costs: tables, marked spans, a sentence on what is lost."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from reports.costs import has_costs
from reports.faults import has_faults, spans_of
from reports.figures import over_time, stock
from reports.findings import answer_of
from reports.load import load
from reports.markdown import write_csv, write_markdown
from reports.page import write_report
from scenarios.history import RunFolder
from tests.reports.made_up_records import RIVALS, write_comparison

pytestmark = pytest.mark.slow

COST = {
    "round_trips_per_success": 4.07,
    "connection_held_ms_p50": 4.14,
    "connection_held_ms_p99": None,
    "lock_held_ms_p50": 0.38,
    "lock_held_ms_p99": None,
    "wal_bytes_per_success": 789.1,
    "commands_per_success": None,
}
AFTERMATH = {
    "struck": {"client_dies": 41, "power_lost": 1},
    "acknowledged_before_crash": 2_000,
    "lost_acknowledgements": 500,
    "lost_share": 0.25,
    "lost_span_s": 0.61,
    "stranded_before_recover": 17,
    "stranded_after_recover": 0,
    "down_s": 0.42,
    "back_after_s": 0.15,
}
CRASH = ("power_lost", 10_000_000, 20_000_000, "valkey", "recovered 3 ms after")
DEATH = ("client_dies", 5_000_000, 5_000_000, "a client", "after Commit")
NAMES = ("kind", "began_ns", "over_ns", "whom", "what")


def with_faults(path: Path, **others: Any) -> Path:
    """A made-up comparison of two strategies in which a crash and a death were recorded."""
    folder = RunFolder(write_comparison(path, RIVALS[:2]))
    about = folder.json("comparison")
    for row in about["rows"]:
        row |= {"faults": AFTERMATH, "cost": COST, "undersold_by_cause": {"stranded": 9}, **others}
        for run in row["runs"]:
            columns = zip(*sorted((CRASH, DEATH), key=lambda one: one[1]), strict=True)
            table = dict(zip(NAMES, columns, strict=True))
            RunFolder(folder.path / run).write_table("faults", table)
    about["question"] = {"faults": [{"kind": "power_lost", "at_s": 1.0}], "run": {"seed": 1}}
    folder.write_json("comparison", about)
    return folder.path


def test_records_without_faults_and_costs_have_no_such_tables(made_up: Path) -> None:
    comparison = load(made_up)
    assert not has_faults(comparison)
    assert not has_costs(comparison)
    drawing = over_time.draw(comparison)
    assert drawing is not None
    assert "deducts the most evenly" in drawing.title
    assert all(not panel.patches for panel in drawing.figure.axes)


def test_the_page_has_a_table_of_faults_and_one_of_costs(tmp_path: Path) -> None:
    page = write_report(with_faults(tmp_path)).read_text("utf-8")
    for said in (
        "What the faults did",
        "41 × client dies, 1 × power lost",
        "25 % of them, over 0.61 s",
        "9 stranded",
        "What it costs",
        "4.07",
        "0.771",  # KiB of log
        "fault 1.kind",
    ):
        assert said in page, said


def test_a_declared_loss_is_a_sentence_and_so_is_one_that_is_not(tmp_path: Path) -> None:
    declared = answer_of(load(with_faults(tmp_path / "declared"))).sentences
    assert any("lost 500 acknowledged orders in a crash, as it declares" in one for one in declared)
    undeclared = answer_of(load(with_faults(tmp_path / "not", lost_orders=500))).sentences
    assert any("which it does not declare" in one for one in undeclared)


def test_the_deaths_of_single_clients_are_no_spans(tmp_path: Path) -> None:
    comparison = load(with_faults(tmp_path))
    (span,) = spans_of(comparison, comparison.runs()[0])
    assert (span.began_s, span.over_s, span.words) == (0.01, 0.02, "power lost (valkey)")


def test_faults_are_shaded_on_the_pictures_over_time(tmp_path: Path) -> None:
    comparison = load(with_faults(tmp_path))
    for picture in (stock, over_time):
        drawing = picture.draw(comparison)
        assert drawing is not None
        panel = drawing.figure.axes[0]
        assert [patch.get_x() for patch in panel.patches] == [0.01]
    assert "power lost (valkey) from 0.0 to 0.0 s" in drawing.words
    assert "took the longest, 0.15 s" in drawing.title


def test_markdown_and_csv_tell_them_too(tmp_path: Path) -> None:
    folder = with_faults(tmp_path)
    text = write_markdown(folder).read_text("utf-8")
    assert "What the faults did" in text
    assert "acknowledged lost" in text
    assert "**500 (25 % of them, over 0.61 s)**" in text
    assert "lost_acknowledgements 500" in write_csv(folder).read_text("utf-8")
