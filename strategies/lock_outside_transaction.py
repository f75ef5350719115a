"""Lock the row in one transaction, write it in another. A control: the lock is gone by then.

The idea: `SELECT ... FOR UPDATE` through a connection that commits by itself, as an ORM without a
transaction around it does: the lock lasts exactly as long as the SELECT.

    A: lock and read 1, unlock ----------- write 0 -- "deducted"
    B:        lock and read 1, unlock ----------- write 0 -- "deducted"      one unit, two buyers

What it costs: as much as the right way. What breaks it: two buyers at once.
Source: autocommit; Spring's `@Transactional` on a method that calls itself.
"""

from __future__ import annotations

from typing import ClassVar

from inventory_core.domain import Order, Outcome
from inventory_core.steps import sql
from inventory_core.strategy import Needs, Promise, Promises, RowHolds


class LockOutsideTransaction(RowHolds):
    """A lock that nobody holds while it would matter."""

    family: ClassVar = "control"
    control: ClassVar = True
    needs: ClassVar = Needs.SQL
    promises: ClassVar = Promises(kept=frozenset({Promise.EXACTLY_ONCE, Promise.ALL_OR_NOTHING}))

    async def deduct(self, order: Order) -> Outcome:
        read = {take: (await sql.ReadCellLocked(take.cell)).sellable for take in order.takes}
        async with sql.transaction():
            claim = await sql.ClaimOrder(order)
            if not claim.fresh:
                return claim.answer_to(order)
            for take, left in read.items():
                if left < take.quantity:
                    return await sql.Refuse(order, take)
                await sql.WriteCell(take.cell, left - take.quantity)
        return Outcome.DEDUCTED
