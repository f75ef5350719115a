"""Which attempt a fault befalls, and where in its plan it strikes: live and in virtual time.

form        the step is carried out          then
before      never                            the connection breaks
after       yes, and the reply is dropped    the connection breaks
later       by itself, after a while         the client has long come back and asked again
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import Any

from inventory_core.steps.step import Step
from inventory_core.strategy import Fault
from inventory_core.strategy.contract import RIDES
from scenarios.faults import LiveFault

BEFORE, AFTER, LATER = FORMS = ("before", "after", "later")


class Aim:
    """One fault on its way to one attempt. Counts the steps of its plan until it strikes."""

    def __init__(self, fault: LiveFault, place: int, form: str) -> None:
        self.fault = fault
        self._place, self._form = place, form
        self._seen = 0
        self.struck = ""  # what became of which step

    @property
    def kills(self) -> bool:
        """The client dies of it; otherwise he only hears nothing."""
        return self.fault.fault is Fault.CLIENT_DIES

    def at(self, step: Step[Any]) -> str:
        """The form in which it strikes at this step of the plan; empty: it does not yet.

        A step that asks no server has no reply to lose; a client can die after it.
        """
        waits = type(step).__name__ not in RIDES
        due = self._seen >= self._place and (waits or self.kills)
        self._seen += 1
        if not due:
            return ""
        return self._form if waits else AFTER

    def strike(self, step: Step[Any]) -> None:
        """It has struck; nothing gets through after it."""
        self.struck = f"{self._form} {type(step).__name__}"


def aim_at(
    faults: Sequence[LiveFault], node: int, since_start_s: float, steps: int, dice: random.Random
) -> Aim | None:
    """Does a fault befall an attempt that is made now, on that node (from 1)?

    `steps`: how long its plan may be, as far as is known.
    """
    drawn = dice.random()
    for fault in faults:
        share = fault.befalls(node, since_start_s)
        if drawn < share:
            return Aim(fault, dice.randrange(steps), dice.choice(FORMS))
        drawn -= share
    return None
