"""What a crash costs: each death its own bill, and who pays nothing."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from reports.load import Comparison, absent, load
from reports.questions import crashes
from scenarios.history import RunFolder
from tests.reports.made_up_records import RIVALS, write_comparison

pytestmark = pytest.mark.slow

UNHARMED = {
    "struck": {"power_lost": 1},
    "lost_share": 0.0,
    "lost_span_s": 0.0,
    "stranded_before_recover": 0,
    "down_s": 0.5,
    "back_after_s": 0.1,
}
POWER = {"kind": "power_lost", "share": 0.02, "at_s": 0.0}
CLIENTS = {"kind": "client_dies", "share": 0.05, "at_s": 0.0}
NODE = {"kind": "client_dies", "share": 0.02, "at_s": 0.1, "node": 1}


def crashed(
    folder: Path, fault: dict[str, Any], second: dict[str, Any], held_units: int = 0
) -> Comparison:
    """Two strategies under a fault: the first is unharmed, the second is as told."""
    path = write_comparison(folder, RIVALS[:2], repetitions=1, question={"faults": [fault]})
    record = RunFolder(path).json("comparison")
    harmed = {"undersold_by_cause": {"lost_in_crash": held_units}}
    record["rows"][0]["faults"] = UNHARMED
    record["rows"][1] |= {"faults": UNHARMED | second, **(harmed if held_units else {})}
    RunFolder(path).write_json("comparison", record)
    return load(path)


def test_a_power_cut_is_paid_in_acknowledged_orders(tmp_path: Path) -> None:
    comparison = crashed(tmp_path, POWER, {"lost_share": 0.44})
    assert crashes.bill_of(crashes.bills([comparison])) is crashes.LOST
    told = crashes.answer([comparison])
    assert told[0] == (
        "When the power is cut, it costs row_lock 44 (% of its acknowledged orders); nothing to"
        " conditional_update."
    )
    assert told[1] == "The servers were away for 0.50 s at most."


def test_dead_clients_are_paid_in_units_astray_and_a_dead_node_in_units_held(
    tmp_path: Path,
) -> None:
    unknown = {"lost_share": None, "lost_span_s": None, "down_s": None}
    clients = crashed(tmp_path / "a", CLIENTS, {**unknown, "stranded_before_recover": 38})
    node = crashed(tmp_path / "b", NODE, unknown, held_units=1_200)
    for comparison in (clients, node):
        record = RunFolder(comparison.path).json("comparison")
        record["rows"][0]["faults"] |= unknown
        RunFolder(comparison.path).write_json("comparison", record)
    found = crashes.bills([load(clients.path), load(node.path)])
    bills = {died: crashes.bill_of(own) for died, own in found.groupby("died")}
    assert bills == {"5% of clients die": crashes.STRANDED, "a whole process dies": crashes.HELD}


def test_the_title_says_who_pays_nothing_and_what_the_worst_lost(tmp_path: Path) -> None:
    drawing = crashes.draw([crashed(tmp_path, POWER, {"lost_share": 0.44})])
    assert drawing is not None
    assert drawing.title == (
        "No crash cost conditional_update an order or a unit; the worst lost 44% of what it had"
        " acknowledged"
    )
    assert drawing.figure.axes[0].get_title(loc="left") == "when the power is cut"


def test_runs_in_which_nothing_died_have_no_bill(made_up: Path, tmp_path: Path) -> None:
    assert crashes.bills([load(made_up)]).empty
    assert crashes.draw([absent(tmp_path / "power_lost")]) is None
    assert "Not published yet: power_lost" in crashes.answer([absent(tmp_path / "power_lost")])[0]


def test_who_was_back_last_is_the_title_of_the_picture_over_time(tmp_path: Path) -> None:
    drawing = crashes.draw_over_time(crashed(tmp_path / "a", POWER, {"back_after_s": 0.9}))
    assert drawing is not None
    title = "row_lock was back 0.90 s after its servers, conditional_update sooner"
    assert drawing.title == title
    drawing = crashes.draw_over_time(crashed(tmp_path / "b", POWER, {"back_after_s": None}))
    assert drawing is not None
    assert drawing.title.endswith("0.10 s after its servers; row_lock not before the end")
    assert crashes.draw_over_time(absent(tmp_path / "power_lost")) is None
