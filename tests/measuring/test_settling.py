"""Whose rows know of the sale too late has no speed, and is not accused of more than that."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from inventory_core.strategy import Promises
from scenarios.measuring.campaign import measure
from scenarios.measuring.settling import judged_settling, patience_s
from scenarios.scenario import load_scenario

FOLLOWS = Promises(settles_within_s=3.0)


def row(*broken: str) -> dict[str, Any]:
    return {
        "verdict": "void" if broken else "holds",
        "promises_broken": list(broken),
        "oversold_units": 2,
        "lost_orders": 5,
        "note": "",
    }


def test_who_is_right_at_once_is_not_hurried() -> None:
    assert patience_s(Promises()) == float("inf")
    assert judged_settling(row(), Promises(), None) == {}


def test_who_settles_in_time_is_left_as_it_was_judged() -> None:
    assert patience_s(FOLLOWS) == 6.0
    assert judged_settling(row("exactly once"), FOLLOWS, 1.5) == {"settled_after_s": 1.5}


def test_who_is_late_is_void_for_that_and_what_it_oversold_stays() -> None:
    found = row("never oversells", "all or nothing", "leaves nothing behind")
    found |= judged_settling(found, FOLLOWS, None)
    assert found["verdict"] == "void"
    assert found["promises_broken"] == ["never oversells", "settles within 3 s"]
    assert (found["oversold_units"], found["lost_orders"]) == (2, 0)
    assert "6 s after the sale" in found["note"]


@pytest.mark.parametrize("seconds, verdict", [(0.05, "holds"), (2.0, "void")])
def test_live_a_backlog_is_seen_and_a_short_sale_is_written_down(
    tmp_path: Path, seconds: float, verdict: str
) -> None:
    scenario = load_scenario("hotspots", ("demand.connections=4",))
    found = measure(
        scenario, ["redis_then_database"], seconds=seconds, repetitions=1, out=tmp_path / "runs"
    )
    (only,) = found.rows
    assert only["verdict"] == verdict, only["note"]
    late = ["settles within 1 s"] if verdict == "void" else []
    assert only["promises_broken"] == late
    assert (only["settled_after_s"] is None) == bool(late)
    assert only["lost_orders"] == 0
