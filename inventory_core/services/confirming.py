"""Counts that agree with our shelves: a whole batch of them noted in one transaction.

Most counts of a full synchronisation agree. A shelf that does needs no entry and no units, only the
movement up to which it was counted; so a batch costs ten statements instead of ten a shelf. What
does not agree, or cannot be told without waiting, is left to `counting.apply_count`, one by one.

Shelves are taken only if nobody has them: a batch waits for no buyer, so it cannot deadlock with
one, and a buyer waits for a batch as long as its few statements take.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

from inventory_core.records import Entry, Kind, Movement, WarehouseStock
from inventory_core.services.counting import Count, beside_count
from inventory_core.steps import rows

MOVEMENTS_MOST = 10_000
"""That the counts of one batch look at; with more, every count is applied by itself."""


async def confirm_counts(cause: str, counts: Sequence[Count]) -> frozenset[str]:
    """Note the counts that agree, in the caller's transaction; answers their articles.

    They are of one warehouse and hold up to the same movement. The caller commits with them that
    they are done: nothing else says so. An article that the cause has changed before is left out.
    """
    (at,) = {(one.warehouse, one.through) for one in counts}
    (warehouse, through), of = at, ("sku", "in", tuple(one.sku for one in counts))
    here = (("warehouse", "=", warehouse), of)
    shelves = await rows.Select(WarehouseStock, here, limit=len(counts), lock_free=True)
    expected = await _as_of_now(counts, warehouse, of, through)
    done_before = await _touched(cause, warehouse, of, len(counts))
    agreed = tuple(
        shelf
        for shelf in shelves
        if shelf.counted_through <= through
        and shelf.sku not in done_before
        and expected.get(shelf.sku) == shelf.physical
    )
    await rows.PutAll(tuple(replace(shelf, counted_through=through) for shelf in agreed))
    return frozenset(shelf.sku for shelf in agreed)


async def _as_of_now(
    counts: Sequence[Count], warehouse: str, of: rows.Where, through: int
) -> Counter[str]:
    """What should lie on each shelf now; nothing, if that takes too many movements to tell."""
    since, waiting = beside_count(warehouse, of, through)
    beyond = await rows.Select(Movement, since, limit=MOVEMENTS_MOST)
    still_here = await rows.Select(Movement, waiting, limit=MOVEMENTS_MOST)
    if MOVEMENTS_MOST in (len(beyond), len(still_here)):
        return Counter()
    expected = Counter({one.sku: one.quantity for one in counts})
    for one in beyond:
        expected[one.sku] += one.delta
    for one in still_here:
        expected[one.sku] -= one.delta
    return expected


async def _touched(cause: str, warehouse: str, of: rows.Where, most: int) -> frozenset[str]:
    """The articles whose shelf has an entry of this cause."""
    where = (("cause", "=", cause), of, ("kind", "=", Kind.PHYSICAL), ("place", "=", warehouse))
    return frozenset(one.sku for one in await rows.Select(Entry, where, limit=most))
