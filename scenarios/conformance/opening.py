"""Opens a shop for a test: an empty place on a stack, and the strategy at work in it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from inventory_core.problems import Problem
from inventory_core.stores.servers import Place, Servers
from inventory_core.stores.stacks import Stack
from inventory_core.strategy import Promise, registry
from scenarios.conformance.judged import LIMITS
from scenarios.conformance.shop import Shop


def cleared(places: dict[str, Place], servers: Servers, stack: Stack) -> Place:
    """An empty place on a stack, made once a session; in CI nothing passes by skipping."""
    if stack.name not in places:
        try:
            places[stack.name] = servers.open(stack).__enter__()
        except Problem as problem:
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
