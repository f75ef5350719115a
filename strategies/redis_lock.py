"""Take a lock in Redis, read and write the database, let the lock go. A control: no fence.

The idea: one buyer at a time, because only one can set the key.

    A: lock -- read 1 -- (pauses longer than the lease) -------------- write 0 -- "deducted"
    B:                    lock: free again -- read 1 -- write 0 -- "deducted"   one unit, two buyers

What it costs: two more round trips an order and line, and waiting by asking again (spinning).
What breaks it: the lock is a lease. A holder that pauses longer than its lease (garbage collection,
a slow disk, a virtual machine that is moved) comes back believing that it still holds the lock.
Source: vivo's "distributed lock"; M. Kleppmann, "How to do distributed locking", 2016.
"""

from __future__ import annotations

from typing import ClassVar

from inventory_core.domain import Order, Outcome
from inventory_core.steps import lease, sql
from inventory_core.strategy import Needs, Promise, Promises, RowHolds


class RedisLock(RowHolds):
    """A lease around read and write, and nothing at the row to catch a late holder."""

    family: ClassVar = "control"
    control: ClassVar = True
    needs: ClassVar = Needs.SQL | Needs.KV
    promises: ClassVar = Promises(kept=frozenset({Promise.EXACTLY_ONCE, Promise.ALL_OR_NOTHING}))

    async def deduct(self, order: Order) -> Outcome:
        keys = [f"lock:{take.cell}" for take in order.takes]
        async with lease(keys, self.limits) as held:
            return await self._read_and_write(order) if held else Outcome.CONTENDED

    async def _read_and_write(self, order: Order) -> Outcome:
        async with sql.transaction():
            claim = await sql.ClaimOrder(order)
            if not claim.fresh:
                return claim.answer_to(order)
            for take in order.takes:
                left = (await sql.ReadCell(take.cell)).sellable
                if left < take.quantity:
                    return await sql.Refuse(order, take)
                await sql.WriteCell(take.cell, left - take.quantity)
        return Outcome.DEDUCTED
