"""Read, think, and write only if nobody else has written since: compare and set on a version.

The idea: no lock while thinking; who comes second notices and tries again.

    A: read 2, version 7 -------- write 1 if version 7: yes
    B: read 2, version 7 ------------- write 1 if version 7: no -- read 1, version 8 -- write 0: yes

What it costs: a read more than a conditional update, and every collision costs two round trips.
What breaks it: on a hot row nearly everybody collides (retry storm); when the tries are used up the
buyer is sent away *contended*, which is not a refusal: nothing is stored, he may try again.
Source: vivo's "optimistic locking"; Kung and Robinson, "On Optimistic Methods for Concurrency
Control", 1981.
"""

from __future__ import annotations

from typing import ClassVar

from inventory_core.domain import Line, Order, Outcome
from inventory_core.steps import clock, sql
from inventory_core.strategy import Needs, Promises, RowHolds


class OptimisticVersion(RowHolds):
    """Compare and set with bounded retries."""

    family: ClassVar = "row"
    needs: ClassVar = Needs.SQL
    promises: ClassVar = Promises()

    async def deduct(self, order: Order) -> Outcome:
        async with sql.transaction() as here:
            claim = await sql.ClaimOrder(order)
            if not claim.fresh:
                return claim.answer_to(order)
            for take in order.takes:
                answer = await self._take(take)
                if answer is Outcome.REFUSED:
                    return await sql.Refuse(order, take)
                if answer is Outcome.CONTENDED:
                    await here.give_up()
                    return Outcome.CONTENDED
        return Outcome.DEDUCTED

    async def _take(self, take: Line) -> Outcome:
        limits = self.limits
        for attempt in range(limits.tries):
            left, version = await sql.ReadCell(take.cell)
            if left < take.quantity:
                return Outcome.REFUSED
            if await sql.WriteCellIfVersion(take.cell, left - take.quantity, version):
                return Outcome.DEDUCTED
            await clock.BackOff(attempt, limits.back_off_s, limits.back_off_most_s)
        return Outcome.CONTENDED
