"""The few statistics that a row of the table needs, each with its rule for when to be silent."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

Numbers = npt.NDArray[np.float64]

SAMPLES_BEYOND = 10
"""A percentile is told when at least this many samples lie beyond it."""

BATCH = 5
"""Observations of one batch in MSER-5."""


def percentile(samples: npt.NDArray[np.int64] | Numbers, which: float) -> float | None:
    """A percentile, or None if there are not samples enough for it."""
    beyond = len(samples) * min(which, 100 - which) / 100
    return float(np.percentile(samples, which)) if beyond >= SAMPLES_BEYOND else None


def warm_up_batches(observations: Numbers) -> int:
    """MSER-5: how many batches of five to leave out so that the mean of the rest is surest.

    At most half of them; a minimum in the second half means that there is no steady state to find,
    and then nothing is left out. Source: K. P. White, "An Effective Truncation Heuristic for Bias
    Reduction in Simulation Output", Simulation 69(6), 1997.
    """
    count = len(observations) // BATCH
    if count < 4:
        return 0
    batches = observations[: count * BATCH].reshape(count, BATCH).mean(axis=1)
    left = np.arange(count, 0, -1)
    total, squares = np.cumsum(batches[::-1])[::-1], np.cumsum((batches**2)[::-1])[::-1]
    error = (squares - total**2 / left) / left**2
    best = int(np.argmin(error[: count - 1]))
    return best if best <= count // 2 else 0


def median_interval(
    values: Sequence[float], seed: int = 0, share: float = 0.95, draws: int = 2_000
) -> tuple[float, float]:
    """A bootstrap interval of the median. Of one value: that value, twice."""
    drawn = np.random.default_rng(seed).choice(np.asarray(values), (draws, len(values)))
    edge = (1 - share) / 2 * 100
    low, high = np.percentile(np.median(drawn, axis=1), [edge, 100 - edge])
    return float(low), float(high)
