"""The figures of a full synchronisation beside a flash sale: what the published page shows."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Sale:
    """How fast buyers were in one stretch of time."""

    orders: int
    per_s: float
    ms_p50: float
    ms_p99: float


@dataclass(frozen=True, slots=True)
class Law:
    """Samples of the law while everything went on; an article that moved was looked at again."""

    samples: int
    articles: int
    comparable: int  # of them, those whose both sides could be compared to the unit
    breaches: int


@dataclass(frozen=True, slots=True)
class Figures:
    """What was found at one size. `foretold` is what the town was made to differ by."""

    skus: int
    warehouses: int
    counts: int
    pages: int
    batches: int
    took_s: float
    counts_per_s: float
    memory_before_mb: float
    memory_peak_mb: float
    changed: int
    changed_foretold: int
    absent: int
    absent_foretold: int
    stale: int
    orders_alone_per_s: float
    orders_alone_ms_p50: float
    orders_alone_ms_p99: float
    orders_beside_per_s: float
    orders_beside_ms_p50: float
    orders_beside_ms_p99: float
    orders_shipped: int
    law_samples: int
    law_articles: int
    law_comparable: int
    law_breaches: int
    breaches_at_rest: int
    shelves_that_differ: int
    cut_at_page: int
    cut_staged: int
    cut_state: str
    cut_changed_tables: int
    again_state: str
    again_s: float
