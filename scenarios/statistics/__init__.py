"""What figures may be said to mean, each statistic with its rule for when to be silent.

Only what every run needs is at hand here; the others are in modules of their own, because SciPy
takes a while to import.
"""

from __future__ import annotations

from scenarios.statistics.steady import (
    BATCH,
    SAMPLES_BEYOND,
    Numbers,
    median_interval,
    percentile,
    warm_up_batches,
)

__all__ = [
    "BATCH",
    "SAMPLES_BEYOND",
    "Numbers",
    "median_interval",
    "percentile",
    "warm_up_batches",
]
