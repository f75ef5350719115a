"""How wrong are the predictions? Every strategy at loads that the calibration never saw it at.

    calibrate -> rounds of (look again, measure at 2, 8, 16, 32 clients, and saturated)
         -> simulate the same -> compare

Calibrated and measured in one go, on the same servers. A cell is a strategy at a load; it is judged
against the median of its repetitions. Beside the error stands the noise floor: how far one live
repetition is from the median of the others, which is what a perfect prediction could reach.

What is measured, and how a machine that drifts is made up for: `held_out.py`.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, replace
from functools import partial
from itertools import combinations
from statistics import median
from typing import Any

import numpy as np

from scenarios.predicting.calibration import Found, calibrated
from scenarios.predicting.held_out import (
    CROWD,
    SATURATED,
    Campaign,
    Repetition,
    load_of,
    saturated,
)
from scenarios.predicting.observing import Seen, a_few, at_the_median, crowds, rates_of, sale_of
from scenarios.predicting.profile import Profile
from scenarios.predicting.run import Asked, predict_once
from scenarios.predicting.side_by_side import side_by_side
from scenarios.scenario import Scenario

LOADS = (2, 8, 16, 32)
SIMULATED_S, SIMULATED_MOST_S = 0.6, 6.0
ORDERS_OF_A_TAIL = 1_000
"""Accepted orders without which nobody tells a p99: ten lie beyond it."""


@dataclass(frozen=True, slots=True)
class Cell:
    """A strategy at a load: orders a second and p99 in ms, measured and predicted.

    `measured_p99` is that of each repetition, or nothing where all of them together have too few
    orders for one.
    """

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


def predicted(work: tuple[Profile, str, Scenario]) -> tuple[str, str, float, float | None]:
    """Strategy, load, goodput and p99 of one simulated run, longer if it has no tail yet."""
    profile, name, scenario = work
    row = predict_once(Asked(scenario, name, profile, 1, SIMULATED_S))
    per_s, p99_ms = row["goodput_per_s"], row["accepted_latency_ms_p99"]
    if p99_ms is None and per_s and not scenario.demand.open_loop:
        seconds = min(SIMULATED_MOST_S, SIMULATED_S + ORDERS_OF_A_TAIL / per_s)
        p99_ms = predict_once(Asked(scenario, name, profile, 1, seconds))["accepted_latency_ms_p99"]
    return name, load_of(scenario), per_s, p99_ms


@dataclass(frozen=True, slots=True)
class Observed:
    """All that was measured: what a calibration sees, and every cell.

    `first`: seen in one go, as `stockproof calibrate` does; `throughout`: the same, with what was
    looked at in every round. `live` and `asked` by strategy and load: its repetitions, and the
    scenario that was played.
    """

    first: Seen
    throughout: Seen
    live: Mapping[tuple[str, str], Sequence[Repetition]]
    asked: Mapping[tuple[str, str], Scenario]


def measured(
    first: Seen, campaign: Campaign, names: Sequence[str], loads: Sequence[int] = LOADS
) -> Observed:
    """Every strategy at every load, round by round: a machine that drifts does so for all of them.

    In every round strategies are looked at with four clients as well, and the mechanisms under a
    crowd. What a step takes by itself is what `first` says.
    """
    live: dict[tuple[str, str], list[Repetition]] = {}
    asked: dict[tuple[str, str], Scenario] = {}
    few, probes = [], [first.probes]

    def meet(scenarios: Mapping[str, Scenario], repetition: int) -> None:
        for name, told in campaign.once(scenarios, repetition, first.level).items():
            load = load_of(scenarios[name])
            live.setdefault((name, load), []).append(told)
            asked[name, load] = scenarios[name]

    for repetition in range(campaign.repetitions):
        probes.append(crowds(campaign.hands, first.level, campaign.seen))
        few.append(a_few(names, campaign.hands, campaign.seen))
        for clients in loads:
            meet(dict.fromkeys(names, sale_of(clients)), repetition)
        if CROWD in loads:
            rates = {name: median(one.per_s for one in live[name, f"{CROWD}"]) for name in names}
            meet({name: saturated(per_s) for name, per_s in rates.items()}, repetition)
    throughout = replace(
        first, probes=at_the_median(probes), few={**first.few, **rates_of(few, first.level)}
    )
    return Observed(first, throughout, live, asked)


def judged(
    observed: Observed, seen: Seen, executor: Executor, say: Callable[[str], None]
) -> tuple[list[Cell], Found]:
    """Simulate what was measured, with what this makes of the servers: every cell, the profile."""
    everywhere = partial(side_by_side, executor)
    found = calibrated(seen, say, everywhere)
    work = [(found.profile, name, scenario) for (name, _), scenario in observed.asked.items()]
    cells = []
    for name, load, rate_per_s, p99_ms in everywhere(predicted, work):
        say(f"{name}, {load}, simulated")
        rates = tuple(one.per_s for one in observed.live[name, load])
        tails = () if load == SATURATED else tails_of(observed.live[name, load])
        cells.append(Cell(name, load, rates, tails, rate_per_s, p99_ms))
    order = list(dict.fromkeys(load for _, load in observed.asked))
    return sorted(cells, key=lambda cell: (cell.strategy, order.index(cell.load))), found


def tails_of(repetitions: Sequence[Repetition]) -> tuple[float, ...]:
    """p99 in ms of each; nothing if they have too few orders between them."""
    if sum(len(one.waited_ms) for one in repetitions) < ORDERS_OF_A_TAIL:
        return ()
    return tuple(
        float(np.percentile(one.waited_ms, 99)) for one in repetitions if len(one.waited_ms)
    )


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
        "latency_p99_cells": len(tails),
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
