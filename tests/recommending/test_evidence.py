"""What was measured: kept, read back, and asked how far the simulation is off, and where."""

from __future__ import annotations

from dataclasses import replace
from math import exp
from pathlib import Path

import pytest

from inventory_core.problems import Problem
from scenarios.recommending.backtest import HOUSES, backtested, record_of
from scenarios.recommending.estimating import LookingUp
from scenarios.recommending.evidence import (
    UNKNOWN_SPREAD,
    Evidence,
    Measured,
    read_evidence,
    shipped,
)
from scenarios.recommending.likeness import TRAITS, distance, rows_wanted
from scenarios.recommending.question import Question
from scenarios.recommending.situations import drawn, held_out
from scenarios.recommending.writing_evidence import toml_of
from tests.recommending.made_up import evidence, situation

HOT = Question(articles=10, heat=0.95, buyers=16)
OFF = {"row_lock": 0.5, "merged_update": 2.0, "conditional_update": 1.0}


def test_evidence_is_read_back_as_it_was_written(tmp_path: Path) -> None:
    ours = evidence(hot=situation(HOT, OFF), tail=situation(Question(articles=900), OFF))
    path = tmp_path / "evidence.toml"
    path.write_text(toml_of(ours), encoding="utf-8")
    assert read_evidence(path) == ours
    assert read_evidence(tmp_path / "none.toml") == Evidence()


def test_a_figure_that_is_none_is_one_sentence(tmp_path: Path) -> None:
    path = tmp_path / "evidence.toml"
    ours = evidence(hot=situation(HOT, OFF))
    path.write_text(toml_of(ours).replace("per_s = 500", 'per_s = "fast"'), encoding="utf-8")
    with pytest.raises(Problem, match=r"situation\.hot\.row_lock"):
        read_evidence(path)


def test_who_was_void_in_situations_alike_is_void_here_and_holds_where_nobody_asked() -> None:
    hot, calm = situation(HOT, OFF), situation(Question(articles=900, heat=0.0, buyers=2), OFF)
    fallen = replace(hot.measured["row_lock"], verdict="void")
    ours = evidence(
        hot=replace(hot, measured={**hot.measured, "row_lock": fallen}),
        calm=calm,
    )
    assert ours.verdict("row_lock", HOT) == "void"
    assert ours.verdict("row_lock", calm.question) == "holds"
    assert ours.verdict("merged_update", HOT) == "holds"
    assert ours.verdict("nobody_measured_this", HOT) == "holds"
    assert ours.verdict("row_lock", HOT) == ours.without("calm").verdict("row_lock", HOT)


def test_a_model_that_is_off_by_a_factor_is_set_right_by_it() -> None:
    ours = evidence(hot=situation(HOT, OFF), other=situation(replace(HOT, buyers=32), OFF))
    assert ours.off("row_lock", HOT) == pytest.approx(0.5)
    assert ours.off("nobody_measured_this", HOT) == 1.0
    assert Evidence().off("row_lock", HOT) == 1.0


def test_what_is_alike_weighs_more() -> None:
    far = replace(HOT, articles=10_000, heat=0.0)
    ours = evidence(hot=situation(HOT, {"row_lock": 0.5}), far=situation(far, {"row_lock": 2.0}))
    assert ours.off("row_lock", HOT) < 0.6
    assert ours.off("row_lock", far) > 1.6


def test_of_other_costs_only_what_sets_a_strategy_apart_is_taken() -> None:
    slow_machine = {name: times / 3 for name, times in OFF.items()}
    ours = evidence(hot=situation(HOT, slow_machine))
    assert ours.off("row_lock", HOT) == pytest.approx(0.5 / 3)
    assert ours.off("row_lock", HOT, relative=True) == pytest.approx(0.5)


