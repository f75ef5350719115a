"""What a simulation says of a comparison that was measured: its rows, and how far they are off.

The profile's costs may come from another machine; then the errors say above all how unlike the
machines are, and `stockproof calibrate` is the remedy.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import replace
from typing import Any

from scenarios.predicting.profile import Profile
from scenarios.predicting.run import Asked, predict_once
from scenarios.predicting.side_by_side import side_by_side
from scenarios.predicting.validation import Cell, summary
from scenarios.scenario import Scenario

STACKS = ("postgresql", "redis", "postgresql+redis")
"""Whose costs a profile has."""

MOST_S = 1.0
"""So much of a run without faults is simulated at most, in virtual time."""

ERRORS = (
    "throughput_error_median",
    "throughput_error_p90",
    "throughput_error_worst",
    "latency_p99_error_median",
    "kendall_tau",
)


def predict_beside(
    scenario: Scenario, rows: Sequence[Mapping[str, Any]], profile: Profile, executor: Executor
) -> Iterator[dict[str, Any]]:
    """Simulate what was measured: the same buyers, the same faults, one run a strategy."""
    seconds = scenario.run.seconds
    if not scenario.faults:  # which strike at their moments
        seconds = min(seconds, MOST_S)
    shorter = replace(scenario, run=replace(scenario.run, seconds=seconds))
    names = [row["strategy"] for row in rows if row["stack"] in STACKS]
    if scenario.shop is None:
        work = [Asked(shorter, name, profile, scenario.run.seed, seconds) for name in names]
        yield from side_by_side(executor, predict_once, work)


def paired(rows: Iterable[Mapping[str, Any]], predicted: Iterable[Mapping[str, Any]]) -> list[Cell]:
    """Each strategy with what was measured and what was predicted, the fastest first."""
    known = {row["strategy"]: row for row in predicted}
    cells = [
        _cell(row, known[row["strategy"]])
        for row in rows
        if row["stack"] in STACKS and row["strategy"] in known and row["goodput_per_s"]
    ]
    return sorted(cells, key=lambda cell: -cell.predicted)


def errors_of(cells: Sequence[Cell]) -> dict[str, Any] | None:
    """How far the predictions are off, in all; None if there is nothing to compare."""
    if not cells:
        return None
    found = summary(cells)
    return {name: found[name] for name in ERRORS}


def _cell(measured: Mapping[str, Any], predicted: Mapping[str, Any]) -> Cell:
    rates = ("goodput_per_s_low", "goodput_per_s", "goodput_per_s_high")
    tail = measured["accepted_latency_ms_p99"]
    return Cell(
        measured["strategy"],
        f"{measured['connections']}",
        tuple(float(measured[name]) for name in rates),
        () if tail is None else (tail,),
        predicted["goodput_per_s"],
        predicted["accepted_latency_ms_p99"],
    )
