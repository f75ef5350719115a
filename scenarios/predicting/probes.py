"""Mechanisms without a strategy around them, to be measured at any crowd.

A hot row's collapse cannot be seen at one client or at four, so what a lock costs when it changes
hands is measured by the smallest thing that takes one; so is what the disk and a script cost. Their
answers are not for sale: no claim, no log, no idempotency.
"""

from __future__ import annotations

from typing import ClassVar

from inventory_core.domain import Order, Outcome
from inventory_core.steps import kv, sql
from inventory_core.strategy import KeyHolds, Needs, Promises, RowHolds


class OneUpdate(RowHolds):
    """One statement that takes a row's lock and commits: the row is hot, or one of many."""

    family: ClassVar = "probe"
    needs: ClassVar = Needs.SQL
    promises: ClassVar = Promises()
    control: ClassVar = True

    async def deduct(self, order: Order) -> Outcome:
        """Take units; nobody asks whether it was done before."""
        for take in order.takes:
            await sql.TakeIfEnough(take.cell, take.quantity)
        return Outcome.DEDUCTED


class OneTransaction(RowHolds):
    """The same within a transaction, which is held while its client goes on to the commit."""

    family: ClassVar = "probe"
    needs: ClassVar = Needs.SQL
    promises: ClassVar = Promises()
    control: ClassVar = True

    async def deduct(self, order: Order) -> Outcome:
        """Take units; nobody asks whether it was done before."""
        async with sql.transaction():
            for take in order.takes:
                await sql.TakeIfEnough(take.cell, take.quantity)
        return Outcome.DEDUCTED


class OneClaim(RowHolds):
    """As many holds in one statement as the order has lines: what each of them adds."""

    family: ClassVar = "probe"
    needs: ClassVar = Needs.SQL
    promises: ClassVar = Promises()
    control: ClassVar = True

    async def deduct(self, order: Order) -> Outcome:
        """Write them down, and take nothing."""
        parts = enumerate(order.lines)
        orders = tuple(Order(f"{order.number}.{n:03d}", (line,), "") for n, line in parts)
        async with sql.transaction():
            await sql.ClaimHolds(orders)
        return Outcome.DEDUCTED


class OneScript(KeyHolds):
    """One script that looks at a counter."""

    family: ClassVar = "probe"
    needs: ClassVar = Needs.KV
    promises: ClassVar = Promises()
    control: ClassVar = True

    async def deduct(self, order: Order) -> Outcome:
        """Look, and take nothing."""
        await kv.ReadCells(tuple(take.cell for take in order.takes))
        return Outcome.DEDUCTED
