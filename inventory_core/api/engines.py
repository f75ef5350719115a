"""Which deduction strategies a service offers as engines: all that its stores can carry."""

from __future__ import annotations

from inventory_core.problems import Problem
from inventory_core.strategy import Needs, Strategy, registry


def engines_for(sql: bool, kv: bool) -> dict[str, Strategy]:
    """Every registered strategy that needs nothing but these stores, by name.

    One that needs nothing at all keeps nothing: it is the floor of measurements, not an engine.
    """
    offered = (Needs.SQL if sql else Needs.NOTHING) | (
        Needs.KV | Needs.KV_SESSION if kv else Needs.NOTHING
    )
    return {
        name: registry.make(name)
        for name, kind in registry.strategies().items()
        if kind.needs is not Needs.NOTHING and kind.needs in offered
    }


def checked(name: str, kv: bool) -> str:
    """The name of an engine that can run on these stores; a `Problem` says why not."""
    kind = registry.find_strategy(name)
    known = engines_for(True, kv)
    if name in known:
        return name
    if kind.needs is Needs.NOTHING:
        raise Problem(f"{name} keeps no stock: choose among {', '.join(known)}")
    raise Problem(
        f"{name} needs {' and '.join(kind.needs.words)}, and there is no Redis or Valkey: say "
        f"--redis-url, or choose among {', '.join(known)}"
    )
