"""Applying staged counts: each once, in small batches, by whichever process finds them.

    batch --> those that agree: noted and ticked off in one transaction (`services.confirming`)
          --> the others: one by one, each under a cause of its own (`count:RUN`); then ticked off

Applying a count again under its cause changes nothing. Whoever dies leaves counts that are not
ticked off: the next applies them again and ticks them off.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from inventory_core.records import StagedCount, SyncRun, SyncState, WarehouseStock
from inventory_core.services.confirming import confirm_counts
from inventory_core.services.counting import Count
from inventory_core.services.stock_answers import StockAnswer, StockSaid
from inventory_core.steps import rows, sql
from inventory_core.sync.contract import Stock
from inventory_core.sync.limits import SyncLimits

STOCKS = 500
"""Articles of a warehouse that are looked at together for those that a count did not name."""


async def apply_all(stock: Stock, run: SyncRun, limits: SyncLimits) -> SyncRun:
    """Apply what is staged and not yet applied; how the run stands then."""
    last = ""
    for _ in range(limits.batches):
        where = (("run", "=", run.run), ("applied", "=", False), ("sku", ">", last))
        batch = await rows.Select(StagedCount, where, order_by=("sku",), limit=limits.batch)
        if not batch:
            break
        last = batch[-1].sku
        left = await _confirm(run, batch)
        counted = [await _apply(stock, run, staged) for staged in left]
        if left:
            await _tick_off(run.run, left, counted)
    absent = () if run.sku else await absent_articles(run)
    return await _end(run.run, len(absent))


async def _confirm(run: SyncRun, batch: Sequence[StagedCount]) -> tuple[StagedCount, ...]:
    """Tick off the counts of a batch that agree with our shelves; answers the others."""
    async with sql.transaction():
        now, ours = await _still_ours(run.run, tuple(staged.sku for staged in batch))
        if not ours:
            return ()
        counts = [Count(run.warehouse, one.sku, one.quantity, one.through) for one in ours]
        agreed = await confirm_counts(_cause(run), counts)
        done = tuple(replace(one, applied=True) for one in ours if one.sku in agreed)
        await rows.PutAll(done)
        await rows.Put(replace(now, applied=now.applied + len(done)))
    return tuple(one for one in ours if one.sku not in agreed)


async def _still_ours(run: str, skus: tuple[str, ...]) -> tuple[SyncRun, tuple[StagedCount, ...]]:
    """The run, locked, and which of these counts nobody has ticked off."""
    now = await rows.Lock(SyncRun, (run,))
    assert now is not None, f"run {run} has vanished; runs are kept"
    where = (("run", "=", run), ("applied", "=", False), ("sku", "in", skus))
    return now, await rows.Select(StagedCount, where, limit=len(skus))


def _cause(run: SyncRun) -> str:
    return f"count:{run.run}"


async def _apply(stock: Stock, run: SyncRun, staged: StagedCount) -> StockAnswer:
    return await stock.apply_count(
        _cause(run), run.warehouse, staged.sku, staged.quantity, staged.through
    )


async def _tick_off(run: str, batch: Sequence[StagedCount], counted: Sequence[StockAnswer]) -> None:
    """Mark a batch as applied, and count what it did, but for what somebody else has ticked off."""
    did = dict(zip((staged.sku for staged in batch), counted, strict=True))
    async with sql.transaction():
        now, ours = await _still_ours(run, tuple(did))
        told = [did[one.sku] for one in ours]
        await rows.PutAll(tuple(replace(staged, applied=True) for staged in ours))
        await rows.Put(
            replace(
                now,
                applied=now.applied + len(ours),
                changed=now.changed + sum(one.done and one.quantity != 0 for one in told),
                stale=now.stale + sum(one.said is StockSaid.STALE for one in told),
            )
        )


async def absent_articles(run: SyncRun) -> tuple[str, ...]:
    """Articles that we know in a warehouse and a full count of it did not name: left alone."""
    absent: list[str] = []
    after: tuple[object, ...] | None = None
    while True:
        where = (("warehouse", "=", run.warehouse),)
        there = await rows.Select(WarehouseStock, where, ("sku",), after, STOCKS)
        if not there:
            return tuple(absent)
        skus = tuple(stock.sku for stock in there)
        named = (("run", "=", run.run), ("sku", "in", skus))
        found = {one.sku for one in await rows.Select(StagedCount, named, limit=STOCKS)}
        absent += [sku for sku in skus if sku not in found]
        after = (there[-1].sku, there[-1].sku, there[-1].warehouse)


async def _end(run: str, absent: int) -> SyncRun:
    now_ms = await rows.StoreClock()
    async with sql.transaction():
        now = await rows.Lock(SyncRun, (run,))
        assert now is not None, f"run {run} has vanished; runs are kept"
        if now.state is SyncState.APPLYING:
            now = replace(now, state=SyncState.DONE, ended_ms=now_ms, absent=absent)
            await rows.Put(now)
    return now


async def forget_older(run: SyncRun, limits: SyncLimits) -> None:
    """Remove the staged counts of runs of the same warehouse that are over; the runs are kept."""
    where = (
        ("warehouse", "=", run.warehouse),
        ("state", "in", (SyncState.DONE, SyncState.ABANDONED)),
        ("started_ms", ">=", run.started_ms - limits.forget_ms),
        ("started_ms", "<", run.started_ms),
    )
    for older in await rows.Select(SyncRun, where, order_by=("started_ms",)):
        await _forget(older.run, limits)


async def _forget(run: str, limits: SyncLimits) -> None:
    for _ in range(limits.batches):
        async with sql.transaction():
            where = (("run", "=", run),)
            staged = await rows.Select(StagedCount, where, limit=limits.batch, lock_free=True)
            for one in staged:
                await rows.Remove(StagedCount, (run, one.sku))
        if not staged:
            return
