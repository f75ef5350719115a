"""The life of a hold when its truth lies in keys: the shared default of the Redis strategies.

Every verb is one script, so each is all or nothing and there is nothing to recover. What a crash
of the server loses is another matter: see the promises of each strategy.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from inventory_core.domain import Cell, Opening, Outcome
from inventory_core.steps import kv
from inventory_core.strategy.contract import Strategy


@dataclass(frozen=True)
class KeyHolds(Strategy):
    """Everything but `deduct`, for a strategy whose counters and holds are keys."""

    async def load(self, openings: Sequence[Opening]) -> None:
        await kv.OpenCells(tuple(openings))

    async def roll_back(self, order_number: str) -> Outcome:
        return await kv.Resolve(order_number, "roll_back")

    async def pay(self, order_number: str) -> Outcome:
        return await kv.Resolve(order_number, "pay")

    async def expire(self, order_number: str) -> Outcome:
        return await kv.Resolve(order_number, "expire")

    async def ship(self, order_number: str) -> Outcome:
        return await kv.Resolve(order_number, "ship")

    async def adjust(self, key: str, cell: Cell, delta: int, reason: str) -> Outcome:
        return await kv.Adjust(key, cell, delta)

    async def read(self, cells: Sequence[Cell]) -> tuple[int, ...]:
        return await kv.ReadCells(tuple(cells))

    async def drain(self, key: str, cell: Cell) -> int:
        return await kv.Drain(key, cell)

    async def sweep(self) -> bool:
        due = await kv.DueHolds(self.limits.batch)
        for order_number in due:
            await self.expire(order_number)
        return bool(due)
