"""Carry out one plan to its end in an event loop, while other plans run at its awaits.

A plan yields steps, which no event loop understands: so it is sent on by hand, and what is awaited
is the performing of its steps. When the task is cancelled, the client has died: the plan is closed,
and may not await anything on its way out.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

from inventory_core.steps.errors import StepError
from inventory_core.steps.step import Plan, Step

T = TypeVar("T")
Perform = Callable[[Step[Any]], Awaitable[Any]]
"""Performs a step and answers, or raises a `StepError`."""


async def carry_out(plan: Plan[T], perform: Perform) -> T:
    """Drive a plan to its end; what it returns or raises is ours.

    A `StepError` is thrown into the plan at the await that asked; a plan that does not catch it
    ends with it. Nothing else is caught, cancellation neither. Whoever owns the session looks
    afterwards whether it is still at rest: a plan that was closed may have left something open.
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
