"""The life of a hold when its truth lies in keys, and every change tells of itself for the rows.

How it tells, and who writes the rows, is for the strategy to say; what is written is how an order
stands, not what was done to it, so that writing it twice is the same.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass

from inventory_core.domain import Cell, HoldState, Opening, Outcome
from inventory_core.steps import kv, noted, sql
from inventory_core.steps.telling import ENTRY, ORDER, Stand, Telling
from inventory_core.strategy.key_holds import KeyHolds


@dataclass(frozen=True)
class RowCopies(KeyHolds):
    """Every verb that changes something, but for `deduct`; the units, in keys and rows."""

    @abstractmethod
    def telling(self, step: kv.Deduct | kv.Resolve | kv.Adjust | kv.Drain) -> Telling:
        """The step, and in it the news that it was."""

    async def load(self, openings: Sequence[Opening]) -> None:
        await sql.OpenCells(tuple(openings))
        await kv.OpenCells(tuple(openings))

    async def roll_back(self, order_number: str) -> Outcome:
        return await self._resolve(order_number, "roll_back")

    async def pay(self, order_number: str) -> Outcome:
        return await self._resolve(order_number, "pay")

    async def expire(self, order_number: str) -> Outcome:
        return await self._resolve(order_number, "expire")

    async def ship(self, order_number: str) -> Outcome:
        return await self._resolve(order_number, "ship")

    async def adjust(self, key: str, cell: Cell, delta: int, reason: str) -> Outcome:
        outcome: Outcome = await self.telling(kv.Adjust(key, cell, delta))
        return outcome

    async def drain(self, key: str, cell: Cell) -> int:
        left: int = await self.telling(kv.Drain(key, cell))
        return left

    async def _resolve(self, order_number: str, verb: str) -> Outcome:
        outcome: Outcome = await self.telling(kv.Resolve(order_number, verb))
        return outcome


async def write_stand(before: sql.StoredOrder, number: str, stands: Stand) -> bool:
    """Bring the rows from how an order stood to how it stands; False: units must come first."""
    if stands.order is None:  # a tombstone, which `Bury` has written
        return True
    owned = before.state.owns_units
    if before.fresh:
        await sql.RecordOrder(stands.order)
    known = 1 if before.fresh else before.generation
    for generation in range(known + 1, stands.generation + 1):
        await sql.Settle(number, HoldState.EXPIRED)
        await sql.Reopen(number, generation, HoldState.HELD)
    await sql.Settle(number, stands.state)
    if owned == stands.state.owns_units:
        return True
    for take in stands.order.takes:
        if owned:
            await sql.GiveBack(take.cell, take.quantity)
        elif not await sql.TakeIfEnough(take.cell, take.quantity):
            return False
    return True


async def write_told(what: str) -> bool:
    """Write how that stands now of which a note or an entry tells; False: units must come first."""
    if what.startswith(ENTRY):
        entry = await noted.ReadEntry(what.removeprefix(ENTRY))
        return entry is None or await write_entry(entry)
    return await write_as_it_stands(what.removeprefix(ORDER)) is not None


async def write_as_it_stands(number: str) -> Stand | None:
    """Lock an order's row, read how it stands in the keys, write that; None: it could not be."""
    async with sql.transaction() as here:
        before = await sql.Bury(number)
        stands = await noted.ReadStand(number)
        if stands is None or not await write_stand(before, number, stands):
            await here.give_up()
            return None
    return stands


async def write_entry(entry: kv.Entry) -> bool:
    """Write an entry of the journal and what it changes; False: units must come first."""
    async with sql.transaction() as here:
        if await sql.RecordAdjustment(entry.key, entry.cell, entry.delta, "copied") is not None:
            return True
        if entry.delta > 0:
            await sql.GiveBack(entry.cell, entry.delta)
        elif entry.delta and not await sql.TakeIfEnough(entry.cell, -entry.delta):
            await here.give_up()
            return False
    return True
