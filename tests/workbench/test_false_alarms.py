"""The campaign of false alarms: what is measured next, and a page whose shares add up."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from workbench.published_false_alarms import (
    PATTERN,
    SAME,
    SLOWER,
    TRIALS,
    PairRow,
    _append,
    clopper_pearson,
    dawdles_us,
    next_kind,
    page_of,
    read_rows,
)

PAIR = PairRow(0, "same", 0.0, 1.01, 0.98, 1.03, 0.4, 10, "same", 101.0, 100.0, "holds", 0.01)


def test_trials_come_first_and_then_both_kinds_mixed_until_all_are_there() -> None:
    rows: list[PairRow] = []
    while (kind := next_kind(rows)) is not None:
        rows.append(replace(PAIR, kind=kind))
    kinds = [row.kind for row in rows]
    assert kinds[:TRIALS] == ["trial"] * TRIALS
    assert kinds[TRIALS : TRIALS + len(PATTERN)] == list(PATTERN)
    assert (kinds.count("same"), kinds.count("slower")) == (SAME, SLOWER)


def test_a_disturbed_pair_is_measured_again() -> None:
    rows = [replace(PAIR, kind="trial")] * TRIALS
    assert next_kind([*rows, replace(PAIR, kind="disturbed same")]) == next_kind(rows)


def test_the_dawdling_is_set_so_that_a_tenth_less_is_done() -> None:
    # 25 µs made an order take 1 / 0.8 = 1.25 times as long; a ninth more takes 11.1 µs.
    trials = [replace(PAIR, kind="trial", dawdles_us=25.0, ratio=0.8)] * TRIALS
    assert dawdles_us(trials) == pytest.approx(25 * (1 / 0.9 - 1) / 0.25)


def test_pairs_are_read_back_as_they_were_written(tmp_path: Path) -> None:
    rows = [PAIR, replace(PAIR, number=1, kind="slower", verdict="slower", dawdles_us=11.5)]
    for row in rows:
        _append(tmp_path / "pairs.csv", row)
    assert read_rows(tmp_path / "pairs.csv") == rows
    assert read_rows(tmp_path / "none.csv") == []


def test_the_interval_of_a_share_is_exact() -> None:
    assert clopper_pearson(0, 100) == pytest.approx((0.0, 0.0362), abs=1e-4)
    assert clopper_pearson(5, 100) == pytest.approx((0.0164, 0.1128), abs=1e-4)
    assert clopper_pearson(60, 60) == pytest.approx((0.9404, 1.0), abs=1e-4)


def test_a_planted_false_alarm_shows_on_the_page() -> None:
    slower = replace(PAIR, kind="slower", ratio=0.9, verdict="slower", dawdles_us=11.0)
    alarm = replace(PAIR, ratio=0.9, verdict="slower", p=0.01)
    disturbed = replace(alarm, kind="disturbed same")
    rows = [*[PAIR] * 18, alarm, alarm, *[slower] * 10, disturbed]
    page = page_of(rows, {"cores": 2})
    assert "| false alarms | 20 | 2 | 10.0% | 1.2% to 31.7% |" in page
    assert "| slowed, and called *slower* | 10 | 10 | 100.0% | 69.2% to 100.0% |" in page
    assert "1 (1 of them would have been false alarms)" in page
