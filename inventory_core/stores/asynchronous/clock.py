"""Time, dice and ids in an event loop: others run while a plan sleeps."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

from inventory_core.steps import clock
from inventory_core.steps.step import Step
from inventory_core.stores.asynchronous.session import AsyncHandler
from inventory_core.stores.session import ClockPart, Handler


class AsyncClockPart:
    """The clock of a session, with dice that follow from `seed`."""

    at_rest = True

    def __init__(self, seed: int | str = 0) -> None:
        waiting = ClockPart(seed)
        at_once = (clock.Now, clock.Draw, clock.NewId)
        self.handlers: Mapping[type[Step[Any]], AsyncHandler] = {
            **{kind: _at_once(waiting.handlers[kind]) for kind in at_once},
            clock.Sleep: lambda step: asyncio.sleep(step.seconds),
            clock.BackOff: lambda step: asyncio.sleep(waiting.pause_s(step)),
        }

    async def reset(self) -> None:
        """Nothing to do."""

    def close(self) -> None:
        """Nothing to do."""


def _at_once(handler: Handler) -> AsyncHandler:
    async def perform(step: Step[Any]) -> Any:
        return handler(step)

    return perform
