"""One conditional UPDATE and nothing else: the floor of the load driver, and no way to run a shop.

The idea: the statement that `pgbench` is given too, so that driver and tool can be told apart from
the server under both (`stockproof doctor --peers`).
What it costs: one statement, which commits by itself. What breaks it: it claims no order number, so
whoever asks twice takes twice; of several lines, those that were enough stay taken.
"""

from __future__ import annotations

from typing import ClassVar

from inventory_core.domain import Order, Outcome
from inventory_core.steps import sql
from inventory_core.strategy import Needs, Promises, RowHolds


class BareTake(RowHolds):
    """Take each line if there is enough."""

    family: ClassVar = "floor"
    needs: ClassVar = Needs.SQL
    promises: ClassVar = Promises(kept=frozenset(), survives=frozenset())

    async def deduct(self, order: Order) -> Outcome:
        """Once for every time it is asked."""
        for take in order.takes:
            if not await sql.TakeIfEnough(take.cell, take.quantity):
                return Outcome.REFUSED
        return Outcome.DEDUCTED
