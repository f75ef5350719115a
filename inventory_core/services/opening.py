"""Opening a cell on its engine when units first come to it, however many do so at once.

A strategy takes over cells that do not exist yet. Opening one with 0 units twice changes nothing
(rows refuse the second, keys leave the first alone), so nobody has to wait for anybody; the record
only spares the question afterwards, and says which cells an engine has.
"""

from __future__ import annotations

from contextlib import suppress

from inventory_core.domain import Cell, Opening
from inventory_core.records import OpenedCell
from inventory_core.services.parts import Engines
from inventory_core.steps import rows
from inventory_core.steps.engine import on
from inventory_core.steps.errors import ConstraintBroken


async def open_cell(engines: Engines, engine: str, cell: Cell) -> None:
    """Make sure that an engine has the cell."""
    if await rows.Get(OpenedCell, (engine, cell.sku, cell.place)) is not None:
        return
    with suppress(ConstraintBroken):  # somebody has been faster, or loaded it in another way
        await on(engine, engines[engine].load((Opening(cell, 0),)))
    await rows.Insert(OpenedCell(engine, cell.sku, cell.place))
