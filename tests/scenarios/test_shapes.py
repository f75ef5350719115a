"""The rate of an open loop rises and falls as its scenario says, and loses nobody on the way."""

from __future__ import annotations

import numpy as np
import pytest

from inventory_core.problems import Problem
from scenarios.demand import make_demand
from scenarios.scenario import load_scenario
from scenarios.shapes import SHAPES, relative_rate, shaped

CASES = [
    (shape, peak)
    for shape in SHAPES
    for peak in (1.0, 1.5, 2.0, 8.0)
    if shape != "diurnal" or peak <= 2  # no sine reaches more than twice its mean
]


@pytest.mark.parametrize("shape, peak", CASES)
def test_as_many_come_by_any_time_as_the_rate_says(shape: str, peak: float) -> None:
    come = shaped(shape, np.arange(0, 60, 1e-3), 4.0, peak)
    assert (np.diff(come) >= 0).all(), "the order of the stream changed"
    clock = np.arange(0, 10, 1e-3)
    wanted = np.cumsum(relative_rate(shape, clock, 4.0, peak)) * 1e-3
    found = np.searchsorted(come, clock, side="right") * 1e-3
    assert np.abs(found - wanted).max() < 0.02


def test_bursts_leave_silence_between_them() -> None:
    come = shaped("bursts", np.arange(0, 20, 1e-3), 1.0, 5.0)
    assert (come % 1.0 < 0.2).all()
    assert come[-1] == pytest.approx(19.2, abs=0.01), "the mean rate is kept"


def test_a_flash_starts_at_its_peak() -> None:
    come = shaped("flash", np.arange(0, 60, 1e-3), 2.0, 10.0)
    first, last = (come < 0.1).sum(), ((come > 10) & (come < 10.1)).sum()
    assert first / last == pytest.approx(9.4, rel=0.05)


def test_even_arrivals_are_even() -> None:
    settings = ["demand.kind=open", "demand.arrivals=even", "demand.rate_per_s=1000"]
    demand = make_demand(load_scenario("flash_sale", [*settings, "demand.duplicates=0"]), 1, 3.0)
    times = np.concatenate([demand.block(number).intended_ns for number in (0, 1)])
    assert np.abs(np.diff(times) - 1_000_000).max() <= 1


def test_a_shape_bends_the_stream_of_a_scenario() -> None:
    settings = ["demand.kind=open", "demand.rate_per_s=1000", "demand.duplicates=0"]
    bent = ["demand.shape=bursts", "demand.period_s=0.5", "demand.peak=5"]
    block = make_demand(load_scenario("flash_sale", [*settings, *bent]), 1, 3.0).block(0)
    assert (block.intended_ns / 1e9 % 0.5 < 0.1 + 1e-6).all()


@pytest.mark.parametrize(
    "settings, complaint",
    [
        (["demand.shape=bursts"], "demand.shape is for an open loop"),
        (["demand.arrivals=even"], "demand.arrivals is for an open loop"),
        (["demand.kind=open", "demand.shape=diurnal", "demand.peak=3"], "twice its mean at most"),
        (["demand.kind=open", "demand.shape=square"], "steady, bursts, flash, diurnal"),
    ],
)
def test_a_shape_that_cannot_be_is_refused(settings: list[str], complaint: str) -> None:
    with pytest.raises(Problem, match=complaint):
        load_scenario("flash_sale", settings)
