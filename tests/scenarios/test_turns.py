"""Two that took turns: equal ones are hardly ever told apart, a slower one is found."""

from __future__ import annotations

from collections import Counter

import pytest

from scenarios.statistics import paired
from scenarios.statistics.paired import ratio_of_turns
from tests.scenarios.turns import made_up

PAIRS = 200


def verdicts(share: float, rounds: int = 40) -> Counter[str]:
    return Counter(ratio_of_turns(*made_up(share, seed, rounds)).verdict for seed in range(PAIRS))


@pytest.mark.slow
def test_equal_sides_on_a_drifting_stalling_machine_raise_few_alarms() -> None:
    found = verdicts(1.0)
    assert found["slower"] + found["faster"] <= 0.05 * PAIRS
    assert found["same"] >= 0.5 * PAIRS


@pytest.mark.slow
def test_the_test_alone_errs_as_often_as_it_says_however_the_rounds_depend_on_each_other() -> None:
    chances = [ratio_of_turns(*made_up(1.0, seed, 12)).p for seed in range(PAIRS)]
    assert sum(p < 0.05 for p in chances) <= 0.085 * PAIRS  # one in twenty, and three errors


@pytest.mark.slow
def test_a_side_that_does_a_tenth_less_is_found() -> None:
    assert verdicts(0.9)["slower"] >= 0.95 * PAIRS


@pytest.mark.slow
def test_a_side_that_does_a_ninth_more_is_never_called_slower() -> None:
    found = verdicts(1 / 0.9)
    assert found["faster"] >= 0.95 * PAIRS
    assert found["slower"] == 0


def test_a_difference_that_is_not_material_is_no_regression() -> None:
    rounds = [1.0, 1.01, 0.99, 1.02, 1.0, 0.98, 1.01, 1.0]
    found = ratio_of_turns([0.97 * each for each in rounds], rounds)
    assert found.p < 0.05
    assert found.verdict == "same"
    assert ratio_of_turns([0.97 * each for each in rounds], rounds, 0.02).verdict == "slower"


def test_one_bad_round_moves_nothing_much() -> None:
    rounds = [float(each) for each in range(100, 140)]
    spoilt = [0.01, *rounds[1:]]
    assert ratio_of_turns(spoilt, rounds).verdict == "same"


def test_few_rounds_are_unknown_and_say_so() -> None:
    found = ratio_of_turns([1.0] * 5, [2.0] * 5)
    assert found.verdict == "unknown"
    assert "give it more seconds" in found.why


def test_six_rounds_of_one_mind_are_enough() -> None:
    assert ratio_of_turns([1.0, 1.1, 1.2, 1.1, 1.0, 1.1], [2.0] * 6).verdict == "slower"


def test_the_interval_is_that_of_wilcoxons_tables() -> None:
    # Ten rounds leave eight of the fifty-five averages out at each end, at 95 %
    # (M. Hollander and D. Wolfe, "Nonparametric Statistical Methods", table A.4).
    from scenarios.statistics.paired import _left_out

    assert [_left_out(rounds) for rounds in (6, 8, 10, 12, 20)] == [0, 3, 8, 13, 52]


def test_noise_that_hides_any_difference_is_unknown() -> None:
    found = ratio_of_turns([1.0, 2.0, 0.5, 1.7, 0.6, 1.1], [1.0] * 6)
    assert found.verdict == "unknown"
    assert "interval" in found.why


@pytest.mark.parametrize("rounds, left_out", [(6, 0), (8, 3), (10, 8), (20, 52), (50, 434)])
def test_the_interval_leaves_out_what_the_tables_of_signed_ranks_say(
    rounds: int, left_out: int
) -> None:
    assert paired._left_out(rounds) == left_out


def test_many_rounds_are_reckoned_as_few_ones_are_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    counted = paired._left_out(paired.EXACT_MOST)
    monkeypatch.setattr(paired, "EXACT_MOST", 0)
    assert paired._left_out(300) == pytest.approx(counted, rel=0.001)
