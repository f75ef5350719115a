"""The bounds that synchronisation and dispatching obey."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class SyncLimits:
    """A limit on everything that a warehouse system, or a crowd of orders, could make endless."""

    page: int = 500  # articles of a page of counts; movements of a page of the feed
    pages: int = 10_000  # of one full count
    feed_pages: int = 200  # in one turn; the next goes on
    batch: int = 200  # counts that are applied between two looks at the run
    batches: int = 1_000_000  # of one run
    staging_most_ms: int = 15 * 60_000  # then a run whose pages are not all here is abandoned
    attempts: int = 5  # at one scheduled count, each a run of its own
    runs: int = 200  # under way, that one turn looks at
    warehouses: int = 1_000  # that have a system
    orders: int = 200  # paid ones that one turn of dispatching looks at
    forget_ms: int = 30 * 86_400_000  # staged counts of older runs are no longer looked for
