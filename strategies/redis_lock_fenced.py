"""A lock in Redis with a fencing token at the row: a late holder finds the row changed.

The idea: the lease thins the crowd; what keeps the stock right is a token drawn from the row itself
(a counter in Redis goes backwards after a crash). It is left at the row *with the read*. A token
that is only compared on the write is not enough: a late holder may write after the new one has read
and before it writes, and the new one, whose token is greater, then writes what it had read.

    A: lock -- token 7, reads 1 -- (pauses) ------------------------------ write if token 7: no
    B:                   lock: free again -- token 8, reads 1 -- write 0 if token 8: yes

What it costs: a row write more than a conditional update, two round trips to Redis a line.
What breaks it: nothing, but it is the slowest way to do what the row could do alone (the tail).
Source: M. Kleppmann, "How to do distributed locking", 2016.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from inventory_core.domain import Cell, Order, Outcome
from inventory_core.steps import clock, lease, sql
from inventory_core.strategy import Needs, Promises, RowHolds


class RedisLockFenced(RowHolds):
    """A lease that thins the crowd, and a token at the row that tells a late holder."""

    family: ClassVar = "lock"
    needs: ClassVar = Needs.SQL | Needs.KV
    promises: ClassVar = Promises()

    async def deduct(self, order: Order) -> Outcome:
        limits = self.limits
        keys = [f"lock:{take.cell}" for take in order.takes]
        async with lease(keys, limits) as held:
            for attempt in range(limits.tries if held else 0):
                tokens = {take.cell: await sql.DrawToken(take.cell) for take in order.takes}
                outcome = await self._write(order, tokens)
                if outcome is not Outcome.CONTENDED:
                    return outcome
                await clock.BackOff(attempt, limits.back_off_s, limits.back_off_most_s)
        return Outcome.CONTENDED

    async def _write(self, order: Order, tokens: Mapping[Cell, sql.CellRow]) -> Outcome:
        async with sql.transaction() as here:
            claim = await sql.ClaimOrder(order)
            if not claim.fresh:
                return claim.answer_to(order)
            for take in order.takes:
                left, token = tokens[take.cell]
                if left < take.quantity:
                    return await sql.Refuse(order, take)
                if not await sql.WriteCellIfVersion(take.cell, left - take.quantity, token):
                    await here.give_up()
                    return Outcome.CONTENDED
        return Outcome.DEDUCTED
