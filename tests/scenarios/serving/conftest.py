"""A shop on PostgreSQL, one worker process, and short runs of a scenario."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from inventory_core.stores.servers import Servers, Settings
from inventory_core.stores.stacks import find_stack
from scenarios.history import RunFolder
from scenarios.measuring.crew import Crew
from scenarios.scenario import load_scenario
from scenarios.serving.desk import PlanOf, plan_of
from scenarios.serving.place import ShopPlace, shop_on
from scenarios.serving.run import ShopQuestion, serve_once

Ran = Callable[..., dict[str, Any]]

QUICK = ("demand.processes=1", "demand.connections=4", "demand.rate_per_s=60")


@pytest.fixture(scope="session")
def shop(postgresql_url: str) -> Iterator[ShopPlace]:
    with (
        Servers(Settings(sql_url=postgresql_url)) as servers,
        shop_on(servers.open(find_stack("postgresql")), "conditional_update") as place,
    ):
        yield place


@pytest.fixture(scope="session")
def crew() -> Iterator[Crew]:
    with Crew(1) as crew:
        yield crew


@pytest.fixture
def ran(shop: ShopPlace, crew: Crew, tmp_path: Path) -> Ran:
    """`ran("payment_timeouts", services, seconds, *sets)`: the row and the findings of a run."""

    def run(
        name: str, services: PlanOf = plan_of, seconds: float = 1.0, *sets: str
    ) -> dict[str, Any]:
        scenario = load_scenario(name, [*QUICK, *sets])
        assert scenario.shop is not None
        rule = scenario.shop.deduct_at[-1]
        scenario = replace(scenario, shop=replace(scenario.shop, deduct_at=(rule,)))
        question = ShopQuestion(
            scenario, "conditional_update", seed=7, seconds=seconds, plan_of=services
        )
        folder = RunFolder(tmp_path / "run")
        row = serve_once(question, shop, crew, folder)
        states = {each["name"]: each["state"] for each in folder.json("verdict")["findings"]}
        return {"row": row, "states": states, "folder": folder}

    return run
