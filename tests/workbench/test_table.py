"""The table says in 100 columns who holds and how fast, and never by colour alone."""

from __future__ import annotations

import io
from typing import Any

import pytest
from rich.console import Console

from workbench.remarks import remarks
from workbench.verdict_table import verdict_table

HOLDS: dict[str, Any] = {
    "strategy": "redis_lock_fenced",
    "stack": "postgresql+redis",
    "verdict": "holds",
    "family": "lock",
    "control": False,
    "repetitions": 3,
    "goodput_per_s": 123_456.7,
    "goodput_per_s_low": 100_000.0,
    "goodput_per_s_high": 150_000.0,
    "sold_out_after_s": 12.345,
    "accepted_latency_ms_p50": 0.123,
    "accepted_latency_ms_p99": 1234.5,
}
SLOW = HOLDS | {"strategy": "row_lock", "goodput_per_s": 99.4, "repetitions": 1}
VOID = HOLDS | {"strategy": "fast_and_wrong", "verdict": "void", "goodput_per_s": 9e5}
VOID |= {"oversold_units": 1_234, "duplicated_orders": 15, "promises_broken": ["exactly once"]}
UNSURE = HOLDS | {"strategy": "unsure", "verdict": "unknown", "note": "the audit was cut short"}
CONTROL = HOLDS | {"strategy": "naive_read_write", "control": True, "verdict": "void"}
FLOOR = HOLDS | {"strategy": "noop", "stack": "null", "family": "floor"}
ROWS = [FLOOR, CONTROL, VOID, UNSURE, SLOW, HOLDS]


def printed(rows: list[dict[str, Any]]) -> list[str]:
    """The table as it is printed into a pipe."""
    paper = io.StringIO()
    Console(file=paper, width=100).print(verdict_table(rows))
    return [line.rstrip() for line in paper.getvalue().splitlines()]


def line_of(strategy: str) -> str:
    return next(line for line in printed(ROWS) if line.startswith(strategy))


def test_it_fits_100_columns_without_cutting_anything() -> None:
    lines = printed(ROWS)
    assert max(map(len, lines)) <= 100
    assert "…" not in "".join(lines)
    assert all(any(row["strategy"] in line for line in lines) for row in ROWS)


def test_who_holds_stands_first_by_goodput_then_the_rest_controls_and_the_floor() -> None:
    names = [row["strategy"] for row in ROWS]
    found = [line.split()[0] for line in printed(ROWS) if line.split()[:1][0:] and
             line.split()[0] in names]  # fmt: skip
    assert found == ["redis_lock_fenced", "row_lock", "unsure", "fast_and_wrong",
                     "naive_read_write", "noop"]  # fmt: skip


def test_a_strategy_that_stored_nothing_is_floor_and_not_a_winner() -> None:
    line = next(line for line in printed([HOLDS | {"stack": "null"}]) if "null" in line)
    assert "floor" in line
    assert "holds" not in line


def test_a_verdict_is_a_sign_and_a_word() -> None:
    assert "✓ holds" in line_of("row_lock")
    assert "✗ void" in line_of("fast_and_wrong")
    assert "? unknown" in line_of("unsure")
    assert "floor" in line_of("noop")
    assert "naive_read_write †" in line_of("naive_read_write")


def test_a_figure_carries_its_interval_unless_it_was_taken_once() -> None:
    assert "123,457 ±25,000" in line_of("redis_lock_fenced")
    assert "±" not in line_of("row_lock")


def test_every_damage_is_named() -> None:
    lines = printed(ROWS)
    assert "1,234 oversold" in line_of("fast_and_wrong")
    assert any("15 duplicated" in line for line in lines)
    assert line_of("row_lock").endswith("none")


def said(rows: list[dict[str, Any]], **more: Any) -> str:
    return "\n".join(remarks({"rows": rows, **more}, more.get("proved", [])))


def test_words_of_the_table_are_explained_where_they_stand() -> None:
    everything = said(ROWS)
    assert "void: it broke a promise, so its speed means nothing" in everything
    assert "† a control" in everything
    assert "unknown: unsure: the audit was cut short" in everything
    assert said([HOLDS]) == ""


def test_figures_that_the_load_driver_bounds_are_named() -> None:
    assert "row_lock" in said([SLOW | {"driver_bound": True}])
    assert said([FLOOR | {"driver_bound": True}]) == ""  # the floor is nothing but driver


@pytest.mark.parametrize(
    "proof, words",
    [
        ({"control": False, "holds": True, "promises_broken": []}, "proved: 1 hold"),
        ({"control": True, "holds": False, "promises_broken": ["x"]}, "controls caught: 1"),
        ({"control": False, "holds": False, "promises_broken": ["x"]}, "it BREAKS x"),
        ({"control": True, "holds": True, "promises_broken": []}, "it was NOT caught"),
    ],
)
def test_what_was_proved_is_said(proof: dict[str, Any], words: str) -> None:
    assert words in said([HOLDS], proved=[proof | {"strategy": "it"}])


def test_demo_grade_is_called_an_orientation() -> None:
    assert "an orientation, not evidence" in said([], grade="demo", repetitions=3, seconds=3.0)
    assert said([], grade="published", repetitions=10, seconds=5.0) == ""
