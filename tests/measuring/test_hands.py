"""Campaigns that share workers and places: the second waits for nobody, and nothing is left."""

from __future__ import annotations

from pathlib import Path

import psutil
import pytest

from inventory_core.stores.servers import Settings
from inventory_core.stores.stacks import find_stack
from scenarios.measuring.campaign import measure
from scenarios.measuring.hands import Hands
from scenarios.scenario import load_scenario

pytestmark = pytest.mark.slow


def test_a_second_campaign_has_the_workers_and_the_place_of_the_first(tmp_path: Path) -> None:
    one = load_scenario("flash_sale", ["demand.processes=1", "demand.connections=2"])
    two = load_scenario("flash_sale", ["demand.processes=2", "demand.connections=2"])
    with Hands(Settings()) as hands:
        found = []
        for turn, scenario in enumerate((one, one, two)):
            out = tmp_path / f"{turn}"
            rows = measure(
                scenario, ["conditional_update"], seconds=0.2, repetitions=1, out=out, hands=hands
            ).rows
            assert rows[0]["verdict"] == "holds"
            crew = hands.crew(scenario.demand.processes)
            found.append((crew.pids, hands.place(find_stack("postgresql")).address.sql_schema))
        pids = found[0][0] + found[2][0]
        assert found[0] == found[1]
        assert len(set(pids)) == 3
        assert found[2][1] == found[0][1]
    assert not any(psutil.pid_exists(pid) for pid in pids)
