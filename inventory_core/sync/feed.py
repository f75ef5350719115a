"""Reading a warehouse's movement feed: each movement recorded once, from where we were."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

from inventory_core.records import FeedMark, Movement
from inventory_core.services.bringing import record_brought
from inventory_core.steps import rows, sql
from inventory_core.sync.contract import Stock
from inventory_core.sync.limits import SyncLimits
from inventory_core.sync.questions import AskMovements, At, FeedPage, Moved, WarehouseDisagrees


async def read_feed(stock: Stock, at: At, limits: SyncLimits) -> int:
    """Record what has moved since the last time; how many movements that were.

    Whoever dies half-way leaves a mark that is behind: what comes again is recorded already.
    """
    recorded = 0
    mark = await mark_of(at.code)
    for _ in range(limits.feed_pages):
        page = await AskMovements(at, mark, limits.page)
        _examine(page, mark, at)
        together = await record_brought([_movement(at.code, moved) for moved in page.movements])
        for moved in page.movements:
            if moved.sequence in together:
                continue
            await stock.record_movement(
                at.code, moved.sequence, moved.sku, moved.kind, moved.delta, moved.reference
            )
        recorded += len(page.movements)
        if page.movements:
            mark = page.movements[-1].sequence
            await _advance(at.code, mark)
        if mark >= page.last or not page.movements:
            break
    return recorded


def _movement(warehouse: str, moved: Moved) -> Movement:
    return Movement(
        warehouse, moved.sequence, moved.sku, moved.kind, moved.delta, moved.reference, 0
    )


async def mark_of(warehouse: str) -> int:
    """Every movement of the warehouse up to here is recorded."""
    mark = await rows.Get(FeedMark, (warehouse,))
    return mark.read_through if mark is not None else 0


async def _advance(warehouse: str, sequence: int) -> None:
    """Never back: somebody else may have read further meanwhile."""
    await rows.Insert(FeedMark(warehouse))
    async with sql.transaction():
        mark = await rows.Lock(FeedMark, (warehouse,))
        if mark is not None and mark.read_through < sequence:
            await rows.Put(replace(mark, read_through=sequence))


def _examine(page: FeedPage, mark: int, at: At) -> None:
    """A feed that is not what it was, or not in order, is no feed to go by."""
    if page.last < mark:
        raise WarehouseDisagrees(
            f"warehouse {at.code} tells of {page.last} movements, and {mark} were read before: it "
            "has another database; bring the old one back, or give it a warehouse of its own here"
        )
    sequences = [mark, *(moved.sequence for moved in page.movements)]
    if any(later <= earlier for earlier, later in pairwise(sequences)):
        raise WarehouseDisagrees(f"the movements of {at.code} after {mark} are not in order")
