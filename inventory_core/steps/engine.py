"""A strategy as the engine of a service: its steps, addressed to the stores that it owns.

Engines share one database (their orders and cells have names of their own) but each has a key
prefix of its own, because a strategy that reads all keys of a prefix takes them for its own.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import Any, TypeVar

from inventory_core.steps.relay import relayed
from inventory_core.steps.step import Plan, Step

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class OnEngine(Step[Any]):
    """Perform a step where the engine of that name keeps its units; answers what the step does."""

    engine: str
    step: Step[Any]


def on(engine: str, plan: Plan[T]) -> Plan[T]:
    """Carry out a strategy's plan on its engine's stores, as part of the plan that awaits this."""
    return relayed(plan, partial(OnEngine, engine))
