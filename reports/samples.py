"""From recorded attempts to what pictures show: latency percentiles, and stock over time.

Only the columns needed are read, one run at a time: a comparison may hold millions of attempts.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd

from reports.load import Comparison

Floats = npt.NDArray[np.float64]

PERCENTILES = (50.0, 90.0, 95.0, 99.0, 99.9, 99.99, 99.999)
"""What is asked for; printed only as far as the samples allow."""

SAMPLES_BEYOND = 10
"""A percentile is worth printing when at least this many samples lie beyond it."""

ANSWERS = {"deducted": "accepted", "refused": "refused"}
"""The outcomes whose latency is shown, apart: cheap refusals would flatter a percentile."""

_TAKEN = {("deduct", "deducted"), ("pay", "paid_late")}
_GIVEN_BACK = {("roll_back", "rolled_back"), ("roll_back", "refunded"), ("expire", "expired")}

_MOST_POINTS = 240

_KEPT = 2
"""Results of so many comparisons are kept: a wide and a narrow picture show the same. Read only."""


@dataclass(frozen=True, slots=True)
class StockCurve:
    """One run's stock over time: what buyers were promised, and what the store itself said.

    `unpromised` is the opening stock less every unit that a buyer was promised so far: below zero,
    whatever the store believes. `reported` are the samples of the store's counter.
    """

    label: str
    run: str
    opening: int
    oversold: int  # as the checks judged it, the only judges there are
    at_s: Floats
    unpromised: Floats
    reported_at_s: Floats
    reported: Floats
    folder: Path

    @property
    def still_offered(self) -> int:
        """Units that the store offers at the end though buyers were promised them."""
        return int(self.reported[-1] - self.unpromised[-1])


@dataclass(frozen=True, slots=True)
class CopyCurve:
    """How old the stock in the rows was at each look, where keys decide and rows learn of it."""

    label: str
    at_s: Floats
    age_ms: Floats
    folder: Path


@lru_cache(maxsize=_KEPT)
def latencies(comparison: Comparison) -> pd.DataFrame:
    """One row a strategy, answer and percentile: `label, answer, percentile, latency_ms, samples`.

    Latency counts from the intended time, so that a late sender does not hide a slow store. A
    percentile is the median of the repetitions that have samples enough for it, as in the table.
    """
    found = []
    for label in comparison.rows["label"]:
        waited = pd.DataFrame(_run_percentiles(comparison, label), columns=_PER_RUN)
        samples = waited.groupby(["answer", "run"])["samples"].first().groupby("answer").sum()
        for (answer, percentile), own in waited.groupby(["answer", "percentile"]):
            middle = float(own["latency_ms"].median())
            found.append((label, answer, percentile, middle, int(samples[answer])))
    columns = ["label", "answer", "percentile", "latency_ms", "samples"]
    return pd.DataFrame(found, columns=columns)


def percentiles(samples: Floats) -> Iterator[tuple[float, float]]:
    """Those of `PERCENTILES` for which there are samples enough, and their values."""
    # Rounded, because a tenth of a percent of 10,000 is 9.999… in floating point.
    enough = [p for p in PERCENTILES if round(len(samples) * (100 - p) / 100, 6) >= SAMPLES_BEYOND]
    if enough:
        yield from zip(enough, map(float, np.percentile(samples, enough)), strict=True)


@lru_cache(maxsize=_KEPT)
def stock_curves(comparison: Comparison) -> tuple[StockCurve, ...]:
    """One curve a strategy: its worst repetition, that oversold most or still offers most."""
    found = []
    for label in comparison.rows["label"]:
        curves = [stock_curve(comparison, label, run) for run in comparison.runs(label)]
        drawn = [curve for curve in curves if curve is not None]
        if drawn:
            found.append(max(drawn, key=lambda curve: (curve.oversold, curve.still_offered)))
    return tuple(found)


@lru_cache(maxsize=_KEPT)
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


_PER_RUN = ["run", "answer", "percentile", "latency_ms", "samples"]


def _run_percentiles(
    comparison: Comparison, label: str
) -> Iterator[tuple[str, str, float, float, int]]:
    """The percentiles of each repetition, without its warm-up."""
    for run in comparison.runs(label):
        deductions = _deductions(comparison, run)
        warm = deductions["replied_s"] >= comparison.judged(run).get("warm_up_s", 0.0)
        for outcome, answer in ANSWERS.items():
            waited = deductions.loc[warm & (deductions["outcome"] == outcome), "latency_ms"]
            for percentile, value in percentiles(waited.to_numpy(dtype="float64")):
                yield run.name, answer, percentile, value, len(waited)


def stock_curve(comparison: Comparison, label: str, run: Path) -> StockCurve | None:
    """The curve of one run; none if nobody looked at its stock, or nothing of it moved."""
    seen = comparison.timeline(run)
    moved = _movements(comparison, run)
    if seen.empty or moved.empty:
        return None
    # The first sample is taken before the first order is sent: it is the opening stock.
    opening = int(seen["remaining"].iloc[0])
    if opening <= 0:
        return None  # it keeps its units where the sampler does not look
    at_s, left = _unpromised(moved, opening)
    kept, kept_seen = _thinned(len(at_s)), _thinned(len(seen))
    return StockCurve(
        label=label,
        run=run.name,
        opening=opening,
        oversold=int(comparison.judged(run).get("oversold_units", 0)),
        at_s=at_s[kept],
        unpromised=left[kept],
        reported_at_s=seen["at_ns"].to_numpy(dtype="float64")[kept_seen] / 1e9,
        reported=seen["remaining"].to_numpy(dtype="float64")[kept_seen],
        folder=run,
    )


@lru_cache(maxsize=_KEPT)
def copy_curves(comparison: Comparison) -> tuple[CopyCurve, ...]:
    """One curve a strategy whose rows follow its keys: the repetition that was furthest behind."""
    found = []
    for label in comparison.rows["label"]:
        curves = [copy_curve(comparison, label, run) for run in comparison.runs(label)]
        drawn = [curve for curve in curves if curve is not None]
        if drawn:
            found.append(max(drawn, key=lambda curve: curve.age_ms.max()))
    return tuple(found)


def copy_curve(comparison: Comparison, label: str, run: Path) -> CopyCurve | None:
    """The curve of one run; none if there is no copy, or it began with another stock."""
    seen, moved = comparison.timeline(run), _movements(comparison, run)
    if "copied" not in seen or moved.empty:
        return None
    seen = seen.dropna(subset=["copied"])
    if seen.empty or seen["copied"].iloc[0] != seen["remaining"].iloc[0]:
        return None
    at_s, left = _unpromised(moved, int(seen["remaining"].iloc[0]))
    looked_s = seen["at_ns"].to_numpy(dtype="float64") / 1e9
    copied = seen["copied"].to_numpy(dtype="float64")
    age_s = [_age_s(at_s, left, *look) for look in zip(looked_s, copied, strict=True)]
    return CopyCurve(label, looked_s, np.asarray(age_s) * 1e3, run)


def _age_s(at_s: Floats, left: Floats, now_s: float, copied: float) -> float:
    """How long the oldest promise has been made that a copy with so many units does not know."""
    made = int(np.searchsorted(at_s, now_s, side="right"))
    known = np.flatnonzero(left[:made] >= copied)
    first_unknown = int(known[-1]) + 1 if len(known) else 0
    unknown = made > 0 and copied > left[made - 1]
    return max(0.0, now_s - float(at_s[first_unknown])) if unknown else 0.0


def _unpromised(moved: pd.DataFrame, opening: int) -> tuple[Floats, Floats]:
    """When the stock less all promises changed, in seconds, and what it was from then on."""
    left = opening - moved["taken"].cumsum().to_numpy(dtype="float64")
    at_s = moved["replied_ns"].to_numpy(dtype="float64") / 1e9
    start = np.zeros(1)
    return np.concatenate([start, at_s]), np.concatenate([start + opening, left])


def _movements(comparison: Comparison, run: Path) -> pd.DataFrame:
    """Units promised and given back, by the time at which the buyer was told."""
    columns = ["kind", "outcome", "units", "replied_ns"]
    attempts = comparison.attempts(run, columns)
    sign = np.zeros(len(attempts), dtype="int64")
    for moves, direction in ((_TAKEN, 1), (_GIVEN_BACK, -1)):
        for kind, outcome in moves:
            sign[(attempts["kind"] == kind) & (attempts["outcome"] == outcome)] = direction
    moved = attempts.assign(taken=sign * attempts["units"])[sign != 0]
    return moved.sort_values("replied_ns", kind="stable")


def _thinned(length: int) -> npt.NDArray[np.int64]:
    """Positions of at most `_MOST_POINTS` samples, the first and the last always among them."""
    return np.unique(np.linspace(0, length - 1, min(length, _MOST_POINTS)).astype("int64"))
