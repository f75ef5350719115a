"""The frontier: those that hold and that no other beats at everything.

One beats another when it is as good at all four (goodput, latency of accepted orders, loss window,
units undersold) and better at one. Medians and worst repetitions are compared, as in the table.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from reports.load import Comparison
from reports.losses import LossWindow, loss_window
from reports.standing import standing_of
from reports.wording import is_figure, listed, number_word


@dataclass(frozen=True, slots=True)
class Point:
    """A strategy that holds: its four figures, and who beats it at all of them."""

    label: str
    strategy: str
    goodput_per_s: float
    latency_ms: float
    loss: LossWindow
    undersold_units: int
    beaten_by: tuple[str, ...] = ()

    @property
    def costs(self) -> tuple[float, ...]:
        """The four figures, so turned that less is better."""
        return (-self.goodput_per_s, self.latency_ms, self.loss.worst_s, self.undersold_units)

    def beats(self, other: Point) -> bool:
        """As good at everything, and better at something?"""
        pairs = list(zip(self.costs, other.costs, strict=True))
        return all(mine <= yours for mine, yours in pairs) and self.costs != other.costs


def points_of(comparison: Comparison) -> tuple[list[Point], str]:
    """Those that hold and have all figures, the fastest first; and which latency: p99 or p50.

    It is p99 where at least half of them have one, which takes a thousand accepted orders in a run.
    """
    holding = standing_of(comparison).holding.dropna(subset=["goodput_per_s"])
    known = holding["accepted_latency_ms_p99"].notna()
    latency = "p99" if known.any() and known.mean() >= ENOUGH else "p50"
    found = []
    for _, row in holding.dropna(subset=[f"accepted_latency_ms_{latency}"]).iterrows():
        waited = row[f"accepted_latency_ms_{latency}"]
        undersold = int(row["undersold_units"]) if is_figure(row["undersold_units"]) else 0
        speed, loss = row["goodput_per_s"], loss_window(row)
        found.append(Point(row["label"], row["strategy"], speed, waited, loss, undersold))
    return [_with_rivals(point, found) for point in found], latency


ENOUGH = 0.5


def frontier_title(points: Sequence[Point]) -> str:
    """Who is on it, and that the others need not be looked at."""
    names = [point.label for point in points if not point.beaten_by]
    others = len(points) - len(names)
    if not others:
        return "Each has something that no other has: nobody is beaten at everything"
    if len(names) == 1:
        return f"{names[0]} is as good as any other at everything, and better at something"
    if len(names) > _NAMED_MOST:
        return (
            f"{number_word(len(names)).capitalize()} of {number_word(len(points))} strategies"
            " are on the frontier; each of the others is beaten at everything by one of them"
        )
    verb = "is" if others == 1 else "are"
    return f"The choice is among {listed(names)}; {number_word(others)} {verb} beaten at everything"


_NAMED_MOST = 4


def _with_rivals(point: Point, all_of_them: Sequence[Point]) -> Point:
    rivals = tuple(other.label for other in all_of_them if other.beats(point))
    return replace(point, beaten_by=rivals)
