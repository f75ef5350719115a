"""Bringing the pages of a full count in: staged whole before the first count is applied.

pages -> staged counts (nothing else changes) -> all here: APPLYING
                                              -> anything else: ABANDONED
"""

from __future__ import annotations

from dataclasses import replace

from inventory_core.records import StagedCount, SyncRun, SyncState
from inventory_core.steps import rows, sql
from inventory_core.steps.errors import ConstraintBroken
from inventory_core.sync.limits import SyncLimits
from inventory_core.sync.questions import (
    AskCounts,
    At,
    CountPage,
    WarehouseDisagrees,
    WarehouseTrouble,
)


async def begin(run: str, warehouse: str, sku: str = "") -> SyncRun | None:
    """Write down that a synchronisation begins; None if that run has begun before."""
    now_ms = await rows.StoreClock()
    begun = SyncRun(run, warehouse, sku, SyncState.STAGING, now_ms)
    return begun if await rows.Insert(begun) else None


async def stage_all(run: str, at: At, limits: SyncLimits) -> SyncRun:
    """Stage every page of a full count. Trouble abandons the run; the answer says how it stands."""
    try:
        await _stage_pages(run, at, limits)
    except WarehouseTrouble as trouble:
        return await abandon(run, str(trouble))
    except ConstraintBroken:
        return await abandon(run, f"warehouse {at.code} named an article twice in one count")
    return await _complete(run)


async def _stage_pages(run: str, at: At, limits: SyncLimits) -> None:
    cursor, through = "", None
    for _ in range(limits.pages):
        page = await AskCounts(at, cursor, limits.page)
        if through not in (None, page.through) or page.cursor == cursor != "":
            raise WarehouseDisagrees(f"the pages of {at.code} do not belong to one count")
        through, cursor = page.through, page.cursor
        if not await _stage(run, page) or not cursor:
            return
    raise WarehouseDisagrees(f"warehouse {at.code} counts more than {limits.pages} pages")


async def _stage(run: str, page: CountPage) -> bool:
    """Keep a page; False if the run was abandoned meanwhile."""
    counts = [StagedCount(run, one.sku, one.quantity, page.through) for one in page.counts]
    async with sql.transaction():
        now = await rows.Lock(SyncRun, (run,))
        if now is None or now.state is not SyncState.STAGING:
            return False
        if counts:
            await rows.InsertAll(tuple(counts))
        await rows.Put(replace(now, pages=now.pages + 1, staged=now.staged + len(counts)))
    return True


async def _complete(run: str) -> SyncRun:
    """Every page is here: from now on the run is only ever finished."""
    async with sql.transaction():
        now = await rows.Lock(SyncRun, (run,))
        assert now is not None, f"run {run} has vanished; runs are kept"
        if now.state is SyncState.STAGING:
            now = replace(now, state=SyncState.APPLYING)
            await rows.Put(now)
    return now


async def abandon(run: str, reason: str) -> SyncRun:
    """Give a run up whose pages are not all here; nothing was changed by it."""
    now_ms = await rows.StoreClock()
    async with sql.transaction():
        now = await rows.Lock(SyncRun, (run,))
        assert now is not None, f"run {run} has vanished; runs are kept"
        if now.state is SyncState.STAGING:
            now = replace(now, state=SyncState.ABANDONED, ended_ms=now_ms, reason=reason)
            await rows.Put(now)
    return now
