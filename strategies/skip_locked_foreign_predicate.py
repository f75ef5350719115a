"""Pick units that have no claim, with SKIP LOCKED. A control: the claims lie in another table.

The idea: `SELECT ... FROM unit WHERE NOT EXISTS (claim on it) FOR UPDATE SKIP LOCKED`, so that
everybody picks others. But only the unit's row is locked and looked at again, not the claims.

    A: claims: none ----- lock unit 1, claim it, commit
    B:        claims: none ------------------------------- lock unit 1: nobody has it now; claim it

What it costs: as much as `claimed_units`, which keeps what it asks for in the row that it locks.
What breaks it: whoever read the claims before another committed his, and locks after that.
Source: PostgreSQL manual, "Read Committed Isolation Level": only the locked row is read again.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from inventory_core.domain import Cell, Line, Order, Outcome
from inventory_core.records.engines import Message, StockUnit
from inventory_core.steps import rows, sql
from inventory_core.strategy import Needs, Promise, Promises, UnitRows

CLAIMS = "claims on units"


class SkipLockedForeignPredicate(UnitRows):
    """What it asks for is not in the row that it locks."""

    family: ClassVar = "control"
    control: ClassVar = True
    needs: ClassVar = Needs.SQL
    promises: ClassVar = Promises(kept=frozenset({Promise.EXACTLY_ONCE, Promise.ALL_OR_NOTHING}))

    async def deduct(self, order: Order) -> Outcome:
        async with sql.transaction():
            claim = await sql.ClaimOrder(order)
            if not claim.fresh:
                return claim.answer_to(order)
            for take in order.takes:
                if not await self.take(order.number, 1, take):
                    return await self.refuse(order, take)
        return Outcome.DEDUCTED

    async def pick(self, cell: Cell, quantity: int) -> Sequence[StockUnit] | None:
        of_cell = (("sku", "=", cell.sku), ("place", "=", cell.place))
        claims = await rows.Select(Message, (("queue", "=", CLAIMS),), limit=10_000)
        claimed = {claim.body for claim in claims}
        there = await rows.Select(StockUnit, of_cell, limit=10_000, lock_free=True)
        free = [unit for unit in there if (unit.sku, unit.place, unit.unit) not in claimed]
        return free[:quantity]

    async def take(self, owner: str, generation: int, take: Line) -> bool:
        if not await super().take(owner, generation, take):
            return False
        for unit in await self.owned(owner, generation, take) if generation else ():
            body = (unit.sku, unit.place, unit.unit)
            await rows.Insert(Message(CLAIMS, _key(owner, generation, unit), 0, body))
        return True

    async def give(self, owner: str, generation: int, take: Line) -> None:
        for unit in await self.owned(owner, generation, take) if generation else ():
            await rows.Remove(Message, (CLAIMS, _key(owner, generation, unit)))
        await super().give(owner, generation, take)


def _key(owner: str, generation: int, unit: StockUnit) -> str:
    return f"{owner}/{generation} {unit.sku}@{unit.place} {unit.unit}"
