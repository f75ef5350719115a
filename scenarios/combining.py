"""Repetitions into one row: medians of what was measured, the worst of what went wrong.

| fields | combined by |
|---|---|
| goodput, latencies, sold-out time, shares, fsync | median of the repetitions that have them |
| goodput_per_s_low, goodput_per_s_high | bootstrap interval of the median |
| the figures of a shop, and what a success cost | median of the repetitions that have them |
| attempts and their parts, other verbs, refused by reason | sum |
| violation counts, units left over, causes | worst repetition |
| what faults did; how often they struck | worst repetition; sum |
| verdict | void if any is void, else unknown if any is unknown, else holds |
| driver_bound | true if any repetition was |
"""

from __future__ import annotations

import operator
from collections.abc import Iterable, Mapping, Sequence
from statistics import median
from typing import Any

from scenarios.statistics import median_interval

MEDIANS = (
    "goodput_per_s",
    "sold_out_after_s",
    "accepted_latency_ms_p50",
    "accepted_latency_ms_p99",
    "refused_latency_ms_p50",
    "refused_latency_ms_p99",
    "fsync_us",
    "driver_cpu_share",
    "schedule_lag_ms_p99",
    "warm_up_s",
)
SUMS = (
    "attempts",
    "deducted",
    "replayed",
    "refused",
    "contended",
    "errors",
    "unknown",
    "dropped",
)
WORST = (
    "oversold_units",
    "undersold_units",
    "units_left_over",
    "duplicated_orders",
    "lost_orders",
    "phantom_orders",
    "answers_changed",
    "leaked_units",
    "surplus_units",
)
_VERDICTS = ("void", "unknown", "holds")


def combine(rows: Sequence[Mapping[str, Any]], seed: int = 0) -> dict[str, Any]:
    """One row of the rows of the repetitions of one strategy on one stack."""
    assert rows, "nothing to combine"
    combined = dict(rows[-1])
    combined["repetitions"] = len(rows)
    for name in MEDIANS:
        values = [row[name] for row in rows if row.get(name) is not None]
        combined[name] = median(values) if values else None
    rates = [row["goodput_per_s"] for row in rows]
    low, high = median_interval(rates, seed)
    combined["goodput_per_s_low"], combined["goodput_per_s_high"] = low, high
    for name in SUMS:
        combined[name] = sum(row[name] for row in rows)
    for name in WORST:
        combined[name] = max(row[name] for row in rows)
    combined["undersold_by_cause"] = merge((row["undersold_by_cause"] for row in rows), max)
    for name in ("refused_by_reason", "other_verbs"):
        combined[name] = merge((row[name] for row in rows), operator.add)
    if "faults" in combined:
        combined["faults"] = _faults([row["faults"] for row in rows])
    for name in ("shop", "cost"):
        if name in combined:
            combined[name] = _medians([row[name] for row in rows])
    if "settled_after_s" in combined:
        settled_s = [row["settled_after_s"] for row in rows]
        combined["settled_after_s"] = None if None in settled_s else max(settled_s)
    combined["driver_bound"] = any(row["driver_bound"] for row in rows)
    verdicts = {row["verdict"] for row in rows}
    combined["verdict"] = next(word for word in _VERDICTS if word in verdicts)
    combined["promises_broken"] = _union(row["promises_broken"] for row in rows)
    combined["judged"] = _union(row["judged"] for row in rows)
    combined["note"] = "; ".join(_union([row["note"]] if row["note"] else [] for row in rows))
    combined["runs"] = [run for row in rows for run in row["runs"]]
    return combined


def merge(parts: Iterable[Mapping[str, int]], join: Any) -> dict[str, int]:
    """Counts by word, joined word by word (a word that is absent counts 0)."""
    merged: dict[str, int] = {}
    for part in parts:
        for word, count in part.items():
            merged[word] = join(merged.get(word, 0), count)
    return merged


def _faults(parts: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """How often each fault struck in all; of what it did, the worst repetition."""
    found: dict[str, Any] = {"struck": merge((part["struck"] for part in parts), operator.add)}
    for name in parts[-1]:
        if name != "struck":
            values = [part[name] for part in parts if part.get(name) is not None]
            found[name] = max(values) if values else None
    return found


def _medians(parts: Sequence[Mapping[str, float | None]]) -> dict[str, float | None]:
    """Of each figure, the median of the repetitions that have it."""
    names = dict.fromkeys(name for part in parts for name in part)
    values = {
        name: [value for part in parts if (value := part.get(name)) is not None] for name in names
    }
    return {name: median(some) if some else None for name, some in values.items()}


def _union(lists: Iterable[Iterable[str]]) -> list[str]:
    return list(dict.fromkeys(word for words in lists for word in words))
