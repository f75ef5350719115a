"""Buckets that buyers take from, refilled out of a central pool.

The idea: as `split_rows`, but units are not dealt out once and for all: a bucket that runs low gets
a portion more, so that near the end what is left lies in the pool and not in fragments.

    A: bucket 3: 2 -> 1        B: bucket 5: empty -- pool 40 -> 0, bucket 5: 40 -> 39
                               refiller: bucket 3 is low -- pool ...

Refilling moves units between two rows in one transaction, so a refill that is lost never happened;
across two databases it would need a journal of its own.

What it costs: the pool's row once a portion. What breaks it: when the pool is empty, what is left
lies in buckets after all, and whoever picks an empty one is refused (undersold).
Source: "inventory bucketing" of large shops; P. Helland's "fiefdoms".
"""

from __future__ import annotations

from typing import ClassVar

from inventory_core.domain import Cell, Line, Opening, Order, Outcome
from inventory_core.records.engines import Part
from inventory_core.steps import clock, rows, sql
from inventory_core.strategy import (
    ALL,
    Daemon,
    Needs,
    Promise,
    Promises,
    SplitParts,
    part_key,
)


class BucketPool(SplitParts):
    """The last part of each cell is its pool."""

    family: ClassVar = "split"
    needs: ClassVar = Needs.SQL
    promises: ClassVar = Promises(kept=ALL - {Promise.NO_FALSE_SOLD_OUT, Promise.LINEARIZABLE})

    async def deduct(self, order: Order) -> Outcome:
        async with sql.transaction():
            claim = await sql.ClaimOrder(order)
            if not claim.fresh:
                return claim.answer_to(order)
            for take in order.takes:
                if not await self.take(order.number, 1, take):
                    return await self.refuse(order, take)
        return Outcome.DEDUCTED

    async def take(self, owner: str, generation: int, take: Line) -> bool:
        if not generation:
            return await self.take_from_any(take)
        bucket = await clock.Draw(self.limits.parts)
        if await self.take_from(bucket, take):
            return True
        await self._refill(take.cell, bucket, max(self.limits.quota, take.quantity))
        return await self.take_from(bucket, take)

    async def _refill(self, cell: Cell, bucket: int, portion: int) -> bool:
        """Move a portion at most; the bucket is locked first, as everybody locks them."""
        await rows.Lock(Part, part_key(cell, bucket))
        pool = await rows.Lock(Part, part_key(cell, self.limits.parts))
        moved = min(portion, pool.units) if pool else 0
        if moved:
            await self.take_from(self.limits.parts, Line(cell, moved))
            await rows.Add(Part, part_key(cell, bucket), (("units", moved),))
        return moved > 0

    async def refill(self) -> bool:
        """One turn: refill every empty bucket whose pool has units."""
        worked = False
        empty = (("units", "=", 0), ("part", "<", self.limits.parts))
        for part in await rows.Select(Part, empty, limit=self.limits.batch):
            async with sql.transaction():
                cell = Cell(part.sku, part.place)
                worked |= await self._refill(cell, part.part, self.limits.quota)
        return worked

    @property
    def all_parts(self) -> int:
        return self.limits.parts + 1

    def split(self, opening: Opening) -> list[Part]:
        cell, pool = opening.cell, self.limits.parts
        buckets = [Part(cell.sku, cell.place, bucket, 0) for bucket in range(pool)]
        return [*buckets, Part(cell.sku, cell.place, pool, opening.quantity)]

    def daemons(self) -> tuple[Daemon, ...]:
        return (*super().daemons(), Daemon("refiller", self.refill, pause_s=0.05))
