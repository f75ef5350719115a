"""A shop's stores, a server with a theory, and short runs of Locust against them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from inventory_core.stores.servers import Servers, Settings
from inventory_core.stores.stacks import find_stack
from scenarios.history import RunFolder
from scenarios.loading.fleet import Crewing, Fleet, Takings
from scenarios.loading.house import served
from scenarios.loading.job import Front, LoadJob
from scenarios.loading.run import LoadQuestion, Where, load_stream
from scenarios.loading.tiny_server import tiny_server
from scenarios.scenario import Shop, load_scenario
from scenarios.serving.place import ShopPlace, shop_on

ENGINE = "conditional_update"
Loaded = Callable[..., dict[str, Any]]
Played = Callable[..., Takings]


@pytest.fixture(scope="session")
def shop(postgresql_url: str) -> Iterator[ShopPlace]:
    with (
        Servers(Settings(sql_url=postgresql_url)) as servers,
        shop_on(servers.open(find_stack("postgresql")), ENGINE) as place,
    ):
        yield place


@pytest.fixture
def loaded(shop: ShopPlace, tmp_path: Path) -> Loaded:
    """`loaded("oversell_attempts", Fleet(...), *sets)`: the row and what each check has found."""

    def run(name: str, fleet: Fleet, *sets: str, seconds: float = 1.0) -> dict[str, Any]:
        question = LoadQuestion(load_scenario(name, sets), ENGINE, 7, seconds, users=4)

        @contextmanager
        def opened(channel: Any, strategy: Any, for_sale: Any) -> Iterator[Any]:
            with served(shop, channel, strategy, for_sale, Shop(), 1) as house:
                yield house

        folder = RunFolder(tmp_path / "run")
        row = load_stream(question, opened, Where.of(shop.place), fleet, folder)
        found = {each["name"]: each["state"] for each in folder.json("verdict")["findings"]}
        return {"row": row, "states": found, "folder": folder}

    return run


@pytest.fixture
def played(tmp_path: Path) -> Played:
    """`played(service_s, *sets)`: what users heard of a server that takes so long for each."""

    def run(
        service_s: float,
        *sets: str,
        seconds: float = 1.0,
        users: int = 1,
        fleet: Fleet | None = None,
    ) -> Takings:
        scenario = load_scenario("flash_sale", ["demand.duplicates=0", *sets])
        with tiny_server(service_s) as url:
            front = Front(url, "web", "east/hill/oak", ("nobody.0123456789abcdef",))
            job = LoadJob(scenario, 7, seconds, 1, users, front)
            return (fleet or Fleet(Crewing())).play(job, tmp_path / "locust")

    return run
