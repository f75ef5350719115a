"""The life of a hold whose units are taken from keys one by one, each with a mark in the same step.

There is no single commit point, so a delivery says first that it begins, marks what it takes, and
books it at the end; `recover` gives back what was marked and never booked.
"""

from __future__ import annotations

from dataclasses import dataclass

from inventory_core.domain import Order, Outcome
from inventory_core.steps import clock, taking
from inventory_core.strategy.key_holds import KeyHolds


@dataclass(frozen=True)
class MarkedTakings(KeyHolds):
    """Everything but `deduct`, for a strategy that takes from keys one after the other."""

    async def begin(self, order: Order, token: str) -> Outcome:
        """Claim the order; another delivery of it that is at it just now will soon be done."""
        limits = self.limits
        for attempt in range(limits.tries):
            begun = await taking.Intend(order, token)
            if begun is not Outcome.CONTENDED:
                return begun
            await clock.BackOff(attempt, limits.back_off_s, limits.back_off_most_s)
        return Outcome.CONTENDED

    async def recover(self) -> None:
        for _ in range(self.limits.recovery_batches):
            if await taking.GiveUpTakings(self.limits.batch) < self.limits.batch:
                return
