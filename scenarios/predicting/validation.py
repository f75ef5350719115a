"""How wrong are the predictions? Every strategy at loads that the calibration never saw it at.

    calibrate -> measure at 2, 8, 16, 32 clients, and saturated -> simulate the same -> compare

Calibrated and measured in one go, on the same servers. A cell is a strategy at a load; it is judged
against the median of its repetitions. Beside the error stands the noise floor: how far one live
repetition is from the median of the others, which is what a perfect prediction could reach.
"""

from __future__ import annotations

import math
import tempfile
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, replace
from itertools import combinations
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np

from inventory_core.stores.servers import Settings
from inventory_core.strategy import Needs
from inventory_core.strategy.registry import strategies
from scenarios.history import RunFolder
from scenarios.measuring.campaign import measure
from scenarios.predicting.calibration import Found, Seen, crowds, fit
from scenarios.predicting.profile import Profile
from scenarios.predicting.run import Asked, predict_once
from scenarios.predicting.side_by_side import side_by_side
from scenarios.scenario import Scenario, load_scenario

LOADS = (2, 8, 16, 32)
HELD_OUT = "deep_stock"
SETTINGS = ("demand.pool=0", "stock.cells=10", "matrix.stacks=[]")
SIMULATED_S = 0.6


SATURATED = "saturated"
"""An open loop whose rate is a fifth more than what so many clients get through by themselves.

Nobody's latency is compared there: it says how long the run was.
"""
BEYOND, CROWD = 1.2, 16


@dataclass(frozen=True, slots=True)
class Cell:
    """A strategy at a load: orders a second and p99 in ms, measured (each time) and predicted."""

    strategy: str
    load: str  # so many clients, or saturated
    measured: tuple[float, ...]
    measured_p99: tuple[float, ...]
    predicted: float
    predicted_p99: float | None

    @property
    def error(self) -> float:
        """Of throughput, with its sign, as a share of what was measured."""
        return self.predicted / median(self.measured) - 1

    @property
    def p99_error(self) -> float | None:
        """Of the tail; None where either world had too few samples for one."""
        if self.predicted_p99 is None or not self.measured_p99:
            return None
        return self.predicted_p99 / median(self.measured_p99) - 1

    @property
    def noise(self) -> float:
        """How far a repetition is from the median of the others, at the median."""
        return floor_of(self.measured)


def honest() -> tuple[str, ...]:
    """Every strategy that is no control and asks something of a store."""
    return tuple(
        name
        for name, kind in strategies().items()
        if not kind.control and kind.needs is not Needs.NOTHING
    )


def closed(clients: int) -> Scenario:
    """The held-out sale: one hot article, orders of two lines, duplicates."""
    processes = 1 if clients == 1 else 2
    crowd = (f"demand.processes={processes}", f"demand.connections={clients // processes}")
    return load_scenario(HELD_OUT, [*SETTINGS, *crowd])


def saturated(per_s: float) -> Scenario:
    """The same, with more buyers than can be served."""
    sale = closed(CROWD)
    return replace(sale, demand=replace(sale.demand, kind="open", rate_per_s=BEYOND * per_s))


Rates = dict[str, list[tuple[float, float | None]]]
"""Goodput and p99 of every repetition, by strategy."""


def measured(
    scenario: Scenario,
    names: Sequence[str],
    settings: Settings,
    repetitions: int,
    seconds: float,
    seen: Callable[[str], None],
) -> Rates:
    """Measure live; repetitions are interleaved."""
    found: Rates = {name: [] for name in names}
    with tempfile.TemporaryDirectory(prefix="stockproof-") as place:
        out = Path(place) / "runs"
        measure(
            scenario,
            names,
            seconds=seconds,
            repetitions=repetitions,
            out=out,
            settings=settings,
            progress=lambda at: seen(f"{at.strategy}, {_load_of(scenario)}") if at.row else None,
        )
        for folder in RunFolder(out).runs():
            row = folder.json("verdict")["row"]
            rate_per_s, p99_ms = row["goodput_per_s"], row["accepted_latency_ms_p99"]
            found[row["strategy"]].append((rate_per_s, p99_ms))
    return found


def _load_of(scenario: Scenario) -> str:
    return SATURATED if scenario.demand.open_loop else f"{scenario.demand.clients}"


def predicted(work: tuple[Profile, str, Scenario]) -> tuple[str, str, float, float | None]:
    """Strategy, load, goodput and p99 of one simulated run."""
    profile, name, scenario = work
    row = predict_once(Asked(scenario, name, profile, 1, SIMULATED_S))
    return name, _load_of(scenario), row["goodput_per_s"], row["accepted_latency_ms_p99"]


