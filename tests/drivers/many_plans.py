"""Plans on a multiplexed driver, until all have ended."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from inventory_core.drivers.multiplexed import Multiplexer
from inventory_core.steps import Plan, StepError

WITHIN_S = 30.0


def together(loop: Multiplexer, *plans: Plan[Any]) -> list[Any]:
    """What each plan returned, or the error that ended it."""
    found: list[Any] = [None] * len(plans)
    left = set(range(len(plans)))

    def told(number: int) -> Callable[[Any, StepError | None], None]:
        def done(value: Any, error: StepError | None) -> None:
            found[number] = error or value
            left.discard(number)

        return done

    for number, plan in enumerate(plans):
        loop.start(plan, told(number))
    deadline_s = time.monotonic() + WITHIN_S
    while left:
        assert time.monotonic() < deadline_s, f"{len(left)} plans do not end"
        loop.turn(0.05)
    return found
