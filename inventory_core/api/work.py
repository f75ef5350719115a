"""One kind of work that a process does beside its requests, and when its next turn is."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from inventory_core.steps.step import Plan

AFTER_FAILURE_S = 1.0
DOUBLINGS_MOST = 20

Carry = Callable[[Plan[Any]], Awaitable[bool]]
"""Carries out a turn."""


@dataclass(frozen=True, slots=True)
class Work:
    """A plan of one turn that says whether there was any work.

    `carry` carries it out if a pool cannot. An `eager` kind goes on at once while there is work.
    """

    name: str
    turn: Callable[[], Plan[Any]]
    pause_s: float
    carry: Carry | None = None
    back_off_most_s: float = AFTER_FAILURE_S
    eager: bool = True

    def pause_after_s(self, worked: bool | None, failures: int) -> float:
        """How long to rest after a turn; None is the last of so many failures in a row."""
        if worked is None:
            doubled_s = AFTER_FAILURE_S * 2.0 ** min(failures - 1, DOUBLINGS_MOST)
            return min(self.back_off_most_s, doubled_s)
        return 0.0 if worked and self.eager else self.pause_s
