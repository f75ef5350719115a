"""Carry out one plan to its end in an event loop, while other plans run at its awaits.

A plan yields steps, which no event loop understands: so it is sent on by hand, and what is awaited
is the performing of its steps. When the task is cancelled, the client has died: the plan is closed,
and may not await anything on its way out.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from inventory_core.steps.relay import relayed
from inventory_core.steps.step import Step

Perform = Callable[[Step[Any]], Awaitable[Any]]
"""Performs a step and answers, or raises a `StepError`."""

carry_out = relayed
"""Drive a plan to its end; what it returns or raises is ours.

Whoever owns the session looks afterwards whether it is still at rest: a plan that was closed may
have left something open.
"""
