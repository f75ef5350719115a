"""Lock the row if nobody has it, else fail at once: `SELECT ... FOR UPDATE NOWAIT`.

The idea: a connection that waits for a lock is a connection that serves nobody, so do not wait.

    A: lock and read 1 ------------- write 0 -- commit
    B:        lock: taken, give up -- back off -- lock and read 0: refused

What it costs: as much as `row_lock`, and a whole transaction for every try that fails.
What breaks it: a crowd. When the tries are used up the buyer is sent away *contended* with stock
left: nothing is stored, he may come again, and many will not (undersold).
Source: PostgreSQL manual, "The Locking Clause".
"""

from __future__ import annotations

from typing import ClassVar

from inventory_core.domain import Order, Outcome
from inventory_core.steps import LockTimeout, clock, sql
from inventory_core.strategy import Needs, Promises, RowHolds


class RowLockNowait(RowHolds):
    """Pessimistic, but in a hurry."""

    family: ClassVar = "row"
    needs: ClassVar = Needs.SQL
    promises: ClassVar = Promises()

    async def deduct(self, order: Order) -> Outcome:
        limits = self.limits
        for attempt in range(limits.tries):
            try:
                return await self._deduct(order)
            except LockTimeout:
                await clock.BackOff(attempt, limits.back_off_s, limits.back_off_most_s)
        return Outcome.CONTENDED

    async def _deduct(self, order: Order) -> Outcome:
        async with sql.transaction():
            claim = await sql.ClaimOrder(order)
            if not claim.fresh:
                return claim.answer_to(order)
            for take in order.takes:
                left = (await sql.ReadCellNowait(take.cell)).sellable
                if left < take.quantity:
                    return await sql.Refuse(order, take)
                await sql.WriteCell(take.cell, left - take.quantity)
        return Outcome.DEDUCTED
