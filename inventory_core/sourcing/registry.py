"""Sourcing strategies by name: those of this package, and those of others by entry point."""

from __future__ import annotations

import importlib
import pkgutil
from functools import cache
from importlib.metadata import entry_points

import inventory_core.sourcing as package
from inventory_core.problems import Problem
from inventory_core.sourcing.contract import Sourcing

GROUP = "stockproof.sourcing"
"""The entry-point group by which other packages add theirs."""


@cache
def sourcings() -> dict[str, type[Sourcing]]:
    """Every sourcing strategy by name; a file's name is its strategy's."""
    found: dict[str, type[Sourcing]] = {}
    for module in pkgutil.iter_modules(package.__path__):
        loaded = importlib.import_module(f"{package.__name__}.{module.name}")
        for thing in vars(loaded).values():
            if _is_sourcing(thing) and thing.__module__ == loaded.__name__:
                found[module.name] = thing
    for entry in entry_points(group=GROUP):
        found[entry.name] = entry.load()
    return dict(sorted(found.items()))


def find_sourcing(name: str) -> Sourcing:
    """A sourcing strategy by its name."""
    try:
        return sourcings()[name]()
    except KeyError:
        known = ", ".join(sourcings())
        raise Problem(f"there is no sourcing strategy {name!r}; choose among {known}") from None


def _is_sourcing(thing: object) -> bool:
    return isinstance(thing, type) and issubclass(thing, Sourcing) and thing is not Sourcing