def test_the_spread_is_what_is_left_when_a_situation_is_held_back() -> None:
    same = evidence(one=situation(HOT, OFF), two=situation(replace(HOT, buyers=32), OFF))
    assert same.spread == pytest.approx(0.0, abs=1e-9)
    other = {"row_lock": 0.5 * exp(0.4), "merged_update": 2.0, "conditional_update": 1 / exp(0.4)}
    unlike = evidence(one=situation(HOT, OFF), two=situation(replace(HOT, buyers=32), other))
    assert unlike.spread > 0.3
    assert Evidence().spread == UNKNOWN_SPREAD


def test_a_void_run_corrects_nothing() -> None:
    ours = evidence(hot=situation(HOT, OFF))
    bad = dict(ours.situations["hot"].measured)
    bad["row_lock"] = replace(bad["row_lock"], verdict="void")
    voided = evidence(hot=replace(ours.situations["hot"], measured=bad))
    assert voided.off("row_lock", HOT) == 1.0


@pytest.mark.parametrize(
    "question, named",
    [
        (replace(HOT, rtt_ms=5), "a round trip of 5 ms"),
        (replace(HOT, buyers=256), "256 buyers at the same time"),
        (replace(HOT, lines=20), "20 lines an order"),
        (replace(HOT, articles=10_000, heat=0), "10,000.0 articles alike"),
        (replace(HOT, stock=1), "stock for 10 orders"),
    ],
)
def test_what_was_not_measured_is_named(question: Question, named: str) -> None:
    ours = evidence(hot=situation(HOT, OFF))
    assert any(named in each for each in ours.not_measured(question))
    assert ours.not_measured(replace(HOT, buyers=20)) == []


def test_a_combination_that_is_unlike_all_was_not_measured_either() -> None:
    ours = evidence(
        few=situation(Question(buyers=2), OFF),
        many=situation(Question(articles=4_096, buyers=256), OFF),
    )
    assert ours.not_measured(Question(articles=64, buyers=22)) == [
        "this combination: every situation that was measured is unlike it"
    ]
    assert Evidence().not_measured(HOT) == ["nothing was measured yet"]


def test_a_doubling_is_a_step() -> None:
    # Buyers with a connection each: both double.
    assert distance(HOT, replace(HOT, buyers=32)) == pytest.approx(2**0.5)
    assert distance(HOT, replace(HOT, pool=16)) == 0
    assert rows_wanted(Question(articles=100)) == pytest.approx(100)
    assert rows_wanted(Question(articles=100, hot=4, heat=1)) == pytest.approx(4)
    assert len({trait.name for trait in TRAITS}) == len(TRAITS)


def test_without_simulating_only_what_was_measured_near_is_told() -> None:
    looking = LookingUp(evidence(hot=situation(HOT, OFF)))
    found = looking.figures(replace(HOT, buyers=20), ["row_lock", "redis_script"])
    assert {name: each.per_s for name, each in found.items()} == {"row_lock": 500.0}
    assert found["row_lock"].measured == "hot"
    assert looking.figures(replace(HOT, buyers=256), ["row_lock"]) == {}


def test_the_backtest_never_sees_the_situation_that_it_asks() -> None:
    """Where the model is wrong in one situation alone, no other can set it right."""
    rates = {"conditional_update": 1.0, "row_lock": 0.5}
    surprise = {"conditional_update": 0.5, "row_lock": 1.0}
    ours = evidence(
        one=situation(HOT, rates),
        two=situation(replace(HOT, buyers=32), rates),
        odd=situation(replace(HOT, buyers=128), surprise),
    )
    found = {each.situation: each.hit for each in backtested(ours)}
    assert found == {
        f"{name}, {house.name}": name != "odd"
        for name in ("one", "two", "odd")
        for house in HOUSES
        if "postgresql" in house.stacks
    }
    record = record_of(ours)
    assert (record.hits, record.of) == (8, 12)


def test_the_shipped_evidence_is_of_the_situations_that_are_drawn_from() -> None:
    found = shipped().questions
    assert found == {name: drawn()[name] for name in found}
    assert not set(found) & set(held_out())


def test_a_measurement_is_known_only_beside_a_prediction() -> None:
    assert Measured(per_s=10, predicted_per_s=5).known
    assert not Measured(per_s=10).known
