"""From recorded attempts to what pictures show: latency percentiles, and stock over time.

Only the columns needed are read, one run at a time: a comparison may hold millions of attempts.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd

from reports.load import Comparison

Floats = npt.NDArray[np.float64]

PERCENTILES = (50.0, 90.0, 95.0, 99.0, 99.9)
"""What is asked for; printed only as far as the samples allow."""

SAMPLES_BEYOND = 10
"""A percentile is worth printing when at least this many samples lie beyond it."""

ANSWERS = {"deducted": "accepted", "refused": "refused"}
"""The outcomes whose latency is shown, apart: cheap refusals would flatter a percentile."""

GIVEN_BACK = {"rolled_back", "expired", "refunded"}

_MOST_POINTS = 240


@dataclass(frozen=True, slots=True)
class StockCurve:
    """One run's stock over time: what buyers were promised, and what the store itself said.

    `unpromised` is the opening stock less every unit that a buyer was promised so far: below zero
    it was oversold, whatever the store believes. `reported` are the samples of the store's counter.
    """

    label: str
    run: str
    opening: int
    at_s: Floats
    unpromised: Floats
    reported_at_s: Floats
    reported: Floats

    @property
    def oversold(self) -> int:
        """By how many units the promises went below zero, at worst."""
        return int(max(0.0, -self.unpromised.min())) if self.unpromised.size else 0


def latencies(comparison: Comparison) -> pd.DataFrame:
    """One row a strategy, answer and percentile: `label, answer, percentile, latency_ms, samples`.

    Latency counts from the intended time, so that a late sender does not hide a slow store. The
    samples of all repetitions are pooled.
    """
    found = [
        (label, answer, percentile, value, len(samples))
        for label in comparison.rows["label"]
        for answer, samples in _waited_ms(comparison, label).items()
        for percentile, value in percentiles(samples)
    ]
    columns = ["label", "answer", "percentile", "latency_ms", "samples"]
    return pd.DataFrame(found, columns=columns)


def percentiles(samples: Floats) -> Iterator[tuple[float, float]]:
    """Those of `PERCENTILES` for which there are samples enough, and their values."""
    # Rounded, because a tenth of a percent of 10,000 is 9.999… in floating point.
    enough = [p for p in PERCENTILES if round(len(samples) * (100 - p) / 100, 6) >= SAMPLES_BEYOND]
    if enough:
        yield from zip(enough, map(float, np.percentile(samples, enough)), strict=True)


def stock_curves(comparison: Comparison) -> Iterator[StockCurve]:
    """One curve a strategy: its worst repetition, which is the one that oversold most."""
    for label in comparison.rows["label"]:
        curves = [_stock_curve(comparison, label, run) for run in comparison.runs(label)]
        drawn = [curve for curve in curves if curve is not None]
        if drawn:
            yield max(drawn, key=lambda curve: curve.oversold)


def throughput(comparison: Comparison, slices: int = 60) -> pd.DataFrame:
    """Deductions a second over the time of each run: `label, run, at_s, deducted_per_s`."""
    parts = []
    for label in comparison.rows["label"]:
        for run in comparison.runs(label):
            replied_s = _deductions(comparison, run).query("outcome == 'deducted'")["replied_s"]
            if replied_s.empty:
                continue
            counts, edges = np.histogram(replied_s, slices, range=(0, float(replied_s.max())))
            width_s = edges[1] - edges[0]
            rate = counts / width_s
            part = {"label": label, "run": run.name, "at_s": edges[:-1] + width_s / 2}
            parts.append(pd.DataFrame(part | {"deducted_per_s": rate}))
    columns = ["label", "run", "at_s", "deducted_per_s"]
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=columns)


def _deductions(comparison: Comparison, run: Path) -> pd.DataFrame:
    columns = ["kind", "outcome", "intended_ns", "replied_ns"]
    attempts = comparison.attempts(run, columns)
    deductions = attempts[attempts["kind"] == "deduct"]
    return deductions.assign(
        replied_s=deductions["replied_ns"] / 1e9,
        latency_ms=(deductions["replied_ns"] - deductions["intended_ns"]) / 1e6,
    )


def _waited_ms(comparison: Comparison, label: str) -> dict[str, Floats]:
    pooled: dict[str, list[Floats]] = {answer: [] for answer in ANSWERS.values()}
    for run in comparison.runs(label):
        deductions = _deductions(comparison, run)
        for outcome, answer in ANSWERS.items():
            waited = deductions.loc[deductions["outcome"] == outcome, "latency_ms"]
            pooled[answer].append(waited.to_numpy(dtype="float64"))
    return {answer: np.concatenate([*parts, []]) for answer, parts in pooled.items()}


def _stock_curve(comparison: Comparison, label: str, run: Path) -> StockCurve | None:
    seen = comparison.timeline(run)
    moved = _movements(comparison, run)
    if seen.empty or moved.empty:
        return None
    opening = int(seen["remaining"].iloc[0])
    left = opening - moved["taken"].cumsum().to_numpy(dtype="float64")
    at_s = moved["replied_ns"].to_numpy(dtype="float64") / 1e9
    start = np.zeros(1)
    at_s, left = np.concatenate([start, at_s]), np.concatenate([start + opening, left])
    kept, kept_seen = _thinned(len(at_s)), _thinned(len(seen))
    return StockCurve(
        label=label,
        run=run.name,
        opening=opening,
        at_s=at_s[kept],
        unpromised=left[kept],
        reported_at_s=seen["at_ns"].to_numpy(dtype="float64")[kept_seen] / 1e9,
        reported=seen["remaining"].to_numpy(dtype="float64")[kept_seen],
    )


def _movements(comparison: Comparison, run: Path) -> pd.DataFrame:
    """Units promised and given back, by the time at which the buyer was told."""
    columns = ["kind", "outcome", "units", "replied_ns"]
    attempts = comparison.attempts(run, columns)
    taken = (attempts["kind"] == "deduct") & (attempts["outcome"] == "deducted")
    given = (attempts["kind"] != "deduct") & attempts["outcome"].isin(GIVEN_BACK)
    sign = taken.astype("int64") - given.astype("int64")
    moved = attempts.assign(taken=sign * attempts["units"])[sign != 0]
    return moved.sort_values("replied_ns", kind="stable")


def _thinned(length: int) -> npt.NDArray[np.int64]:
    """Positions of at most `_MOST_POINTS` samples, the first and the last always among them."""
    return np.unique(np.linspace(0, length - 1, min(length, _MOST_POINTS)).astype("int64"))
