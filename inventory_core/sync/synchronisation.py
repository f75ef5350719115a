"""Synchronising a warehouse's counts: all of them, or one article's. Every verb is a plan.

    sync = Synchronisation(StockManagement(engines))
    run = alternate(sync.full("east"), carry, WarehouseClient())

The movement feed is read before counts are applied, so that what a count contains is known; a half
received count changes nothing; a run whose pages are all here is finished by whoever finds it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from inventory_core.records import StagedCount, SyncRun, SyncState, Warehouse
from inventory_core.steps import clock, rows, sql
from inventory_core.sync import applying, staging
from inventory_core.sync.contract import Stock, at_of, find_at
from inventory_core.sync.feed import mark_of, read_feed
from inventory_core.sync.limits import SyncLimits
from inventory_core.sync.questions import AskCount, WarehouseTrouble


@dataclass(frozen=True)
class Synchronisation:
    """The verbs of synchronisation, over stock management."""

    stock: Stock
    limits: SyncLimits = field(default_factory=SyncLimits)

    async def full(self, warehouse: str, run: str = "") -> SyncRun:
        """Bring every count of a warehouse in. A `run` that has begun before is not begun again.

        The answer's state says how it ended: done; abandoned (with the reason; nothing was
        changed); or, if the run belongs to somebody else, how it stands.
        """
        at = await find_at(warehouse)
        name = run or f"full-{await clock.NewId()}"
        begun = await staging.begin(name, warehouse)
        if begun is None:
            known = await rows.Get(SyncRun, (name,))
            assert known is not None, f"run {name} has vanished; runs are kept"
            return known
        staged = await staging.stage_all(name, at, self.limits)
        return await self.apply(staged)

    async def one(self, warehouse: str, sku: str, run: str = "") -> SyncRun:
        """Bring the count of one article in. An article that the warehouse has not is left alone.

        Raises `WarehouseTrouble` if the warehouse system does not answer; then nothing is changed.
        """
        at = await find_at(warehouse)
        name = run or f"one-{await clock.NewId()}"
        known = await rows.Get(SyncRun, (name,))
        if known is not None:
            return await self.apply(known)
        count = await AskCount(at, sku)
        now_ms = await rows.StoreClock()
        begun = SyncRun(name, warehouse, sku, SyncState.APPLYING, now_ms, pages=1, staged=1)
        if count is None:
            begun = replace(begun, state=SyncState.DONE, ended_ms=now_ms, staged=0, absent=1)
        async with sql.transaction():
            if await rows.Insert(begun) and count is not None:
                await rows.Insert(StagedCount(name, sku, count.quantity, count.through))
        return await self.apply(begun)

    async def apply(self, run: SyncRun) -> SyncRun:
        """Finish a run whose pages are all here; others are answered as they are."""
        if run.state is not SyncState.APPLYING:
            return run
        await self._know_movements(run)
        ended = await applying.apply_all(self.stock, run, self.limits)
        await applying.forget_older(ended, self.limits)
        return ended

    async def under_way(self, warehouse: str = "") -> tuple[SyncRun, ...]:
        """The runs of a warehouse (or of all) that have not ended, oldest first."""
        of: tuple[rows.Where, ...] = (("warehouse", "=", warehouse),) if warehouse else ()
        open_ones = ("state", "in", (SyncState.STAGING, SyncState.APPLYING))
        return await rows.Select(SyncRun, (*of, open_ones), ("started_ms",), limit=self.limits.runs)

    async def resume(self, runs: Sequence[SyncRun]) -> tuple[SyncRun, ...]:
        """Finish what dead processes left: apply what is all here, abandon what never will be.

        A warehouse that does not answer leaves its runs to the next turn.
        """
        now_ms = await rows.StoreClock()
        ended = []
        for run in runs:
            if run.state is SyncState.APPLYING:
                try:
                    ended.append(await self.apply(run))
                except WarehouseTrouble:
                    continue
            elif run.started_ms + self.limits.staging_most_ms <= now_ms:
                ended.append(await staging.abandon(run.run, "its pages stopped coming"))
        return tuple(ended)

    async def read_feed(self, warehouse: str) -> int:
        """Record what a warehouse has moved since the last time; how many movements that were."""
        return await read_feed(self.stock, await find_at(warehouse), self.limits)

    async def absent(self, run: str) -> tuple[str, ...]:
        """The articles that a full count did not name, while its staged counts are kept."""
        known = await rows.Get(SyncRun, (run,))
        return () if known is None or known.sku else await applying.absent_articles(known)

    async def _know_movements(self, run: SyncRun) -> None:
        """Read the feed at least as far as the counts reach, if it was not read so far."""
        staged = await rows.Select(StagedCount, (("run", "=", run.run),), limit=1)
        warehouse = await rows.Get(Warehouse, (run.warehouse,))
        at = at_of(warehouse) if warehouse is not None else None
        if not staged or at is None:
            return
        for _ in range(self.limits.pages):
            if await mark_of(run.warehouse) >= staged[0].through:
                return
            if not await read_feed(self.stock, at, self.limits):
                return  # the warehouse tells of no more
