"""The answer: proved, in order, with what would change it, and honest about what is not known."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import pytest

from inventory_core.strategy.registry import strategies
from scenarios.recommending.estimating import Figures
from scenarios.recommending.evidence import Evidence
from scenarios.recommending.question import Question
from scenarios.recommending.recommendation import Recommendation, probability, recommend
from tests.recommending.made_up import RATES, Told, all_hold, evidence, situation

STRICT = Question(
    stacks=("postgresql",), loss_s=0.0, lag_s=0.0, undersell=False, daemons=True, buyers=16
)
NEAR = evidence(here=situation(STRICT, {"row_lock": 1.0, "merged_update": 1.0}))


def answer(question: Question, told: Told | None = None, known: Evidence = NEAR) -> Recommendation:
    return recommend(question, told or Told(), all_hold, known)


def names(found: Recommendation) -> list[str]:
    return [each.name for each in found.named]


def test_the_first_three_who_fit_are_named_and_the_others_are_not_called_proved() -> None:
    found = answer(STRICT)
    assert names(found) == ["merged_update", "split_rows_probing", "conditional_update"]
    assert [each.name for each in found.also] == ["row_lock"]
    assert "one_round_trip" in found.unknown


def test_who_did_not_hold_is_not_named_and_is_told() -> None:
    class Fallen(Told):
        def figures(self, question: Question, names: Sequence[str]) -> Figures:
            found = super().figures(question, names)
            return {n: replace(one, verdict="void" if n == "merged_update" else "holds")
                    for n, one in found.items()}  # fmt: skip

    found = answer(STRICT, Fallen())
    assert names(found) == ["split_rows_probing", "conditional_update", "row_lock"]
    assert found.failed == ("merged_update",)
    assert found.as_json()["failed"] == ["merged_update"]


def test_controls_are_never_named_whatever_they_do() -> None:
    found = answer(Question(), Told(lambda _: dict.fromkeys(strategies(), 1_000.0)))
    controls = {name for name, kind in strategies().items() if kind.control}
    seen = {each.name for each in (*found.named, *found.also)} | {t.first for t in found.turns}
    assert not seen & (controls | {"noop"})
    assert {row["strategy"] for row in found.as_json()["excluded"]} >= controls


def test_who_is_not_proved_is_never_named_not_even_as_what_might_be() -> None:
    def prover(asked: Sequence[str]) -> Mapping[str, bool]:
        return {name: name not in ("merged_update", "redis_script") for name in asked}

    found = recommend(STRICT, Told(), prover, NEAR)
    assert names(found) == ["split_rows_probing", "conditional_update", "row_lock"]
    assert found.broken == ("merged_update",)
    assert not {"merged_update", "redis_script"} & {turn.first for turn in found.turns}


def test_if_nobody_is_proved_nobody_is_named() -> None:
    found = recommend(STRICT, Told(), lambda asked: dict.fromkeys(asked, False), NEAR)
    assert found.first is None
    assert found.as_json()["recommended"] is None
    assert found.turns == ()


def test_every_name_was_proved_before_it_was_named() -> None:
    asked: set[str] = set()

    def prover(names: Sequence[str]) -> Mapping[str, bool]:
        asked.update(names)
        return dict.fromkeys(names, True)

    found = recommend(STRICT, Told(), prover, NEAR)
    assert asked >= {each.name for each in found.named} | {turn.first for turn in found.turns}
    assert "row_lock" not in asked


def test_sensitivity_names_the_tolerance_that_flips_the_answer() -> None:
    found = answer(replace(STRICT, stacks=("postgresql", "redis")))
    flips = {turn.first: turn.says for turn in found.turns if turn.flips}
    assert flips["redis_script"] == (
        "if 1 s of acknowledged orders might be lost with a server: redis_script (40,000 a second,"
        " and merged_update 5,000)"
    )
    # Of two rules in its way no single one would let it in.
    assert "redis_script" not in {turn.first for turn in answer(STRICT).turns}


def test_sensitivity_names_what_would_take_the_answer_away() -> None:
    found = answer(Question(buyers=16))
    assert found.first is not None
    assert found.first.name == "redis_script"
    flips = {turn.change: turn.first for turn in found.turns if turn.flips}
    assert flips["without Redis"] == "merged_update"
    assert flips["if no acknowledged order may be lost"] == "redis_with_task"


def test_sensitivity_names_the_rate_at_which_the_answer_flips() -> None:
    told = Told(p99_ms=lambda name: 1.0 if name == "conditional_update" else 5.0)
    found = answer(replace(STRICT, rate_per_s=1_000), told)
    assert names(found)[0] == "conditional_update"
    (turn,) = (turn for turn in found.turns if turn.kind == "rate")
    assert turn.change == "above 2,400 orders a second at the peak"
    assert (turn.first, turn.flips) == ("merged_update", True)


def test_sensitivity_names_the_load_under_which_the_answer_flips() -> None:
    def by_buyers(question: Question) -> Mapping[str, float]:
        few = question.buyers <= 4
        return RATES | {"merged_update": 1_000.0} if few else RATES

    found = answer(STRICT, Told(by_buyers))
    turns = {turn.change: turn for turn in found.turns if turn.kind == "load"}
    assert turns["with a quarter of the buyers"].first == "split_rows_probing"
    assert turns["with a quarter of the buyers"].says.endswith("and merged_update 1,000)")
    assert not turns["with four times as many buyers at the same time"].flips


def test_how_sure_it_is_follows_from_how_far_apart_the_first_are() -> None:
    clear = answer(Question(buyers=16))
    assert clear.probability == pytest.approx(1.0)
    close = answer(STRICT, Told(lambda _: {"merged_update": 1_000, "row_lock": 1_010}))
    assert close.probability is not None
    assert 0.5 < close.probability < 0.9
    alone = answer(STRICT, Told(lambda _: {"row_lock": 1_000}))
    assert alone.probability == 1.0
    assert probability([]) is None


def test_a_rate_that_is_hardly_carried_is_no_sure_answer() -> None:
    sure = answer(replace(STRICT, rate_per_s=2_000))
    hardly = answer(replace(STRICT, rate_per_s=5_000))
    assert sure.sure == "sure"
    assert hardly.probability == pytest.approx(0.5)
    assert hardly.sure == "close"
    assert not any(each.fits for each in hardly.named)


def test_outside_of_what_was_measured_it_says_so() -> None:
    assert answer(STRICT).not_measured == ()
    assert answer(STRICT).like == "here"
    found = answer(replace(STRICT, rtt_ms=20, lines=30))
    assert found.sure == "not measured"
    assert found.not_measured == ("30 lines an order", "a round trip of 20 ms")
    assert answer(STRICT, known=Evidence()).sure == "not measured"


def test_if_nothing_is_known_of_anybody_nobody_is_recommended() -> None:
    found = answer(STRICT, Told(lambda _: {}))
    assert found.first is None
    assert (found.probability, found.sure) == (None, "not measured")


def test_what_a_script_reads_has_its_fields() -> None:
    said = answer(replace(STRICT, rate_per_s=1_000)).as_json()
    assert set(said) == {
        *("question", "recommended", "sure", "probability", "like", "not_measured", "rows"),
        *("also", "broken", "failed", "unknown", "excluded", "sensitivity"),
    }
    assert said["recommended"] == said["rows"][0]["strategy"]
    for rank, row in enumerate(said["rows"], 1):
        assert set(row) == {
            *("rank", "strategy", "fits", "goodput_per_s", "goodput_per_s_low"),
            *("goodput_per_s_high", "head_room", "accepted_latency_ms_p99", "measured", "stack"),
            *("daemons", "loss_s", "lag_s", "proved", "reasons", "cautions"),
        }
        assert row["rank"] == rank
        assert row["proved"] is True
        assert row["goodput_per_s_low"] < row["goodput_per_s"] < row["goodput_per_s_high"]
        assert row["reasons"]
    assert {"strategy", "rule", "reason"} == set(said["excluded"][0])
    assert {"kind", "change", "first", "flips", "says"} == set(said["sensitivity"][0])
