"""The answer in plain words: who is named the fastest, who never is, and what is said beside it."""

from dataclasses import replace
from pathlib import Path

import pytest

from reports.findings import answer_of, grade_of
from reports.load import Comparison, load
from tests.reports.made_up_records import RIVALS, Rival, write_comparison

SOUND = RIVALS[0]
FASTER_BUT_VOID = Rival("dream_machine", 90_000, oversold=12)


def comparison_of(folder: Path, *rivals: Rival, **about: object) -> Comparison:
    return load(write_comparison(folder, rivals, repetitions=1, attempts=600, **about))


def test_the_fastest_that_holds_is_named_with_its_interval(made_up: Path) -> None:
    answer = answer_of(load(made_up))
    assert answer.headline == "redis_script is the fastest strategy that holds."
    assert "31,000 first-time deductions a second (28,800 to 32,900)" in answer.sentences[0]


def test_a_void_row_is_never_the_winner_however_fast(tmp_path: Path) -> None:
    answer = answer_of(comparison_of(tmp_path, FASTER_BUT_VOID, SOUND))
    assert answer.headline == "conditional_update is the only strategy here that holds."
    (said,) = [line for line in answer.sentences if line.startswith("dream_machine")]
    assert "is void: 12 units oversold" in said


def test_neither_floor_nor_control_nor_unknown_is_the_winner(tmp_path: Path) -> None:
    answer = answer_of(
        comparison_of(
            tmp_path,
            Rival("noop", 900_000, "null", "floor"),
            Rival("redis_lock", 90_000, family="control", control=True),
            Rival("undecided", 80_000, verdict="unknown"),
            SOUND,
        )
    )
    assert answer.headline == "conditional_update is the only strategy here that holds."


def test_when_nothing_holds_nothing_is_recommended(tmp_path: Path) -> None:
    answer = answer_of(comparison_of(tmp_path, FASTER_BUT_VOID))
    assert answer.headline.startswith("No strategy can be recommended")


def test_overlapping_intervals_have_no_winner(tmp_path: Path) -> None:
    near = replace(SOUND, name="row_lock", goodput_per_s=SOUND.goodput_per_s * 0.97)
    answer = answer_of(comparison_of(tmp_path, SOUND, near))
    assert "cannot tell which of them is the fastest" in answer.headline
    assert any("overlap" in warning for warning in answer.warnings)


def test_an_open_loop_names_who_keeps_up_and_no_fastest(tmp_path: Path) -> None:
    question = {"demand": {"kind": "open", "rate_per_s": 9_000}}
    slower = Rival("row_lock", 2_000)
    answer = answer_of(comparison_of(tmp_path, SOUND, slower, question=question))
    assert answer.headline == "conditional_update and row_lock hold under 9,000 orders a second."
    assert any("cannot say who is the fastest" in warning for warning in answer.warnings)
    assert "the fastest" not in " ".join(answer.sentences)


def test_speed_that_was_bought_with_durability_is_told_with_it(made_up: Path) -> None:
    said = " ".join(answer_of(load(made_up)).sentences)
    assert "on redis with “AOF everysec”" in said
    assert "with “synchronous commit” the fastest is conditional_update" in said


def test_level_strategies_of_another_durability_are_called_level(tmp_path: Path) -> None:
    near = replace(SOUND, name="row_lock", goodput_per_s=SOUND.goodput_per_s * 0.97)
    memory = Rival("redis_script", 90_000, "redis", durability="AOF everysec")
    said = answer_of(comparison_of(tmp_path, memory, SOUND, near)).sentences
    assert any("“synchronous commit” conditional_update and row_lock are level" in s for s in said)


def test_a_demo_says_that_it_is_an_orientation(made_up: Path) -> None:
    assert grade_of(load(made_up)) == (
        "Demo grade: three repetitions of three seconds are an orientation, not evidence."
    )


def test_a_published_grade_does_not(tmp_path: Path) -> None:
    comparison = load(write_comparison(tmp_path, [SOUND], grade="published", repetitions=3))
    assert grade_of(comparison) == "Published grade: three repetitions of three seconds."
    assert not any("orientation" in warning for warning in answer_of(comparison).warnings)


def test_a_control_that_got_away_is_told(made_up: Path) -> None:
    said = " ".join(answer_of(load(made_up)).sentences)
    assert "The control naive_read_write was caught while measuring: 37 units oversold" in said
    assert "The control redis_lock was not caught in these runs: luck" in said


@pytest.mark.parametrize(
    "proof, told",
    [
        ({"strategy": "redis_lock", "control": True, "holds": True}, "did not catch the control"),
        (
            {"strategy": "row_lock", "holds": False, "promises_broken": ["exactly once"]},
            "row_lock breaks a promise that it makes: “exactly once”",
        ),
        ({"strategy": "row_lock", "holds": True, "bounded": True}, "cut short by a bound"),
    ],
)
def test_a_proof_that_failed_is_a_warning(
    tmp_path: Path, proof: dict[str, object], told: str
) -> None:
    answer = answer_of(comparison_of(tmp_path, SOUND, proved=[proof]))
    assert any(told in warning for warning in answer.warnings)


def test_without_proofs_the_answer_says_so(tmp_path: Path) -> None:
    answer = answer_of(comparison_of(tmp_path, SOUND, proved=[]))
    assert any("Nothing was proved" in line for line in answer.sentences)


def test_a_driver_that_was_the_limit_is_a_warning(tmp_path: Path) -> None:
    path = write_comparison(tmp_path, [SOUND])
    text = (path / "comparison.json").read_text()
    (path / "comparison.json").write_text(
        text.replace('"driver_bound": false', '"driver_bound": true')
    )
    assert any("bound by the load driver" in warning for warning in answer_of(load(path)).warnings)
