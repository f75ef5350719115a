"""Looks at real servers: one reference slice each, and the order in which they were made."""

from __future__ import annotations

from pathlib import Path

import pytest

from inventory_core.stores.servers import Settings
from scenarios.history import RunFolder
from scenarios.measuring.campaign import measure
from scenarios.measuring.hands import Hands
from scenarios.predicting.looking import look
from scenarios.predicting.observing import scenario_of

pytestmark = [pytest.mark.slow, pytest.mark.live]
NAMES = ["conditional_update", "row_lock", "redis_script", "redis_decrement"]


def test_a_look_is_told_in_its_turn_and_knows_the_steps_of_an_order() -> None:
    seen: list[str] = []
    with Hands(Settings()) as hands:
        looks = look(scenario_of(4, 1), NAMES, hands, 0.2, seen=seen.append)
    assert sorted(seen) == sorted(NAMES)
    assert [one.strategy for one in looks] == seen
    assert [one.beside.has_rows for one in looks] == [not name.startswith("redis") for name in seen]
    for one in looks:
        assert one.orders_per_s > 0
        assert one.beside.per_s > 0
        assert 0 < one.client_us < one.order_us
        assert set(one.per_order) == set(one.steps_us)


@pytest.mark.parametrize("settles, slices", [(True, 2), (False, 1)])
def test_a_run_has_two_reference_slices_and_a_look_has_one(
    tmp_path: Path, settles: bool, slices: int
) -> None:
    with Hands(Settings()) as hands:
        row = measure(
            scenario_of(4, 1),
            ["redis_script"],
            seconds=0.1,
            repetitions=1,
            out=tmp_path,
            hands=hands,
            settles=settles,
        ).rows[0]
    assert len(RunFolder(tmp_path / row["runs"][0]).json("run")["reference_per_s"]) == slices
