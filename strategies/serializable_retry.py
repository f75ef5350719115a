"""SERIALIZABLE, and try again: read, think, write, and let the database find out who was too late.

The idea: write the plan as if one were alone; the level promises that it comes out as if one were.

    A: read 1 -- write 0 -- commit
    B:    read 1 -- write 0: waits for A ... serialisation failure: everything again -- reads 0

What it costs: a conflict costs the whole transaction, not a wait; and so does a false alarm.
What breaks it: a crowd at one row. When the tries are used up the buyer is sent away *contended*,
with stock left (undersold): nothing is stored, he may come again.
Source: M. Cahill, "Serializable Isolation for Snapshot Databases", 2008; PostgreSQL manual.
"""

from __future__ import annotations

from typing import ClassVar

from inventory_core.domain import Order, Outcome
from inventory_core.steps import Conflict, Deadlock, clock, sql
from inventory_core.strategy import Needs, Promises, RowHolds


class SerializableRetry(RowHolds):
    """Optimistic, with the database as the judge."""

    family: ClassVar = "row"
    needs: ClassVar = Needs.SQL
    promises: ClassVar = Promises()

    async def deduct(self, order: Order) -> Outcome:
        limits = self.limits
        for attempt in range(limits.tries):
            try:
                return await self._deduct(order)
            except (Conflict, Deadlock):
                await clock.BackOff(attempt, limits.back_off_s, limits.back_off_most_s)
        return Outcome.CONTENDED

    async def _deduct(self, order: Order) -> Outcome:
        async with sql.transaction(sql.Isolation.SERIALIZABLE):
            claim = await sql.ClaimOrder(order)
            if not claim.fresh:
                return claim.answer_to(order)
            for take in order.takes:
                left = (await sql.ReadCell(take.cell)).sellable
                if left < take.quantity:
                    return await sql.Refuse(order, take)
                await sql.WriteCell(take.cell, left - take.quantity)
        return Outcome.DEDUCTED
