"""The life of a hold when its truth lies in keys and rows get a copy of how it stands.

Whoever changes something leaves a note in the same step (`noted`). The worker locks the hold's row,
reads how the order stands, and writes that: since the row is locked first, what is read is never
older than what another worker wrote there.

An order that takes units which another gave back cannot be written before the other, because no
counter row goes below zero: its note stays, and is tried again.
"""

from __future__ import annotations

from dataclasses import dataclass

from inventory_core.steps import kv, noted
from inventory_core.steps.telling import ENTRY, ORDER, Telling
from inventory_core.strategy.contract import Daemon
from inventory_core.strategy.row_copies import RowCopies, write_as_it_stands, write_told


@dataclass(frozen=True)
class CopiedHolds(RowCopies):
    """Everything but `deduct`."""

    def telling(self, step: kv.Deduct | kv.Resolve | kv.Adjust | kv.Drain) -> Telling:
        return noted.Noted(step)

    async def work(self) -> bool:
        """One turn of the worker: go through the notes once, and copy what can be."""
        start, worked, batch = 0, False, self.limits.batch
        for _ in range(self.limits.recovery_batches):
            notes = await noted.ReadChanged(batch, start)
            for note in notes:
                gone = await self.copy(note)
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

    async def copy(self, note: str) -> bool:
        """Write what a note is about; whether that is done with."""
        if note.startswith(ENTRY):
            return await write_told(note) and await noted.Copied(note)
        stands = await write_as_it_stands(note.removeprefix(ORDER))
        return stands is not None and await noted.Copied(note, stands)