def _fitted(work: tuple[str, Seen]) -> tuple[str, Found]:
    load, seen = work
    return load, fit(seen, lambda _: None)


def validate(
    base: Seen,
    settings: Settings,
    executor: Executor,
    seen: Callable[[str], None],
    *,
    names: Sequence[str] = (),
    loads: Sequence[int] = LOADS,
    repetitions: int = 5,
    seconds: float = 0.5,
) -> tuple[list[Cell], dict[str, Found]]:
    """Measure and simulate every strategy at every load; the measuring comes first, alone.

    Machines drift, so the mechanisms under a crowd are looked at again beside every load; what a
    strategy takes alone is what `base` says. Answers the profile of each load, too.
    """
    names = tuple(names) or honest()
    beside: dict[str, Seen] = {}
    live: dict[tuple[str, str], list[tuple[float, float | None]]] = {}
    asked: list[tuple[str, Scenario]] = []

    def meet(scenario: Scenario, names: Sequence[str]) -> None:
        rates = measured(scenario, names, settings, repetitions, seconds, seen)
        for name, rows in rates.items():
            live[name, _load_of(scenario)] = rows
            asked.append((name, scenario))

    for clients in loads:
        beside[f"{clients}"] = replace(base, probes=crowds(settings, seen))
        meet(closed(clients), names)
    if CROWD in loads:
        beside[SATURATED] = replace(base, probes=crowds(settings, seen))
        for name in names:
            meet(saturated(median(rate for rate, _ in live[name, f"{CROWD}"])), [name])
    found = dict(side_by_side(executor, _fitted, list(beside.items())))
    seen("fitted")
    work = [(found[_load_of(scenario)].profile, name, scenario) for name, scenario in asked]
    cells = []
    for name, load, rate_per_s, p99_ms in side_by_side(executor, predicted, work):
        seen(f"{name}, {load}, simulated")
        rates = tuple(rate for rate, _ in live[name, load])
        tails = tuple(tail for _, tail in live[name, load] if tail is not None)
        if load == SATURATED:
            tails = ()
        cells.append(Cell(name, load, rates, tails, rate_per_s, p99_ms))
    order = [f"{clients}" for clients in loads] + [SATURATED]
    return sorted(cells, key=lambda cell: (cell.strategy, order.index(cell.load))), found


def floor_of(values: Sequence[float]) -> float:
    """What a perfect prediction of one repetition would be off, at the median."""
    if len(values) < 2:
        return 0.0
    others = [median([*values[:at], *values[at + 1 :]]) for at in range(len(values))]
    return median(abs(value / other - 1) for value, other in zip(values, others, strict=True))


def summary(cells: Sequence[Cell]) -> dict[str, Any]:
    """The figures of a validation, as `--json` tells them."""
    errors = [abs(cell.error) for cell in cells]
    tails = [abs(cell.p99_error) for cell in cells if cell.p99_error is not None]
    return {
        "throughput_error_median": median(errors),
        "throughput_error_p90": float(np.percentile(errors, 90)),
        "throughput_error_worst": max(errors),
        "latency_p99_error_median": median(tails) if tails else None,
        "kendall_tau": kendall(cells),
        "noise_floor_median": median(cell.noise for cell in cells),
        "cells": len(cells),
    }


def kendall(cells: Sequence[Cell]) -> float | None:
    """Over pairs of a load whose repetitions do not overlap: ranked alike, less ranked unlike."""
    alike = unlike = 0
    for one, other in combinations(cells, 2):
        if one.load != other.load or _overlap(one.measured, other.measured):
            continue
        sign = (median(one.measured) - median(other.measured)) * (one.predicted - other.predicted)
        alike += sign > 0
        unlike += sign < 0
    return (alike - unlike) / (alike + unlike) if alike + unlike else None


def _overlap(first: Sequence[float], second: Sequence[float]) -> bool:
    return max(first) >= min(second) and max(second) >= min(first)


def worst(cells: Sequence[Cell], count: int = 5) -> list[Cell]:
    """The cells that are furthest off, as a factor either way."""
    return sorted(cells, key=lambda cell: -abs(math.log(max(1 + cell.error, 1e-9))))[:count]


def as_row(cell: Cell) -> Mapping[str, Any]:
    """A cell as a line of a table."""
    return {
        "strategy": cell.strategy,
        "load": cell.load,
        "measured_per_s": median(cell.measured),
        "measured_low": min(cell.measured),
        "measured_high": max(cell.measured),
        "predicted_per_s": cell.predicted,
        "error": cell.error,
        "noise": cell.noise,
        "measured_p99_ms": median(cell.measured_p99) if cell.measured_p99 else None,
        "predicted_p99_ms": cell.predicted_p99,
        "p99_error": cell.p99_error,
    }
