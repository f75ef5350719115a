"""Every strategy that holds stock, on the model and on real servers, as fixtures."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from inventory_core.problems import Problem
from inventory_core.stores.servers import Place, Servers, Settings
from inventory_core.stores.stacks import Stack, stack_for
from inventory_core.strategy import Promise, registry
from scenarios.conformance.judged import LIMITS, judged
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


def cleared(places: dict[str, Place], servers: Servers, stack: Stack) -> Place:
    """An empty place on a stack, made once a session."""
    if stack.name not in places:
        try:
            places[stack.name] = servers.open(stack).__enter__()
        except Problem as problem:  # in CI nothing passes by skipping
            (pytest.fail if os.environ.get("CI") else pytest.skip)(str(problem))
    places[stack.name].clear()
    return places[stack.name]


def opened_shop(name: str, place: Any) -> Iterator[Shop]:
    """A shop with one session. Who may refuse what is there, in fragments, has one part only."""
    whole = Promise.NO_FALSE_SOLD_OUT in registry.find_strategy(name).promises.kept
    limits = LIMITS if whole else replace(LIMITS, parts=1)
    session = place.connect(limits)
    yield Shop(registry.make(name, limits), lambda: place.connect(limits), place.audit, session)
    session.close()


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
    stack = stack_for(registry.find_strategy(name))
    running = request.getfixturevalue("servers")
    yield from opened_shop(name, cleared(request.getfixturevalue("places"), running, stack))
