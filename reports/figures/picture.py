"""What a picture is: a title that states its finding, words for whom cannot see it, a drawing."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from reports.load import Comparison
from reports.style import VERDICTS

WIDE_IN, NARROW_IN = 7.8, 3.65
"""Widths in inches, for a page on a desk and for one on a phone: type has the same size on both."""


@dataclass(frozen=True, slots=True)
class Drawing:
    """A figure, what it found, and what it shows in words."""

    title: str
    words: str
    figure: Figure


@dataclass(frozen=True, slots=True)
class Picture:
    """A kind of picture. `draw` answers none when the records hold nothing to draw."""

    name: str
    how_to_read: str
    draw: Callable[[Comparison, bool], Drawing | None]


def verdict_label(row: pd.Series) -> str:
    """`✓ holds`: symbol and word."""
    return f"{VERDICTS.get(row['verdict'], '?')} {row['verdict']}"


def sideways(axes: Axes, names: list[str]) -> None:
    """Set up an axis of names from top to bottom, with grid lines for the figures only."""
    axes.set_yticks(range(len(names)), names)
    axes.set_ylim(len(names) - 0.4, -0.6)
    axes.tick_params(axis="both", length=0)
    axes.spines["left"].set_visible(False)
    axes.grid(axis="x")


def decades(values: list[float]) -> float:
    """How many powers of ten lie between the smallest and the largest positive value."""
    positive = [value for value in values if value > 0]
    return math.log10(max(positive) / min(positive)) if positive else 0.0
