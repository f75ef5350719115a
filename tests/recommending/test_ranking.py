"""Who comes first: by the rate that is wanted, or by what gets through at most."""

from __future__ import annotations

from dataclasses import replace

from scenarios.recommending.candidate import candidates
from scenarios.recommending.question import Question
from scenarios.recommending.ranking import HEAD_ROOM, Placed, ranked
from tests.recommending.made_up import figure

RIVALS = ("conditional_update", "bucket_pool", "row_lock", "redis_script", "split_rows")
AMONG = [each for each in candidates() if each.name in RIVALS]


def order(question: Question, **rates: tuple[float, float | None]) -> list[str]:
    figures = {name: figure(name, per_s, p99_ms) for name, (per_s, p99_ms) in rates.items()}
    return [each.name for each in ranked(AMONG, figures, question)]


def test_without_a_rate_who_gets_most_through_is_first() -> None:
    found = order(Question(), conditional_update=(900, 1), row_lock=(500, 1), redis_script=(1e4, 9))
    assert found == ["redis_script", "conditional_update", "row_lock"]


def test_of_those_who_are_level_what_is_less_to_operate_is_first() -> None:
    found = order(Question(), conditional_update=(980, 5), bucket_pool=(1_000, 5))
    assert found == ["conditional_update", "bucket_pool"]
    apart = order(Question(), conditional_update=(900, 5), bucket_pool=(1_000, 5))
    assert apart == ["bucket_pool", "conditional_update"]


def test_of_those_who_carry_the_rate_the_shorter_tail_is_first() -> None:
    asked = Question(rate_per_s=400)
    found = order(asked, conditional_update=(900, 3), row_lock=(800, 1), bucket_pool=(5_000, 50))
    assert found == ["row_lock", "conditional_update", "bucket_pool"]


def test_who_carries_the_rate_is_before_who_does_not() -> None:
    asked = Question(rate_per_s=400, peak=2)
    found = order(asked, conditional_update=(1_100, 99), row_lock=(900, 1))
    assert found == ["conditional_update", "row_lock"]


def test_a_tail_that_nobody_knows_counts_as_the_longest() -> None:
    found = order(Question(rate_per_s=10), conditional_update=(900, None), row_lock=(800, 500))
    assert found == ["row_lock", "conditional_update"]


def test_who_broke_a_promise_in_its_run_is_nowhere() -> None:
    figures = {
        "row_lock": replace(figure("row_lock", 9_000), verdict="void"),
        "conditional_update": figure("conditional_update", 900),
    }
    found = ranked(AMONG, figures, Question())
    assert [each.name for each in found] == ["conditional_update"]


def placed(name: str, per_s: float, wanted_per_s: float = 0.0, model_off: float = 1.0) -> Placed:
    candidate = next(each for each in candidates() if each.name == name)
    return Placed(candidate, replace(figure(name, per_s), model_off=model_off), wanted_per_s)


def test_reasons_are_sentences_with_figures() -> None:
    reasons = list(placed("row_lock", 1_300, 1_000).reasons())
    assert reasons[0] == (
        "1,300 orders a second expected, 1.3 times the 1,000 that are wanted at the peak"
    )
    assert reasons[1] == "p99 of accepted orders at that rate: 5 ms"
    assert reasons[2] == "to operate: postgresql"
    assert "less than the 2,000" in next(placed("row_lock", 1_300, 2_000).reasons())
    tight = placed("row_lock", 1_100, 1_000)
    assert tight.figure.per_s < 1_000 * HEAD_ROOM
    assert "no head-room above the 1,000" in next(tight.reasons())


def test_a_correction_is_told() -> None:
    assert "2 times too slow" in list(placed("row_lock", 1_000, model_off=2.0).reasons())[-1]
    assert "2 times too fast" in list(placed("row_lock", 1_000, model_off=0.5).reasons())[-1]
    assert "corrected" not in " ".join(placed("row_lock", 1_000, model_off=1.05).reasons())


def test_what_a_strategy_does_not_do_is_told_too() -> None:
    cautions = " ".join(placed("redis_then_database", 1_000).cautions())
    assert "power_lost: it loses what was not yet flushed" in cautions
    assert "agree only after up to 1 s" in cautions
    assert "no false sold-out" in " ".join(placed("split_rows", 1_000).cautions())
    assert list(placed("row_lock", 1_000).cautions()) == []
