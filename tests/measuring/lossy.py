"""Sessions that lose replies: before the step, or after it took effect. For worker processes."""

from __future__ import annotations

import random
from typing import Any

from inventory_core.domain import Limits
from inventory_core.steps import ConnectionLost, Step, kv, sql
from inventory_core.stores import stacks
from inventory_core.stores.addresses import Address
from inventory_core.stores.session import Session

LOSES = (sql.Commit, kv.Deduct, sql.TakeIfEnough)
SHARE = 0.05


class LossySession(Session):
    """A session whose requests or replies get lost now and then."""

    def __init__(self, real: Session, seed: int | str) -> None:
        super().__init__(())
        self._real = real
        self._dice = random.Random(seed)

    def perform(self, step: Step[Any]) -> Any:
        if isinstance(step, LOSES) and self._dice.random() < SHARE:
            if self._dice.random() < 0.5:
                self._real.perform(step)
            raise ConnectionLost
        return self._real.perform(step)

    def reset(self) -> None:
        self._real.reset()

    def close(self) -> None:
        self._real.close()


def connect(address: Address, limits: Limits, seed: int | str = 0) -> Session:
    return LossySession(stacks.connect(address, limits, seed), seed)
