"""The judge of recommendations catches who recommends badly, in every way in which one can."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import pytest

from scenarios.recommending.candidate import candidates
from scenarios.recommending.estimating import Figures
from scenarios.recommending.evidence import Evidence, Measured
from scenarios.recommending.judging import judged
from scenarios.recommending.question import Question
from scenarios.recommending.rules import sifted
from scenarios.recommending.situations import held_out
from tests.recommending.made_up import Told, all_hold, figure
from workbench.published_recommend import Trial, answered, page_of, trial_of

MEASURED = {
    "row_lock": Measured(1_000, 990, 1_010, 5.0),
    "conditional_update": Measured(910, 900, 920, 5.0),
    "merged_update": Measured(5_000, 4_900, 5_100, 5.0, verdict="void"),
    "split_rows": Measured(890, 880, 900, 5.0),
}


@pytest.mark.parametrize(
    "recommended, why",
    [
        ("row_lock", ""),
        ("conditional_update", ""),
        ("split_rows", "11% below the best"),
        ("merged_update", "its verdict is void"),
        ("redis_script", "not admissible"),
        (None, "nobody was recommended"),
    ],
)
def test_right_is_who_holds_and_is_near_the_best_that_holds(
    recommended: str | None, why: str
) -> None:
    found = judged("here", recommended, MEASURED)
    assert (found.best, found.best_per_s) == ("row_lock", 1_000)
    assert (found.why, found.hit) == (why, not why)


def speed(name: str) -> float:
    """Everybody is a third faster than who comes before him in the alphabet."""
    return 1.33 ** sorted(each.name for each in candidates()).index(name)


def measured(question: Question) -> dict[str, Measured]:
    """What would be measured of whoever a question admits."""
    return {
        each.name: Measured(speed(each.name), speed(each.name), speed(each.name))
        for each in sifted(candidates(), question)[0]
    }


def trials(told: Told) -> list[Trial]:
    questions = held_out()
    answers = answered(questions, told, all_hold, Evidence())
    return [trial_of(name, answers[name], measured(questions[name])) for name in questions]


def test_who_knows_the_truth_is_right_in_every_situation_held_out() -> None:
    found = trials(Told(lambda _: {each.name: speed(each.name) for each in candidates()}))
    assert [each.judged.hit for each in found] == [True] * 10
    assert "**10 of 10 are right**" in page_of(found, [])


def test_a_planted_bad_recommender_is_caught_in_every_situation_held_out() -> None:
    upside_down = Told(lambda _: {each.name: 1 / speed(each.name) for each in candidates()})
    found = trials(upside_down)
    assert not any(each.judged.hit for each in found)
    page = page_of(found, [])
    assert "**0 of 10 are right**" in page
    assert page.count("below the best |") == 10


def test_who_recommends_what_was_not_admitted_is_caught() -> None:
    """Without its rules the fastest of all would be named, and it is a control."""

    class Reckless:
        def figures(self, question: Question, names: Sequence[str]) -> Figures:
            return {name: figure(name, speed(name)) for name in names}

    question = held_out()["flash_in_rows"]
    answer = answered({"open": replace(question, stacks=("redis",), loss_s=60)}, Reckless(),
                      all_hold, Evidence())["open"]  # fmt: skip
    found = trial_of("flash_in_rows", answer, measured(question))
    assert found.judged.why == "not admissible"


def test_nobody_to_compare_with_is_a_bug() -> None:
    void: Mapping[str, Measured] = {"row_lock": Measured(1, 1, 1, verdict="void")}
    with pytest.raises(AssertionError, match="nobody held"):
        judged("here", "row_lock", void)
