"""Every strategy that holds stock, on the model and on real servers, as fixtures."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from inventory_core.stores.servers import Place, Servers, Settings
from inventory_core.stores.stacks import stack_for
from inventory_core.strategy import registry
from scenarios.conformance.judged import judged
from scenarios.conformance.opening import cleared, opened_shop
from scenarios.conformance.shop import Shop
from scenarios.model import model_place


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Every strategy in turn, on the model and on servers."""
    named: list[str] = metafunc.config.getoption("--stockproof-strategy", default=[])
    if "shop" in metafunc.fixturenames:
        each = [f"{name}-{world}" for world in ("model", "live") for name in judged(named)]
        metafunc.parametrize("shop", each, indirect=True)
    if "live_shop" in metafunc.fixturenames:
        metafunc.parametrize("live_shop", judged(named, controls=False), indirect=True)


@pytest.fixture(scope="session")
def servers() -> Iterator[Servers]:
    """Private servers, started when the first test wants them, or those that are named by URL."""
    with Servers(Settings.from_environment()) as running:
        yield running


@pytest.fixture(scope="session")
def places(servers: Servers) -> Iterator[dict[str, Place]]:
    """The places opened so far, by stack; removed at the end."""
    opened: dict[str, Place] = {}
    yield opened
    for place in opened.values():
        place.__exit__(None, None, None)


@pytest.fixture
def shop(request: pytest.FixtureRequest) -> Iterator[Shop]:
    """A strategy at work, on the model or on the smallest stack of servers that fits it."""
    name, _, world = request.param.rpartition("-")
    if world == "model":
        yield from opened_shop(name, model_place())
        return
    yield from _live(name, request)


@pytest.fixture
def live_shop(request: pytest.FixtureRequest) -> Iterator[Shop]:
    """A strategy that is not a control, on real servers."""
    yield from _live(request.param, request)


def _live(name: str, request: pytest.FixtureRequest) -> Iterator[Shop]:
    running = request.getfixturevalue("servers")
    stack = stack_for(registry.find_strategy(name), running.settings.sql_url)
    yield from opened_shop(name, cleared(request.getfixturevalue("places"), running, stack))
