"""What was measured, as a machine at its usual pace would have done it.

Beside every run stands a *reference slice*, work that belongs to no strategy
(`measuring/reference_slice.py`): one before and one after a whole run, one after a look. Where that
went slower than it usually does, the machine did, and what was measured beside it is corrected by
as much. A slice is short, and noisy; a machine drifts for longer than a run, so a run's pace is the
median of its own and its neighbours' slices.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from statistics import median
from typing import NamedTuple

NEIGHBOURS = 2
"""Runs to either side, in the order in which they were made."""

Level = Mapping[bool, float]
"""How fast the reference work usually goes, a second: at rows (True), and at keys."""


class Beside(NamedTuple):
    """How fast the reference work went beside a run, and where it was done."""

    per_s: float
    has_rows: bool


def level_of(looks: Iterable[Beside]) -> Level:
    """The usual pace of both kinds, by the runs that there are."""
    slices: dict[bool, list[float]] = {}
    for one in looks:
        slices.setdefault(one.has_rows, []).append(one.per_s)
    return {has_rows: median(per_s) for has_rows, per_s in slices.items()}


def faster(one: Beside, level: Level) -> float:
    """How many times as fast the machine usually is as it was beside this run."""
    usual_per_s = level.get(one.has_rows)
    return usual_per_s / one.per_s if usual_per_s else 1.0


def faster_each(beside: Sequence[Beside], level: Level) -> list[float]:
    """The same of every run of a row of them, each by its neighbours as well."""
    each = [faster(one, level) for one in beside]
    return [median(each[max(0, at - NEIGHBOURS) : at + NEIGHBOURS + 1]) for at in range(len(each))]
