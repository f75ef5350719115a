"""Which strategies there are: the modules of the package `strategies`, and entry points.

A strategy inside the project is enrolled by its file existing; its name is the file's. One outside
joins through the entry-point group `stockproof.strategies`, or is named as `package:Class`, or by
its file.
"""

from __future__ import annotations

import hashlib
import importlib
import importlib.util
import pkgutil
import sys
from collections.abc import Iterator
from functools import cache
from importlib.metadata import EntryPoint, entry_points
from inspect import isabstract
from pathlib import Path
from types import ModuleType
from typing import TypeGuard

from inventory_core.domain import Limits
from inventory_core.problems import Problem
from inventory_core.strategy.contract import Strategy

GROUP = "stockproof.strategies"
PACKAGE = "strategies"


def strategy_in(module: ModuleType) -> type[Strategy]:
    """The one strategy that a module defines."""
    own = (x for x in vars(module).values() if getattr(x, "__module__", "") == module.__name__)
    found = [thing for thing in own if _is_strategy(thing)]
    if len(found) != 1:
        raise Problem(f"{module.__name__} defines {len(found)} strategies; write one a file")
    return found[0]


def _is_strategy(thing: object) -> TypeGuard[type[Strategy]]:
    return isinstance(thing, type) and issubclass(thing, Strategy) and not isabstract(thing)


@cache
def strategies() -> dict[str, type[Strategy]]:
    """Every strategy by name: the project's own first, in the order of their files."""
    return dict(_own()) | dict(_from_entry_points())


def _own() -> Iterator[tuple[str, type[Strategy]]]:
    package = importlib.import_module(PACKAGE)
    for info in pkgutil.iter_modules(package.__path__):
        yield info.name, strategy_in(importlib.import_module(f"{PACKAGE}.{info.name}"))


def _from_entry_points() -> Iterator[tuple[str, type[Strategy]]]:
    for point in entry_points(group=GROUP):
        yield point.name, _checked(point.name, _loaded(point))


def _loaded(point: EntryPoint) -> object:
    try:
        return point.load()
    except (ImportError, AttributeError) as error:
        raise Problem(
            f"the strategy {point.name} cannot be loaded from {point.value} ({error}): mend or "
            "uninstall the package that brings it"
        ) from None


def _checked(name: str, thing: object) -> type[Strategy]:
    if isinstance(thing, ModuleType):
        return strategy_in(thing)
    if _is_strategy(thing):
        return thing
    missing = getattr(thing, "__abstractmethods__", None)
    if missing and isinstance(thing, type) and issubclass(thing, Strategy):
        raise Problem(f"{name} is not whole: write {', '.join(sorted(missing))}")
    raise Problem(f"{name} is not a strategy: name a concrete subclass of Strategy, or its module")


def find_strategy(name: str) -> type[Strategy]:
    """A strategy by its name, by `package.module:Class`, or by its file, wherever that lies."""
    if name.endswith(".py"):
        return _in_file(name)
    if ":" in name:
        return _by_path(name)
    try:
        return strategies()[name]
    except KeyError:
        known = ", ".join(strategies())
        raise Problem(f"there is no strategy {name!r}; choose among {known}") from None


def _by_path(path: str) -> type[Strategy]:
    module, _, attribute = path.partition(":")
    here = str(Path.cwd())
    if here not in sys.path:
        sys.path.append(here)  # a console script does not look where it is called
    try:
        return _checked(path, getattr(importlib.import_module(module), attribute))
    except Problem:
        raise
    except Exception as error:  # noqa: BLE001 - whatever a module of somebody else's raises
        why = f"{type(error).__name__}: {error}"
        raise Problem(f"cannot load the strategy {path}: {why}") from None


@cache
def _in_file(name: str) -> type[Strategy]:
    """The strategy that a file defines; it runs on the steps and the stores of this version."""
    path = Path(name).resolve()
    # Its name is its own: the module of the same file in this checkout stays what it is.
    own = f"strategy_file_{path.stem}_{hashlib.sha256(str(path).encode()).hexdigest()[:8]}"
    spec = importlib.util.spec_from_file_location(own, path)
    if spec is None or spec.loader is None or not path.is_file():
        raise Problem(f"there is no file {name}; name the file of a strategy that exists")
    module = sys.modules[own] = importlib.util.module_from_spec(spec)
    try:
        spec.loader.exec_module(module)
    except Exception as error:  # noqa: BLE001 - whatever a module of somebody else's raises
        why = f"{type(error).__name__}: {error}"
        raise Problem(f"cannot load the strategy {name}: {why}") from None
    return strategy_in(module)


def name_of(kind: type[Strategy]) -> str:
    """The name under which a strategy is listed, or its path if it is not."""
    for name, known in strategies().items():
        if known is kind:
            return name
    return f"{kind.__module__}:{kind.__qualname__}"


def make(name: str, limits: Limits | None = None) -> Strategy:
    """A strategy by name, with these limits (the usual ones if none are given)."""
    kind = find_strategy(name)
    return kind() if limits is None else kind(limits=limits)
