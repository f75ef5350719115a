"""The scaling law is found again in rates that follow it, and the knee by halving."""

from __future__ import annotations

import numpy as np
import pytest

from inventory_core.problems import Problem
from scenarios.statistics.knee import NARROW, STEPS, bracket, next_rate
from scenarios.statistics.scaling import fit_scaling, law

CLIENTS = [1, 2, 4, 8, 16, 32]


def test_the_law_that_made_the_rates_is_found_again_inside_its_intervals() -> None:
    dice = np.random.default_rng(1)
    at = np.repeat(np.asarray(CLIENTS, dtype=float), 5)
    rates = law(at, 1_000.0, 0.05, 0.002) * dice.normal(1, 0.03, len(at))
    found = fit_scaling(at.tolist(), rates.tolist())
    assert found.alone_per_s_low < 1_000 < found.alone_per_s_high
    assert found.waits_low < 0.05 < found.waits_high
    assert found.talks_low < 0.002 < found.talks_high
    assert found.r_squared > 0.9
    assert found.peak_clients == pytest.approx(np.sqrt(0.95 / 0.002), rel=0.2)


def test_rates_that_only_grow_have_no_peak() -> None:
    found = fit_scaling(CLIENTS, [100.0 * n for n in CLIENTS])
    assert found.peak_clients is None or found.peak_clients > 1_000
    assert found.r_squared == pytest.approx(1.0, abs=1e-6)


def test_rates_that_follow_no_law_fit_badly() -> None:
    found = fit_scaling(CLIENTS, [100.0, 900.0, 50.0, 800.0, 60.0, 700.0])
    assert found.r_squared < 0.5


def test_too_few_client_counts_are_refused_with_what_to_do() -> None:
    with pytest.raises(Problem, match="measure at 5 or more"):
        fit_scaling([1, 2, 4, 4, 4], [1.0, 2.0, 3.0, 3.0, 3.0])


@pytest.mark.parametrize("knee", [3.0, 740.0, 25_000.0])
def test_the_knee_is_bracketed_from_wherever_the_search_begins(knee: float) -> None:
    tried: dict[float, bool] = {}
    while (rate := next_rate(tried, 1_000.0)) is not None:
        tried[rate] = rate <= knee
    below, above = bracket(tried)
    assert below is not None
    assert above is not None
    assert below <= knee < above
    assert above / below <= NARROW
    assert len(tried) <= STEPS


def test_the_search_is_bounded_even_if_nothing_ever_fails() -> None:
    tried: dict[float, bool] = {}
    while (rate := next_rate(tried, 1_000.0)) is not None:
        tried[rate] = True
    assert bracket(tried) == (max(tried), None)
    assert len(tried) <= STEPS


def test_a_lucky_step_beyond_one_that_failed_does_not_count() -> None:
    assert bracket({100.0: True, 200.0: False, 400.0: True}) == (100.0, 200.0)
