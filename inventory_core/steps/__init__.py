"""What a plan may ask of the world: typed steps, awaited one at a time."""

from inventory_core.steps import clock, kv, mailbox, sql
from inventory_core.steps.errors import (
    Conflict,
    ConnectionLost,
    ConstraintBroken,
    Deadlock,
    LockTimeout,
    StepError,
    StoreFull,
)
from inventory_core.steps.lease import lease
from inventory_core.steps.step import Plan, Step

__all__ = [
    "Conflict",
    "ConnectionLost",
    "ConstraintBroken",
    "Deadlock",
    "LockTimeout",
    "Plan",
    "Step",
    "StepError",
    "StoreFull",
    "clock",
    "kv",
    "lease",
    "mailbox",
    "sql",
]
