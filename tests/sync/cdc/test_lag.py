"""Percentiles of lags, in bounded memory."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from inventory_core.sync.cdc.lag import LagCounts


@given(
    st.lists(st.floats(0.001, 1_000), min_size=1, max_size=50), st.sampled_from([0.5, 0.9, 0.99])
)
def test_a_percentile_is_right_to_two_percent(lags: list[float], share: float) -> None:
    counts = LagCounts()
    for lag in lags:
        counts.add(lag)
    exact = float(np.quantile(lags, share, method="inverted_cdf"))
    assert counts.percentile_s(share) == pytest.approx(exact, rel=0.021)


def test_of_nothing_there_is_no_percentile() -> None:
    assert LagCounts().percentile_s(0.5) is None
