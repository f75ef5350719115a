"""Which deduction strategies a service offers as engines: all that its stores can carry."""

from __future__ import annotations

from collections.abc import Sequence

from inventory_core.problems import Problem
from inventory_core.strategy import Needs, Strategy, registry


def names_for(kv: bool) -> tuple[str, ...]:
    """Every registered strategy that needs nothing but rows, and keys if there are any.

    One that needs nothing at all keeps nothing: it is the floor of measurements, not an engine.
    """
    offered = Needs.SQL | (Needs.KV | Needs.KV_SESSION if kv else Needs.NOTHING)
    return tuple(
        name
        for name, kind in registry.strategies().items()
        if kind.needs is not Needs.NOTHING and kind.needs.of_stores in offered
    )


def engines_of(names: Sequence[str]) -> dict[str, Strategy]:
    """The engines of these names."""
    return {name: registry.make(name) for name in names}


def checked(name: str, kv: bool) -> str:
    """The name of an engine that can run on these stores; a `Problem` says why not."""
    kind = registry.find_strategy(name)
    known = names_for(kv)
    if name in known:
        return name
    if ":" in name:
        raise Problem(
            f"a service finds its engines by name: register {name} under the entry point group "
            f"{registry.GROUP!r} of your package, and say the name that you give it there"
        )
    if kind.needs is Needs.NOTHING:
        raise Problem(f"{name} keeps no stock: choose among {', '.join(known)}")
    raise Problem(
        f"{name} needs {' and '.join(kind.needs.words)}, and there is no Redis or Valkey: say "
        f"--redis-url, or choose among {', '.join(known)}"
    )
