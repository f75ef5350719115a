"""Opens a shop for a test: an empty place in one of the worlds, and the strategy at work in it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple

import pytest

from inventory_core.problems import Problem
from inventory_core.stores.servers import Place, Servers, Settings
from inventory_core.stores.stacks import Stack, find_stack, stacks_for
from inventory_core.strategy import Promise, registry
from scenarios.conformance.judged import LIMITS
from scenarios.conformance.shop import Shop
from scenarios.model import model_place

REPEATABLE = "repeatable-read"


class World(NamedTuple):
    """Where a strategy is tried: the model, or a stack, its rows at a level of isolation.

    An empty level is that of the store: READ COMMITTED.
    """

    stack: str
    level: str = ""

    @property
    def name(self) -> str:
        """For a test's name."""
        return f"{self.stack}@{self.level}" if self.level else self.stack

    @classmethod
    def named(cls, name: str) -> World:
        """The world of a name."""
        stack, _, level = name.partition("@")
        return cls(stack, level)


MODEL = World("model")


def live_worlds(strategy: str, settings: Settings) -> Iterator[World]:
    """Every stack of servers that a strategy is tried on, MariaDB at its own level as well.

    With a URL for rows or keys, that server alone, as its URL says.
    """
    kind = registry.find_strategy(strategy)
    for stack in stacks_for(kind, settings.sql_url, settings.redis_url):
        yield World(stack.name)
        if stack.name.startswith("mariadb") and not settings.sql_url:
            yield World(stack.name, REPEATABLE)


@dataclass
class Places:
    """The places opened so far, each made once a session."""

    servers: Servers
    _life: ExitStack = field(default_factory=ExitStack)
    _open: dict[World, Place] = field(default_factory=dict)

    def cleared(self, world: World) -> Any:
        """An empty place; in CI nothing passes by skipping."""
        if world == MODEL:
            return model_place()
        if world not in self._open:
            try:
                self._open[world] = self._life.enter_context(self._opened(world))
            except Problem as problem:
                (pytest.fail if os.environ.get("CI") else pytest.skip)(str(problem))
        self._open[world].clear()
        return self._open[world]

    def _opened(self, world: World) -> Place:
        stack = find_stack(world.stack)
        if not world.level:
            return self.servers.open(stack)
        return self._at_level(stack, world.level)

    def _at_level(self, stack: Stack, level: str) -> Place:
        """The same servers, with the level in the URL."""
        there = self.servers.open(stack).address
        joint = "&" if "?" in there.sql_url else "?"
        settings = Settings(f"{there.sql_url}{joint}isolation={level}", there.kv_url)
        return self._life.enter_context(Servers(settings)).open(stack)

    def close(self) -> None:
        """Remove what was made."""
        self._life.close()


def opened_shop(name: str, place: Any) -> Iterator[Shop]:
    """A shop with one session. Who may refuse what is there, in fragments, has one part only."""
    whole = Promise.NO_FALSE_SOLD_OUT in registry.find_strategy(name).promises.kept
    limits = LIMITS if whole else replace(LIMITS, parts=1)
    session = place.connect(limits)
    yield Shop(registry.make(name, limits), lambda: place.connect(limits), place.audit, session)
    session.close()
