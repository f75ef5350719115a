"""Which strategies the suite judges: all that are enrolled, or those that were named."""

from __future__ import annotations

from collections.abc import Sequence

from inventory_core.domain import Limits
from inventory_core.strategy import registry

LIMITS = Limits(lease_ms=40, back_off_s=0.000_5, lock_wait_s=5.0, units=10)
"""A short lease, so that an abandoned lock does not hold the suite up."""

WRONG_ALONE = frozenset({"seed_sql_verbatim"})
"""Controls that need nobody else to go wrong."""


def judged(named: Sequence[str] = (), *, controls: bool = True) -> list[str]:
    """The names or paths of the strategies to try."""
    names = list(named) or [
        name
        for name, kind in registry.strategies().items()
        if kind.family != "floor" and name not in WRONG_ALONE
    ]
    return [name for name in names if controls or not registry.find_strategy(name).control]
