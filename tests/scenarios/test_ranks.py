"""Who differs from the best: corrected for asking often, with the size of the effect."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from scenarios.statistics.ranks import (
    against_the_best,
    cliffs_delta,
    holm,
    mann_whitney_p,
    ratio_interval,
)


def repetitions(strategy: str, speeds: list[float], **more: Any) -> list[dict[str, Any]]:
    row = {"strategy": strategy, "stack": "postgresql", "verdict": "holds", "control": False}
    return [row | {"goodput_per_s": speed} | more for speed in speeds]


FAST, SLOW = [100.0, 103.0, 99.0, 105.0, 101.0], [70.0, 72.0, 69.0, 74.0, 71.0]
LIKE_FAST = [102.0, 98.0, 100.5, 104.0, 97.0]


def test_who_is_slower_is_told_apart_from_who_is_merely_unlucky() -> None:
    found = against_the_best(
        [repetitions("slow", SLOW), repetitions("fast", FAST), repetitions("alike", LIKE_FAST)]
    )
    by_name = {each["strategy"]: each for each in found}
    assert {each["best"] for each in found} == {"fast"}
    assert by_name["slow"]["significant"]
    assert by_name["slow"]["effect"] == -1.0
    assert 0.66 < by_name["slow"]["ratio_low"] <= by_name["slow"]["ratio"] < 0.75
    assert not by_name["alike"]["significant"]


def test_void_runs_controls_and_the_floor_are_not_in_the_race() -> None:
    found = against_the_best(
        [
            repetitions("fast", FAST),
            repetitions("slow", SLOW),
            repetitions("void", [999.0] * 5, verdict="void"),
            repetitions("control", [999.0] * 5, control=True),
            repetitions("floor", [999.0] * 5, family="floor"),
        ]
    )
    assert [(each["strategy"], each["best"]) for each in found] == [("slow", "fast")]


def test_holms_correction_multiplies_by_how_many_questions_are_left() -> None:
    assert holm([0.01, 0.04, 0.03]) == pytest.approx([0.03, 0.06, 0.06])
    assert holm([0.5, 0.9]) == pytest.approx([1.0, 1.0])
    assert holm([]) == []


def test_asking_of_many_equals_raises_one_alarm_in_twenty_at_most() -> None:
    dice, alarms = np.random.default_rng(1), 0
    for _ in range(100):
        samples = dice.lognormal(0, 0.2, (6, 5))
        chances = [mann_whitney_p(samples[0], other) for other in samples[1:]]
        alarms += min(holm(chances)) < 0.05
    assert alarms <= 5


def test_an_effect_counts_who_beats_whom() -> None:
    assert cliffs_delta([3, 4], [1, 2]) == 1.0
    assert cliffs_delta([1, 2], [3, 4]) == -1.0
    assert cliffs_delta([1, 4], [2, 3]) == 0.0
    assert cliffs_delta([1, 1], [1, 1]) == 0.0


def test_the_interval_of_a_ratio_is_that_of_its_medians() -> None:
    low, high = ratio_interval([50.0] * 5, [100.0] * 5)
    assert low == high == 0.5
