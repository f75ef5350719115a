"""Strategies measured live in a situation: as a crowd, in short runs that are interleaved."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from scenarios.measuring.campaign import Progress, measure
from scenarios.recommending.estimating import Figures
from scenarios.recommending.evidence import Measured
from scenarios.recommending.question import Question, crowd_of


@dataclass(frozen=True, slots=True)
class Extent:
    """So many repetitions of so many seconds, the strategies in random order in each."""

    repetitions: int = 3
    seconds: float = 0.6


def tried(
    question: Question,
    names: Sequence[str],
    extent: Extent,
    out: Path,
    progress: Callable[[Progress], None] = lambda _: None,
) -> dict[str, Measured]:
    """Measure these strategies; runs that are in `out` already are kept."""
    comparison = measure(
        crowd_of(question),
        names,
        seconds=extent.seconds,
        repetitions=extent.repetitions,
        out=out,
        progress=progress,
    )
    return {row["strategy"]: _measured(row) for row in comparison.rows}


def beside(measured: Mapping[str, Measured], figures: Figures) -> dict[str, Measured]:
    """What was measured, with what was predicted of the same."""
    return {
        name: replace(row, predicted_per_s=figures[name].per_s)
        for name, row in measured.items()
        if name in figures
    }


def _measured(row: Mapping[str, Any]) -> Measured:
    return Measured(
        per_s=row["goodput_per_s"],
        low=row["goodput_per_s_low"],
        high=row["goodput_per_s_high"],
        p99_ms=row["accepted_latency_ms_p99"] or 0.0,
        verdict=row["verdict"],
    )
