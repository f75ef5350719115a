"""Add up the ledger, then append to it. A control: two who add up at once both find enough.

The idea: nobody writes the counter, so nobody waits; what is left is the counter less all claims,
and a claim is one more row.

    A: add up: 1 left ------------ append claim -- "deducted"
    B:         add up: 1 left ------------ append claim -- "deducted"      one unit, two buyers

What it costs: a sum over the claims of a cell for every order. What breaks it: two buyers at once,
because rows that are not there yet cannot be locked (write skew).
Source: event sourcing without a check on append.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from inventory_core.domain import Cell, Line, Order, Outcome
from inventory_core.records.engines import Claim
from inventory_core.steps import rows, sql
from inventory_core.strategy import Needs, Promise, Promises, RowHolds


class LedgerCheckThenAppend(RowHolds):
    """Sum and insert, with nothing in between that could refuse."""

    family: ClassVar = "control"
    control: ClassVar = True
    needs: ClassVar = Needs.SQL
    promises: ClassVar = Promises(
        kept=frozenset(
            {Promise.EXACTLY_ONCE, Promise.ALL_OR_NOTHING, Promise.LEAVES_NOTHING_BEHIND}
        )
    )

    async def deduct(self, order: Order) -> Outcome:
        async with sql.transaction():
            claim = await sql.ClaimOrder(order)
            if not claim.fresh:
                return claim.answer_to(order)
            for take in order.takes:
                if not await self.take(order.number, 1, take):
                    return await self.refuse(order, take)
        return Outcome.DEDUCTED

    async def take(self, owner: str, generation: int, take: Line) -> bool:
        if await self._left(take.cell) < take.quantity:
            return False
        cell = take.cell
        return await rows.Insert(Claim(cell.sku, cell.place, owner, generation, take.quantity))

    async def give(self, owner: str, generation: int, take: Line) -> None:
        claim = (take.cell.sku, take.cell.place, owner, generation)
        if not generation or not await rows.Remove(Claim, claim):
            await sql.GiveBack(take.cell, take.quantity)

    async def empty(self, cell: Cell) -> int:
        left = await self._left(cell)
        await sql.GiveBack(cell, -left)
        return left

    async def read(self, cells: Sequence[Cell]) -> tuple[int, ...]:
        return tuple([await self._left(cell) for cell in cells])

    async def _left(self, cell: Cell) -> int:
        of_cell = (("sku", "=", cell.sku), ("place", "=", cell.place))
        return (await sql.ReadCell(cell)).sellable - await rows.Sum(Claim, "pending", of_cell)
