"""Runs of two sides, judged: correctness first, then whose time was whose, and speed at last."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from scenarios.measuring.against import TurnsRun, compare_turns
from scenarios.measuring.slices import Speeds

STEADY = [1_000.0 + each for each in range(12)]
ROW: dict[str, Any] = {
    "verdict": "holds",
    "promises_broken": [],
    "note": "",
    "sold_out_after_s": None,
}


def a_run(
    new: Sequence[float],
    base: Sequence[float] = STEADY,
    new_row: dict[str, Any] | None = None,
    base_row: dict[str, Any] | None = None,
    spilt: float = 0.0,
) -> TurnsRun:
    speeds = (Speeds(tuple(new), 1, spilt), Speeds(tuple(base), 1, 0.0))
    return TurnsRun((ROW | (new_row or {}), ROW | (base_row or {})), speeds)


def slower(share: float) -> list[float]:
    return [share * each for each in STEADY]


def test_the_direction_is_new_over_base() -> None:
    assert compare_turns([a_run(slower(0.8))]).verdict == "slower"
    assert compare_turns([a_run(slower(1.2))]).verdict == "faster"
    assert compare_turns([a_run(STEADY)]).verdict == "same"


def test_rounds_of_several_runs_are_judged_together() -> None:
    run = a_run(slower(0.8)[:4], STEADY[:4])
    assert compare_turns([run]).verdict == "unknown"
    assert compare_turns([run, run]).rounds == 8
    assert compare_turns([run, run]).verdict == "slower"


@pytest.mark.parametrize("side", ["new", "base"])
def test_a_side_that_is_void_has_no_speed_however_fast_it_was(side: str) -> None:
    void = {"verdict": "void", "promises_broken": ["never_oversells"]}
    found = compare_turns([a_run(slower(5.0), **{f"{side}_row": void})])
    assert (found.verdict, found.rounds) == ("unknown", 0)
    assert f"the {side} side is void (never_oversells)" in found.why


def test_orders_that_run_on_in_the_others_turn_are_no_fair_comparison() -> None:
    assert "--slice-ms" in compare_turns([a_run(slower(0.8), spilt=0.06)]).why
    assert compare_turns([a_run(slower(0.8), spilt=0.04)]).verdict == "slower"


def test_rounds_after_a_sell_out_do_not_count() -> None:
    # Rounds take 0.1 s and two warm up: eight of those that count end before 1.09 s.
    new = [*slower(0.8)[:8], *[1.0] * 4]
    found = compare_turns([a_run(new, new_row={"sold_out_after_s": 1.09})])
    assert (found.rounds, found.verdict) == (8, "slower")
    assert found.ratio == pytest.approx(0.8)


def test_a_sale_that_sells_out_at_once_is_unknown_and_says_what_to_do() -> None:
    found = compare_turns([a_run(STEADY, base_row={"sold_out_after_s": 0.3})])
    assert found.verdict == "unknown"
    assert "raise stock.quantity" in found.why
