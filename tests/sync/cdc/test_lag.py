"""Percentiles of lags, in bounded memory."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from prometheus_client import CollectorRegistry, generate_latest

from inventory_core.sync.cdc.capture import Retained
from inventory_core.sync.cdc.lag import CaptureFigures, LagCounts


@given(
    st.lists(st.floats(0.001, 1_000), min_size=1, max_size=50), st.sampled_from([0.5, 0.9, 0.99])
)
def test_a_percentile_is_right_to_two_percent(lags: list[float], share: float) -> None:
    counts = LagCounts()
    for lag in lags:
        counts.add(lag)
    exact = float(np.quantile(lags, share, method="inverted_cdf"))
    assert counts.percentile_s(share) == pytest.approx(exact, rel=0.021)


def test_a_full_broker_and_too_much_log_show_in_the_metrics(
    capsys: pytest.CaptureFixture[str],
) -> None:
    registry = CollectorRegistry()
    figures = CaptureFigures(registry)
    figures.waits(0.5)
    for _ in range(2):
        figures.retained(Retained(2_000, 1_000, "too much"))
    told = generate_latest(registry).decode()
    for line in ("cdc_broker_full 1.0", "cdc_retained_bytes 2000.0", "cdc_retained_warning 1.0"):
        assert line in told
    assert "cdc_waited_seconds_total 0.5" in told
    assert capsys.readouterr().err == "stockproof: warning: too much\n"  # once
    figures.waits(0.0)
    figures.retained(Retained(10, 0))
    told = generate_latest(registry).decode()
    assert "cdc_broker_full 0.0" in told
    assert "cdc_retained_warning 0.0" in told


def test_of_nothing_there_is_no_percentile() -> None:
    assert LagCounts().percentile_s(0.5) is None
