"""Subtract blindly, and let a CHECK constraint refuse.

The idea: `UPDATE ... SET sellable = sellable - q` without a condition; the database does not let a
counter fall below zero, and the error is the refusal.

    A: 1 - 1 = 0 ----------- commit
    B:       waits for A ... 0 - 1: the constraint refuses

What it costs: a refusal is an error that ends the transaction, so it is stored in another one.
What breaks it: nothing. Folklore says that constraints lose sales; on a counter they lose none,
because whoever waited for the row is judged by what it holds then. (Those who pick single units
and do not try again do lose them: see `unit_pick_constraint_only`.)
Source: the usual `CHECK (stock >= 0)`.
"""

from __future__ import annotations

from typing import ClassVar

from inventory_core.domain import HoldState, Order, Outcome
from inventory_core.steps import ConstraintBroken, sql
from inventory_core.strategy import Needs, Promises, RowHolds


class ConstraintOnly(RowHolds):
    """An UPDATE without a WHERE on the stock."""

    family: ClassVar = "row"
    needs: ClassVar = Needs.SQL
    promises: ClassVar = Promises()

    async def deduct(self, order: Order) -> Outcome:
        try:
            async with sql.transaction():
                claim = await sql.ClaimOrder(order)
                if not claim.fresh:
                    return claim.answer_to(order)
                for take in order.takes:
                    await sql.GiveBack(take.cell, -take.quantity)
            return Outcome.DEDUCTED
        except ConstraintBroken:
            return await self._refuse(order)

    async def _refuse(self, order: Order) -> Outcome:
        """Keep the refusal, unless somebody else has kept another answer meanwhile."""
        async with sql.transaction():
            claim = await sql.ClaimOrder(order)
            if not claim.fresh:
                return claim.answer_to(order)
            await sql.Settle(order.number, HoldState.REFUSED)
        return Outcome.REFUSED
