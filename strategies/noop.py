"""Ask for nothing and answer "deducted": the floor of the harness, neither strategy nor control.

The idea: what is left of a deduction when the stores are taken away is the cost of the laboratory.
What it costs: nothing. What breaks it: it holds no stock, so there is nothing to break or to prove.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from inventory_core.domain import Cell, Opening, Order, Outcome
from inventory_core.strategy import Needs, Promises, Strategy


class Noop(Strategy):
    """Every verb answers at once."""

    family: ClassVar = "floor"
    needs: ClassVar = Needs.NOTHING
    promises: ClassVar = Promises(kept=frozenset(), survives=frozenset())

    async def deduct(self, order: Order) -> Outcome:
        return Outcome.DEDUCTED

    async def load(self, openings: Sequence[Opening]) -> None:
        return None

    async def roll_back(self, order_number: str) -> Outcome:
        return Outcome.ROLLED_BACK

    async def pay(self, order_number: str) -> Outcome:
        return Outcome.PAID

    async def expire(self, order_number: str) -> Outcome:
        return Outcome.NOT_DUE

    async def ship(self, order_number: str) -> Outcome:
        return Outcome.SHIPPED

    async def adjust(self, key: str, cell: Cell, delta: int, reason: str) -> Outcome:
        return Outcome.ADJUSTED

    async def read(self, cells: Sequence[Cell]) -> tuple[int, ...]:
        return (0,) * len(cells)

    async def drain(self, key: str, cell: Cell) -> int:
        return 0

    async def sweep(self) -> bool:
        return False
