"""A plan carried out by somebody who awaits: by an event loop, or as a part of another plan."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

from inventory_core.steps.errors import StepError
from inventory_core.steps.step import Plan, Step

T = TypeVar("T")


async def relayed(plan: Plan[T], perform: Callable[[Step[Any]], Awaitable[Any]]) -> T:
    """Drive a plan to its end, awaiting what `perform` makes of each step.

    A `StepError` is thrown into the plan at the await that asked; a plan that does not catch it
    ends with it. Nothing else is caught, cancellation neither.
    """
    send = plan.send
    try:
        step = send(None)
        while True:
            try:
                answer = await perform(step)
            except StepError as error:
                step = plan.throw(error)
            else:
                step = send(answer)
    except StopIteration as end:
        return end.value  # type: ignore[no-any-return]
    finally:
        plan.close()
