"""The two sides that a command line wants compared, checked before anything is started."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from inventory_core.domain import Limits
from inventory_core.problems import Problem
from inventory_core.stores.servers import Servers, Settings
from scenarios.measuring.judging import limits_of
from scenarios.measuring.pairs import pairs_of
from scenarios.measuring.sides import NAMES, Side
from scenarios.reading_toml import Place, check_keys, fill, read_value
from scenarios.scenario import Scenario
from workbench.asking import without_passwords
from workbench.comparing import Asked

SERVERS = ("sql_url", "redis_url", "stack")


@dataclass(frozen=True, slots=True)
class Changes:
    """How the base differs from the new side."""

    strategy: str = ""
    settings: tuple[str, ...] = ()

    def starting(self, word: str) -> dict[str, Any]:
        """The settings of one table, by key: `limits.tries=3` is {"tries": 3}."""
        pairs = [each.partition("=") for each in self.settings if each.startswith(f"{word}.")]
        return {key.strip().partition(".")[2]: read_value(text.strip()) for key, _, text in pairs}

    @property
    def of_scenario(self) -> list[str]:
        """The settings that are keys of the scenario."""
        tables = ("limits.", "servers.")
        return [each for each in self.settings if not each.strip().startswith(tables)]


def sides_of(wish: Asked, changes: Changes) -> tuple[Side, Side]:
    """The new side and the base: what was asked for, and the same with the changes."""
    wanted = wish.wanted
    if len(wanted.strategies) != 1:
        raise Problem("say with --strategy which one strategy is the new side of --against")
    if not changes.strategy and not changes.settings:
        raise Problem("say with --against or --against-set how the base differs from the new side")
    told = ", ".join(map(without_passwords, changes.settings))
    new = _side(wanted.strategies[0], wanted.scenario, wanted.stack, wanted.settings, Changes())
    base = _side(
        changes.strategy or wanted.strategies[0],
        wish.with_settings(changes.of_scenario),
        wanted.stack,
        wanted.settings,
        changes,
    )
    return _named(new, NAMES[0]), _named(replace(base, told=told), NAMES[1])


def _named(side: Side, name: str) -> Side:
    """The side in a schema of its own, if one was named: two cannot share it."""
    given = side.settings.name
    own = replace(side.settings, name=f"{given}_{name}" if given else "")
    return replace(side, settings=own)


def _side(
    strategy: str, scenario: Scenario, stack: str | None, settings: Settings, changes: Changes
) -> Side:
    servers = changes.starting("servers")
    check_keys(Place("--against-set", "servers"), servers, SERVERS)
    stack = servers.pop("stack", stack)
    if "redis_url" in servers:
        settings = replace(settings, cluster=False)  # that was said of the other one
    settings = replace(settings, **servers)
    Servers(settings)  # complains of URLs that nobody may load
    pairs, _ = pairs_of(scenario, [strategy], stack, settings.sql_url, cluster=settings.cluster)
    limits = _limits(limits_of(scenario), changes.starting("limits"))
    return Side(strategy, scenario, pairs[0].stack, settings, limits)


def _limits(limits: Limits, changed: dict[str, Any]) -> Limits:
    checked = fill(Limits, changed, Place("--against-set", "limits"))
    return replace(limits, **{name: getattr(checked, name) for name in changed})


def planned(sides: Sequence[Side]) -> list[str]:
    """What both would create and remove, in sentences."""
    return [
        f"{name} side on {side.stack.name}: {line}"
        for name, side in zip(NAMES, sides, strict=True)
        for line in Servers(side.settings).planned(side.stack) or ("nothing",)
    ]
