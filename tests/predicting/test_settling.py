"""In virtual time, too, whose rows know of the sale too late has no speed."""

from __future__ import annotations

import pytest

from inventory_core.strategy import Promises
from scenarios.measuring.settling import in_time
from scenarios.predicting.run import Asked, predict_once
from scenarios.scenario import load_scenario
from tests.predicting.conftest import PLAIN


def test_who_was_waited_for_is_in_time_or_not() -> None:
    follows = Promises(settles_within_s=1.0)
    assert in_time(follows, 1.9) == 1.9
    assert in_time(follows, 2.1) is None
    assert in_time(Promises(), 1e9) == 1e9


@pytest.mark.parametrize("seconds, verdict", [(0.02, "holds"), (0.5, "void")])
def test_a_backlog_is_seen_and_a_short_sale_is_written_down(seconds: float, verdict: str) -> None:
    scenario = load_scenario("hotspots", ("demand.connections=4",))
    row = predict_once(Asked(scenario, "redis_then_database", PLAIN, 1, seconds))
    assert row["verdict"] == verdict, row["note"]
    late = ["settles within 1 s"] if verdict == "void" else []
    assert row["promises_broken"] == late
    assert (row["settled_after_s"] is None) == bool(late)
    assert row["lost_orders"] == 0
