"""A planted slowdown, to find out whether it is found: a client that dawdles where it hurts.

Its session keeps the processor busy for so long after every step that takes units, which in a
transaction is while the row is locked. Nothing else differs: same strategy, same demand.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any, Self

from inventory_core.domain import Limits
from inventory_core.steps import Step, kv, sql
from inventory_core.stores.addresses import Address
from inventory_core.stores.session import Session
from inventory_core.stores.stacks import connect

TAKES = (sql.TakeIfEnough, kv.Deduct)


@dataclass(frozen=True, slots=True)
class Slowed:
    """Connects like `connect`, to sessions that dawdle. It travels to the workers."""

    dawdles_us: float

    def __call__(self, address: Address, limits: Limits, seed: int | str = 0) -> Session:
        """A session of one's own."""
        return _SlowedSession(connect(address, limits, seed), self.dawdles_us)


class _SlowedSession(Session):
    def __init__(self, real: Session, dawdles_us: float) -> None:
        super().__init__(())
        self._real = real
        self._dawdles_ns = round(dawdles_us * 1e3)

    def at_node(self, node: int) -> Self:
        self._real.at_node(node)
        return self

    def perform(self, step: Step[Any]) -> Any:
        answer = self._real.perform(step)
        if isinstance(step, TAKES):
            until_ns = time.perf_counter_ns() + self._dawdles_ns
            while time.perf_counter_ns() < until_ns:
                pass
        return answer

    def reset(self) -> None:
        self._real.reset()

    def close(self) -> None:
        self._real.close()
