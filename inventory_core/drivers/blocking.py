"""Carry out one plan to its end on this thread, performing each step for real."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from inventory_core.steps.errors import StepError
from inventory_core.steps.step import Plan, Step

T = TypeVar("T")
Perform = Callable[[Step[Any]], Any]
"""Performs a step and answers, or raises a `StepError`."""


def carry_out(plan: Plan[T], perform: Perform) -> T:
    """Drive a plan to its end; what it returns or raises is ours.

    A `StepError` is thrown into the plan at the await that asked; a plan that does not catch it
    ends with it. Nothing else is caught.
    """
    send = plan.send
    try:
        step = send(None)
        while True:
            try:
                answer = perform(step)
            except StepError as error:
                step = plan.throw(error)
            else:
                step = send(answer)
    except StopIteration as end:
        return end.value  # type: ignore[no-any-return]
    finally:
        plan.close()
