"""Every strategy that holds stock, on the model and on real servers, as fixtures."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import pytest

from inventory_core.stores.servers import Servers, Settings
from scenarios.conformance.judged import judged
from scenarios.conformance.opening import MODEL, Places, World, live_worlds, opened_shop
from scenarios.conformance.shop import Shop


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Every strategy in turn, in every world where it can be."""
    named: list[str] = metafunc.config.getoption("--stockproof-strategy", default=[])
    if "shop" in metafunc.fixturenames:
        tried = [*_tried(judged(named), [MODEL]), *_tried(judged(named))]
        metafunc.parametrize("shop", tried, indirect=True)
    if "live_shop" in metafunc.fixturenames:
        metafunc.parametrize("live_shop", _tried(judged(named, controls=False)), indirect=True)


def _tried(names: Sequence[str], worlds: Sequence[World] = ()) -> list[str]:
    settings = Settings.from_environment()
    return [
        f"{name}-{world.name}" for name in names for world in worlds or live_worlds(name, settings)
    ]


@pytest.fixture(scope="session")
def places() -> Iterator[Places]:
    """Places on private servers, started when the first test wants them, or on those by URL."""
    with Servers(Settings.from_environment()) as running:
        opened = Places(running)
        yield opened
        opened.close()


@pytest.fixture
def shop(request: pytest.FixtureRequest, places: Places) -> Iterator[Shop]:
    """A strategy at work in a world."""
    name, _, world = request.param.partition("-")
    yield from opened_shop(name, places.cleared(World.named(world)))


@pytest.fixture
def live_shop(request: pytest.FixtureRequest, places: Places) -> Iterator[Shop]:
    """A strategy that is not a control, on real servers."""
    name, _, world = request.param.partition("-")
    yield from opened_shop(name, places.cleared(World.named(world)))
