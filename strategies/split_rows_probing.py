"""Split the hot row, and look at the other parts before refusing anybody.

The idea: one part at random while stock is plentiful; when that has not enough, lock every part in
their order, and take from as many as it needs. So fragments are no reason to refuse.

    C: part 5 has 1, wants 2: not enough -- lock parts 1, 2 ... 8 -- 1 of part 2, 1 of part 5

What it costs: near the end a lock a part, held until the commit: the splitting no longer helps.
What breaks it: nothing; but two who look in different order may wait in a circle, so the one that
the server picks tries again, and is sent away contended when its tries are used up.
Source: vivo's "stock splitting", with the probing that it recommends.
"""

from __future__ import annotations

from typing import ClassVar

from inventory_core.domain import Line, Order, Outcome
from inventory_core.steps import Deadlock, clock, sql
from inventory_core.strategy import Needs, Promises, SplitParts


class SplitRowsProbing(SplitParts):
    """One try at one part, then exactly."""

    family: ClassVar = "split"
    needs: ClassVar = Needs.SQL
    refuses_for: ClassVar = ""
    promises: ClassVar = Promises()

    async def deduct(self, order: Order) -> Outcome:
        limits = self.limits
        for attempt in range(limits.tries):
            try:
                return await self._deduct(order)
            except Deadlock:
                await clock.BackOff(attempt, limits.back_off_s, limits.back_off_most_s)
        return Outcome.CONTENDED

    async def take(self, owner: str, generation: int, take: Line) -> bool:
        return await super().take(owner, generation, take) or await self.take_from_any(take)

    async def _deduct(self, order: Order) -> Outcome:
        async with sql.transaction():
            claim = await sql.ClaimOrder(order)
            if not claim.fresh:
                return claim.answer_to(order)
            for take in order.takes:
                if not await self.take(order.number, 1, take):
                    return await self.refuse(order, take)
        return Outcome.DEDUCTED
