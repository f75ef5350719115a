"""Pick a free unit, and let a unique key refuse whoever comes second. No retry.

The idea: no lock and no condition: "the constraint keeps us safe", and it does.

    A: free: unit 1 ------ insert claim on unit 1 -- commit
    B:      free: unit 1 ------ insert claim on unit 1: waits for A ... exists: refused,
                                                             with units 2 to 100 free

What it costs: a plain read and an insert a unit. What breaks it: everybody reads the same first
unit, one gets it, and all the others are sent away with stock left (undersold). This is the loss
that folklore blames on constraints: it is the picking, and the retry that is missing.
Source: `UNIQUE (seat)`, as ticket shops have it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from inventory_core.domain import Cell, Line, Order, Outcome
from inventory_core.records.engines import Claim, StockUnit
from inventory_core.steps import rows, sql
from inventory_core.strategy import ALL, Needs, Promise, Promises, UnitRows, free_units


class UnitPickConstraintOnly(UnitRows):
    """The first free unit, or nothing."""

    family: ClassVar = "unit"
    needs: ClassVar = Needs.SQL
    promises: ClassVar = Promises(kept=ALL - {Promise.NO_FALSE_SOLD_OUT, Promise.LINEARIZABLE})

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
        free = await rows.Select(StockUnit, free_units(cell), limit=quantity)
        for at, unit in enumerate(free):
            if not await rows.Insert(Claim(*_key_of(unit), pending=0)):
                await self.unpick(free[:at])
                return None
            there = await rows.Lock(StockUnit, (unit.sku, unit.place, unit.unit))
            if there != unit:  # a correction took it out, or it was sold and given back
                await self.unpick(free[: at + 1])
                return None
        return free

    async def give(self, owner: str, generation: int, take: Line) -> None:
        if generation:
            await self.unpick(await self.owned(owner, generation, take))
        await super().give(owner, generation, take)

    async def unpick(self, units: Sequence[StockUnit]) -> None:
        for unit in units:
            await rows.Remove(Claim, _key_of(unit))


def _key_of(unit: StockUnit) -> tuple[str, str, str, int]:
    """The unique key of a claim on a unit."""
    return (unit.sku, unit.place, f"unit {unit.unit}", 0)
