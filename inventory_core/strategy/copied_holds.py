"""The life of a hold when its truth lies in keys and rows get a copy of how it stands.

Whoever changes something leaves a note in the same step (`noted`). The worker locks the hold's row,
reads how the order stands, and writes that: since the row is locked first, what is read is never
older than what another worker wrote there.

An order that takes units which another gave back cannot be written before the other, because no
counter row goes below zero: its note stays, and is tried again.
"""

from __future__ import annotations

from dataclasses import dataclass

from inventory_core.domain import Cell, HoldState, Outcome
from inventory_core.steps import kv, noted, sql
from inventory_core.strategy.contract import Daemon
from inventory_core.strategy.key_holds import KeyHolds


@dataclass(frozen=True)
class CopiedHolds(KeyHolds):
    """Everything but `load` and `deduct`."""

    async def roll_back(self, order_number: str) -> Outcome:
        return await self._resolve(order_number, "roll_back")

    async def pay(self, order_number: str) -> Outcome:
        return await self._resolve(order_number, "pay")

    async def expire(self, order_number: str) -> Outcome:
        return await self._resolve(order_number, "expire")

    async def ship(self, order_number: str) -> Outcome:
        return await self._resolve(order_number, "ship")

    async def adjust(self, key: str, cell: Cell, delta: int, reason: str) -> Outcome:
        outcome: Outcome = await noted.Noted(kv.Adjust(key, cell, delta))
        return outcome

    async def drain(self, key: str, cell: Cell) -> int:
        left: int = await noted.Noted(kv.Drain(key, cell))
        return left

    async def _resolve(self, order_number: str, verb: str) -> Outcome:
        outcome: Outcome = await noted.Noted(kv.Resolve(order_number, verb))
        return outcome

    async def work(self) -> bool:
        """One turn of the worker: go through the notes once, and copy what can be."""
        start, worked, batch = 0, False, self.limits.batch
        for _ in range(self.limits.recovery_batches):
            notes = await noted.ReadChanged(batch, start)
            for note in notes:
                gone = await self._copy(note)
                start += not gone
                worked = worked or gone
            if len(notes) < batch:
                break
        return worked

    async def recover(self) -> None:
        """Catch up."""
        for _ in range(self.limits.recovery_batches):
            if not await self.work():
                return

    def daemons(self) -> tuple[Daemon, ...]:
        return (*super().daemons(), Daemon("worker", self.work))

    async def _copy(self, note: str) -> bool:
        """Write what a note is about; whether that is done with."""
        if note.startswith(noted.ENTRY):
            entry = await noted.ReadEntry(note.removeprefix(noted.ENTRY))
            if entry is not None and not await _write_entry(entry):
                return False
            return await noted.Copied(note)
        number = note.removeprefix(noted.ORDER)
        async with sql.transaction() as here:
            before = await sql.Bury(number)
            stands = await noted.ReadStand(number)
            if stands is None or not await _write_stand(before, number, stands):
                await here.give_up()
                return False
        return await noted.Copied(note, stands)


async def _write_stand(before: sql.StoredOrder, number: str, stands: noted.Stand) -> bool:
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


async def _write_entry(entry: kv.Entry) -> bool:
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
