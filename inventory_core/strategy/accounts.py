"""Cells as accounts with reservations: the shared life of the strategies that hold in two phases.

    take   pending + q, if pending stays within credits
    post   credits - q, pending - q, posted + q        (what was reserved is gone)
    void   pending - q                                 (what was reserved is free again)

A reservation leaves a claim, so whoever gives units back knows whether they were posted already.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from inventory_core.domain import Cell, Line, Opening
from inventory_core.records.engines import Account, Claim
from inventory_core.steps import rows, sql
from inventory_core.strategy.row_holds import RowHolds

_COVERED = (("pending", "credits"),)


@dataclass(frozen=True)
class Accounts(RowHolds):
    """Everything but `deduct`, and when a reservation is posted."""

    async def load(self, openings: Sequence[Opening]) -> None:
        async with sql.transaction():
            await sql.OpenCells(tuple(openings))
            for opening in openings:
                await sql.WriteCell(opening.cell, 0)
            books = [Account(one.cell.sku, one.cell.place, one.quantity) for one in openings]
            await rows.InsertAll(tuple(books))

    async def take(self, owner: str, generation: int, take: Line) -> bool:
        cell, units = take.cell, take.quantity
        if not generation:
            return await change(take, ("credits", -units))
        if not await change(take, ("pending", units)):
            return False
        return await rows.Insert(Claim(cell.sku, cell.place, owner, generation, 0))

    async def post(self, owner: str, generation: int, take: Line) -> None:
        """What was reserved is gone."""
        units = take.quantity
        await rows.Remove(Claim, _key_of(owner, generation, take))
        await change(take, ("credits", -units), ("pending", -units), ("posted", units))

    async def give(self, owner: str, generation: int, take: Line) -> None:
        units = take.quantity
        if generation and await rows.Remove(Claim, _key_of(owner, generation, take)):
            await change(take, ("pending", -units))
        elif generation:
            await change(take, ("credits", units), ("posted", -units))
        elif not await change(take, ("credits", units)):
            await sql.GiveBack(take.cell, units)  # a cell without an account

    async def empty(self, cell: Cell) -> int:
        account = await rows.Lock(Account, (cell.sku, cell.place))
        if account is None:
            return 0
        left = account.credits - account.pending
        await change(Line(cell, left), ("credits", -left)) if left else None
        return left

    async def read(self, cells: Sequence[Cell]) -> tuple[int, ...]:
        found = [await rows.Get(Account, (cell.sku, cell.place)) for cell in cells]
        return tuple(one.credits - one.pending if one else 0 for one in found)


async def change(take: Line, *changes: tuple[str, int]) -> bool:
    """Change the account of a cell, if what is reserved stays covered."""
    return await rows.Add(Account, (take.cell.sku, take.cell.place), changes, _COVERED)


def _key_of(owner: str, generation: int, take: Line) -> rows.Key:
    return (take.cell.sku, take.cell.place, owner, generation)
