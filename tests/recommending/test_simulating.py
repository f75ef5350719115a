"""Figures by simulation: the situation itself, its network, its rate, and the corrections."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import pytest

from scenarios.predicting.run import Asked, predict_once
from scenarios.recommending import estimating
from scenarios.recommending.estimating import Simulating
from scenarios.recommending.evidence import UNKNOWN_SPREAD, Evidence
from scenarios.recommending.question import Question
from tests.predicting.conftest import PLAIN
from tests.recommending.made_up import evidence, situation

pytestmark = pytest.mark.slow

HERE = Question(articles=5, buyers=4)
NAMES = ("conditional_update", "redis_script")


def simulating(known: Evidence = Evidence()) -> Simulating:  # noqa: B008 - it is frozen
    profile = replace(PLAIN, name="one_machine")
    return Simulating(profile, known, ThreadPoolExecutor(1), seconds=0.05)


def test_everybody_has_a_figure_and_how_far_it_may_be_off() -> None:
    seen: list[str] = []
    found = replace(simulating(), seen=seen.append).figures(HERE, NAMES)
    assert sorted(seen) == sorted(found) == sorted(NAMES)
    for each in found.values():
        assert each.low < each.per_s < each.high
        assert each.high / each.per_s == pytest.approx(2.718281828**UNKNOWN_SPREAD)
        assert each.verdict == "holds"


def test_a_distant_server_takes_its_time() -> None:
    near = simulating().figures(HERE, ["conditional_update"])["conditional_update"]
    far = simulating().figures(replace(HERE, rtt_ms=3), ["conditional_update"])[
        "conditional_update"
    ]
    assert far.per_s < near.per_s / 2


def test_figures_are_corrected_by_what_was_measured_alike() -> None:
    known = evidence(here=situation(HERE, {"conditional_update": 0.5, "redis_script": 1.0}))
    plain = simulating().figures(HERE, NAMES)
    set_right = simulating(known).figures(HERE, NAMES)
    assert set_right["conditional_update"].per_s == pytest.approx(
        plain["conditional_update"].per_s / 2
    )
    assert set_right["conditional_update"].model_off == pytest.approx(0.5)
    assert set_right["redis_script"].per_s == pytest.approx(plain["redis_script"].per_s)


def test_the_tail_is_that_at_the_rate_that_is_wanted() -> None:
    asked = replace(HERE, rate_per_s=20_000)
    seen: list[str] = []
    found = replace(simulating(), seen=seen.append).figures(asked, NAMES)
    # Only who carries the rate is simulated again.
    assert seen.count("redis_script") == 2
    assert seen.count("conditional_update") == 1
    crowd = simulating().figures(HERE, NAMES)["redis_script"].p99_ms
    assert found["redis_script"].p99_ms != crowd


def test_of_what_the_model_has_no_room_for_there_is_no_figure(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def cramped(asked: Asked) -> dict[str, Any]:
        if asked.strategy == "redis_script":
            raise MemoryError
        return predict_once(asked)

    monkeypatch.setattr(estimating, "predict_once", cramped)
    seen: list[str] = []
    found = replace(simulating(), seen=seen.append).figures(HERE, NAMES)
    assert set(found) == {"conditional_update"}
    assert sorted(seen) == sorted(NAMES)
