"""Units of a cell in several rows: the shared life of the strategies that split a hot row.

A cell's units lie in `limits.parts` rows (`Part`), evenly at first; its own counter stays at zero.
Whose units lie in which part nobody notes: what comes back goes to any of them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from inventory_core.domain import Cell, Line, Opening
from inventory_core.records.engines import Part
from inventory_core.steps import clock, rows, sql
from inventory_core.strategy.row_holds import RowHolds


@dataclass(frozen=True)
class SplitParts(RowHolds):
    """Everything but `deduct`; `take` looks at one part, picked by the dice."""

    refuses_for: ClassVar = "fragmented"

    async def load(self, openings: Sequence[Opening]) -> None:
        async with sql.transaction():
            await sql.OpenCells(tuple(openings))
            for opening in openings:
                await sql.WriteCell(opening.cell, 0)
            await rows.InsertAll(tuple([part for each in openings for part in self.split(each)]))

    async def take(self, owner: str, generation: int, take: Line) -> bool:
        if not generation:  # a correction is refused only if the cell has too little
            return await self.take_from_any(take)
        return await self.take_from(await clock.Draw(self.limits.parts), take)

    async def give(self, owner: str, generation: int, take: Line) -> None:
        if generation:
            await self._put(await clock.Draw(self.limits.parts), take)
            return
        for part in self.split(Opening(take.cell, take.quantity)):  # what comes in is dealt out
            if part.units:
                await self._put(part.part, Line(take.cell, part.units))

    async def _put(self, part: int, units: Line) -> None:
        if not await rows.Add(Part, part_key(units.cell, part), (("units", units.quantity),)):
            await sql.GiveBack(units.cell, units.quantity)  # a cell that nobody has split

    async def empty(self, cell: Cell) -> int:
        found = await self._locked(cell)
        for part in found:
            await rows.Put(Part(part.sku, part.place, part.part, 0, part.epoch + 1))
        return sum(part.units for part in found)

    async def read(self, cells: Sequence[Cell]) -> tuple[int, ...]:
        return tuple([await rows.Sum(Part, "units", _of(cell)) for cell in cells])

    async def take_from(self, part: int, take: Line) -> bool:
        """Take everything from one part, or nothing."""
        return await rows.Add(Part, part_key(take.cell, part), (("units", -take.quantity),))

    async def take_from_any(self, take: Line) -> bool:
        """Lock every part, and take from as many as it needs; exact, whoever else is at work."""
        found, wanted = await self._locked(take.cell), take.quantity
        if sum(part.units for part in found) < wanted:
            return False
        for part in found:
            taken = min(part.units, wanted)
            if taken:
                await self.take_from(part.part, Line(take.cell, taken))
                wanted -= taken
        return True

    async def _locked(self, cell: Cell) -> list[Part]:
        """Every part, locked in one order for everybody."""
        keys = [part_key(cell, part) for part in range(self.all_parts)]
        found = [await rows.Lock(Part, key) for key in keys]
        return [part for part in found if part is not None]

    @property
    def all_parts(self) -> int:
        """How many rows a cell has."""
        return self.limits.parts

    def split(self, opening: Opening) -> list[Part]:
        """The rows of a cell, as it opens."""
        each, more = divmod(opening.quantity, self.limits.parts)
        cell = opening.cell
        return [
            Part(cell.sku, cell.place, part, each + (part < more))
            for part in range(self.limits.parts)
        ]


def part_key(cell: Cell, part: int) -> rows.Key:
    """The key of a part's row."""
    return (cell.sku, cell.place, part)


def _of(cell: Cell) -> tuple[rows.Where, ...]:
    return (("sku", "=", cell.sku), ("place", "=", cell.place))
