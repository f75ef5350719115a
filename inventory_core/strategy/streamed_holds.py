"""The life of a hold when its truth lies in keys and consumers of a stream write the rows.

An entry says how an order stood when it was appended. Entries may be handed out twice and written
out of order, so the hold's row decides: its generation and state are the epoch, and an entry that
is not newer than the row is dropped.

An order that takes units which another gave back cannot be written before the other, because no
counter row goes below zero: its entry stays, and is handed out again.
"""

from __future__ import annotations

from dataclasses import dataclass

from inventory_core.domain import HoldState
from inventory_core.steps import kv, sql, stream
from inventory_core.steps.telling import Stand, Telling
from inventory_core.strategy.contract import Daemon
from inventory_core.strategy.row_copies import RowCopies, write_entry, write_stand

_AGE = {HoldState.HELD: 0, HoldState.PAID: 1}
_OLDEST = 2
"""Within a generation a hold goes from held to paid to whatever ends it, and never back."""


@dataclass(frozen=True)
class StreamedHolds(RowCopies):
    """Everything but `deduct`."""

    def telling(self, step: kv.Deduct | kv.Resolve | kv.Adjust | kv.Drain) -> Telling:
        return stream.Appended(step)

    async def consume(self) -> bool:
        """One turn of a consumer: write what is new, and what others have not acknowledged."""
        return await self._write_all(self.limits.lease_ms)

    async def recover(self) -> None:
        """Catch up, with entries that others have as well."""
        for _ in range(self.limits.recovery_batches):
            if not await self._write_all(0):
                return

    def daemons(self) -> tuple[Daemon, ...]:
        return (*super().daemons(), Daemon("consumer", self.consume))

    async def _write_all(self, late_ms: int) -> bool:
        start, wrote = stream.BEGINNING, False
        for _ in range(self.limits.recovery_batches):
            batch = await stream.ReadEntries(late_ms, self.limits.batch, start)
            for change in batch.changes:
                if await self.write(change):
                    wrote = await stream.Acknowledge(change.entry_id) or wrote
            if batch.go_on == stream.BEGINNING:
                break
            start = batch.go_on
        return wrote

    async def write(self, change: stream.Change) -> bool:
        """Write an entry unless the rows are newer; False: units must come first."""
        if isinstance(change.news, kv.Entry):
            return await write_entry(change.news)
        async with sql.transaction() as here:
            before = await sql.Bury(change.order_number)
            if self.comes_too_late(before, change.news):
                return True
            written = await write_stand(before, change.order_number, change.news)
            if not written:
                await here.give_up()
        return written

    def comes_too_late(self, row: sql.StoredOrder, entry: Stand) -> bool:
        """Has the row heard of this entry, or of a later one?"""
        if row.fresh:
            return False
        there = (row.generation, _AGE.get(row.state, _OLDEST))
        return there >= (entry.generation, _AGE.get(entry.state, _OLDEST))
