"""Was a recommendation right? Held against what every admissible strategy did, live.

Right is who holds, and reaches nine tenths of the best that holds. The judge knows nothing of how a
recommendation came about.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from scenarios.recommending.evidence import HOLDS, Measured

NEAR_ENOUGH = 0.9
"""An answer is right if it reaches this share of the best."""


@dataclass(frozen=True, slots=True)
class Judged:
    """A recommendation in a situation. `ratio`: of the best that holds; 0 if it is none at all.

    why  what is wrong with it; empty if it is right
    """

    situation: str
    best: str
    best_per_s: float
    recommended: str
    recommended_per_s: float
    ratio: float
    why: str

    @property
    def hit(self) -> bool:
        """Is it right?"""
        return not self.why


def judged(situation: str, recommended: str | None, measured: Mapping[str, Measured]) -> Judged:
    """Hold a recommendation against what was measured of everybody who was admissible."""
    held = {name: row for name, row in measured.items() if row.verdict == HOLDS}
    assert held, f"{situation}: nobody held, so nobody can be right"
    best = max(held, key=lambda name: held[name].per_s)
    most_per_s = held[best].per_s
    if recommended is None:
        return Judged(situation, best, most_per_s, "–", 0.0, 0.0, "nobody was recommended")
    row = measured.get(recommended)
    per_s = row.per_s if row else 0.0
    ratio = per_s / most_per_s
    return Judged(situation, best, most_per_s, recommended, per_s, ratio, _why(row, ratio))


def _why(row: Measured | None, ratio: float) -> str:
    if row is None:
        return "not admissible"
    if row.verdict != HOLDS:
        return f"its verdict is {row.verdict}"
    return "" if ratio >= NEAR_ENOUGH else f"{1 - ratio:.0%} below the best"
