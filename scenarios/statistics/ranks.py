"""Do strategies differ, or was it chance? Ranks of repetitions, which need no bell curve.

Goodput of a repetition is skewed and has outliers (a checkpoint, a noisy neighbour), so means and
their errors mislead. The Mann-Whitney test asks how often a repetition of one beats a repetition of
the other; Holm's correction pays for asking it of several strategies at once (S. Holm, "A Simple
Sequentially Rejective Multiple Test Procedure", Scandinavian Journal of Statistics 6, 1979).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from statistics import median
from typing import Any

import numpy as np

ALPHA = 0.05


@dataclass(frozen=True, slots=True)
class Difference:
    """One strategy beside another. `p` is corrected; `effect` is Cliff's delta, from -1 to 1."""

    ratio: float  # of the medians
    ratio_low: float
    ratio_high: float
    p: float
    effect: float

    @property
    def significant(self) -> bool:
        """Would chance alone hardly ever show as much?"""
        return self.p < ALPHA


def mann_whitney_p(some: Sequence[float], others: Sequence[float]) -> float:
    """How often chance alone would set two such samples so far apart, in either direction."""
    from scipy.stats import mannwhitneyu  # takes a while, and is wanted after the last run

    return float(mannwhitneyu(some, others, alternative="two-sided", method="auto").pvalue)


def cliffs_delta(some: Sequence[float], others: Sequence[float]) -> float:
    """How much more often one of `some` beats one of `others` than the other way: -1 to 1.

    Source: N. Cliff, "Dominance Statistics", Psychological Bulletin 114(3), 1993.
    """
    return float(np.sign(np.subtract.outer(np.asarray(some), np.asarray(others))).mean())


def holm(chances: Sequence[float]) -> list[float]:
    """The same chances, corrected for how many questions were asked."""
    found = [0.0] * len(chances)
    highest = 0.0
    for rank, place in enumerate(sorted(range(len(chances)), key=chances.__getitem__)):
        highest = max(highest, min(1.0, (len(chances) - rank) * chances[place]))
        found[place] = highest
    return found


def ratio_interval(
    some: Sequence[float], others: Sequence[float], seed: int = 0, draws: int = 2_000
) -> tuple[float, float]:
    """A 95 % bootstrap interval of the ratio of two medians."""
    dice = np.random.default_rng(seed)
    medians = [
        np.median(dice.choice(np.asarray(values, dtype=float), (draws, len(values))), axis=1)
        for values in (some, others)
    ]
    low, high = np.percentile(medians[0] / np.maximum(medians[1], 1e-12), [2.5, 97.5])
    return float(low), float(high)


def differences(
    pairs: Sequence[tuple[Sequence[float], Sequence[float]]], seed: int = 0
) -> list[Difference]:
    """What to say of several pairs of samples, asked at once."""
    corrected = holm([mann_whitney_p(some, others) for some, others in pairs])
    return [
        Difference(
            median(some) / max(median(others), 1e-12),
            *ratio_interval(some, others, seed),
            p,
            cliffs_delta(some, others),
        )
        for (some, others), p in zip(pairs, corrected, strict=True)
    ]


Rows = Sequence[Mapping[str, Any]]


def against_the_best(repetitions: Sequence[Rows], seed: int = 0) -> list[dict[str, Any]]:
    """Every strategy that holds beside the best of them, given the rows of their repetitions.

    Empty with nobody to compare. Void runs, controls and the floor are not asked: their speed means
    nothing. With fewer than five repetitions of each, no difference could be significant.
    """
    rivals = [rows for rows in repetitions if all(map(_in_the_race, rows))]
    if len(rivals) < 2:
        return []
    ranked = sorted(rivals, key=lambda rows: median(_speeds(rows)), reverse=True)
    best, others = ranked[0], ranked[1:]
    found = differences([(_speeds(rows), _speeds(best)) for rows in others], seed)
    return [
        {**_name(rows[0]), "best": best[0]["strategy"], "best_stack": best[0]["stack"]}
        | asdict(each)
        | {"significant": each.significant}
        for rows, each in zip(others, found, strict=True)
    ]


def _in_the_race(row: Mapping[str, Any]) -> bool:
    judged = row["verdict"] == "holds" and not row.get("control")
    return judged and row.get("family") != "floor" and row["stack"] != "null"


def _speeds(rows: Rows) -> list[float]:
    return [row["goodput_per_s"] for row in rows]


def _name(row: Mapping[str, Any]) -> dict[str, Any]:
    rule = {"rule": row["rule"]} if row.get("rule") else {}
    return {"strategy": row["strategy"], "stack": row["stack"], **rule}
