"""Strategies that stand for all as engines of the services: one of each way of keeping the truth.

The whole catalogue is proved and goes through the conformance suite; what the services do around an
engine is the same for every one. `make soak` tries the others too, where `soaked` lets it.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pytest

from inventory_core.api.engines import names_for
from inventory_core.strategy import registry
from inventory_core.strategy.promises import Promise

ENGINES = (
    "conditional_update",
    "optimistic_version",
    "redis_script",
    "redis_with_task",
    "merged_update",
    "split_rows_probing",
    "two_phase_hold",
)
"""None of them refuses a unit that is there, so tests may count on it."""

EVERY_KIND = (*ENGINES, "split_rows", "claimed_units")
"""With those that may refuse the last units, or one that somebody else is just looking at."""


def promising(*promises: Promise) -> tuple[str, ...]:
    """All that a service with Redis offers and that keep these promises; no controls."""
    found = {name: registry.find_strategy(name) for name in names_for(kv=True)}
    return tuple(
        name
        for name, kind in found.items()
        if not kind.control and kind.promises.kept.issuperset(promises)
    )


def soaked(names: Iterable[str]) -> list[Any]:
    """These engines as parameters of a test: those that stand for all, the rest in a soak only."""
    return [
        name if name in EVERY_KIND else pytest.param(name, marks=pytest.mark.soak) for name in names
    ]
