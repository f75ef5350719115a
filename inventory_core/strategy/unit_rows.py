"""One row a unit: the shared life of the strategies that sell single units.

A cell's units are rows (`StockUnit`), free or owned by an order as one of its generations. Only
`limits.units` of them are rows, because each costs as much as an order; the rest lies in the cell's
own counter, where restocks go too, and is taken when no row is free.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import ClassVar

from inventory_core.domain import Cell, Line, Opening
from inventory_core.records.engines import StockUnit
from inventory_core.steps import rows, sql
from inventory_core.strategy.row_holds import RowHolds


@dataclass(frozen=True)
class UnitRows(RowHolds):
    """Everything but `deduct`, and which of the free units are picked."""

    refuses_for: ClassVar = "in_other_hands"

    @abstractmethod
    async def pick(self, cell: Cell, quantity: int) -> Sequence[StockUnit] | None:
        """So many free units at most, ours to write; None: somebody was quicker."""

    async def unpick(self, units: Sequence[StockUnit]) -> None:
        """Leave units that were picked and are not needed after all."""

    async def load(self, openings: Sequence[Opening]) -> None:
        async with sql.transaction():
            await sql.OpenCells(tuple(openings))
            for opening in openings:
                await sql.WriteCell(opening.cell, max(0, opening.quantity - self.limits.units))
                await rows.InsertAll(self._units(opening))

    async def take(self, owner: str, generation: int, take: Line) -> bool:
        if not generation:
            return await self._take_out(take)
        units = await self.pick(take.cell, take.quantity)
        if units is None:
            return False
        rest = take.quantity - len(units)
        if rest and not await sql.TakeIfEnough(take.cell, rest):
            await self.unpick(units)
            return False
        for unit in units:
            await rows.Put(replace(unit, free=0, owner=owner, generation=generation))
        return True

    async def give(self, owner: str, generation: int, take: Line) -> None:
        units = await self.owned(owner, generation, take) if generation else ()
        for unit in units:
            await rows.Put(replace(unit, free=1, owner="", generation=0))
        if rest := take.quantity - len(units):
            await sql.GiveBack(take.cell, rest)

    async def owned(self, owner: str, generation: int, take: Line) -> Sequence[StockUnit]:
        """The units that an order owns as that generation; the rest of its take was counted."""
        mine = (*_of(take.cell), ("owner", "=", owner), ("generation", "=", generation))
        return await rows.Select(StockUnit, mine, limit=take.quantity)

    async def empty(self, cell: Cell) -> int:
        return await super().empty(cell) + await self._remove(cell, self.limits.units)

    async def read(self, cells: Sequence[Cell]) -> tuple[int, ...]:
        counted = await super().read(cells)
        free = [await rows.Sum(StockUnit, "free", _of(cell)) for cell in cells]
        return tuple(sum(both) for both in zip(counted, free, strict=True))

    async def _take_out(self, take: Line) -> bool:
        """For a correction: from the counter first, then whole rows."""
        counted = min(take.quantity, (await sql.ReadCellLocked(take.cell)).sellable)
        await sql.GiveBack(take.cell, -counted)
        wanted = take.quantity - counted
        return not wanted or await self._remove(take.cell, wanted) == wanted

    async def _remove(self, cell: Cell, most: int) -> int:
        """Remove free units, at most so many; whoever is buying one is waited for."""
        removed = 0
        for unit in await rows.Select(StockUnit, free_units(cell), limit=self.limits.units):
            key = (unit.sku, unit.place, unit.unit)
            if removed < most:
                locked = await rows.Lock(StockUnit, key)
                if locked is not None and locked.free:
                    removed += await rows.Remove(StockUnit, key)
        return removed

    def _units(self, opening: Opening) -> tuple[StockUnit, ...]:
        cell, many = opening.cell, min(opening.quantity, self.limits.units)
        return tuple([StockUnit(cell.sku, cell.place, unit, free=1) for unit in range(many)])


def free_units(cell: Cell) -> tuple[rows.Where, ...]:
    """The condition of a unit that may be picked."""
    return (*_of(cell), ("free", "=", 1))


def _of(cell: Cell) -> tuple[rows.Where, ...]:
    return (("sku", "=", cell.sku), ("place", "=", cell.place))
