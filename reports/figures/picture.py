"""What a picture is: a title that states its finding, words for whom cannot see it, a drawing."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, LogLocator, NullFormatter

from reports.load import Comparison
from reports.style import VERDICTS

WIDE_IN, NARROW_IN = 7.8, 3.65
"""Widths in inches, for a page on a desk and for one on a phone: type has the same size on both."""


@dataclass(frozen=True, slots=True)
class InFigures:
    """What a picture shows, as a table. The first `words` columns are words, the others figures."""

    heads: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    words: int = 1


@dataclass(frozen=True, slots=True)
class Drawing:
    """A figure, what it found and shows in words, its figures if no table has them, and a note."""

    title: str
    words: str
    figure: Figure
    figures: InFigures | None = None
    note: str = ""


@dataclass(frozen=True, slots=True)
class Picture:
    """A kind of picture. `draw` answers none when the records hold nothing to draw."""

    name: str
    how_to_read: str
    draw: Callable[[Comparison, bool], Drawing | None]


def panels(
    count: int, narrow: bool, each_in: tuple[float, float], room_in: float, sharey: bool = False
) -> tuple[Figure, list[Axes]]:
    """A figure of so many small panels, three in a line or one below the other, none left blank.

    `each_in` is the height of a panel on a wide and a narrow page, `room_in` what is around them.
    """
    columns = min(1 if narrow else 3, count)
    lines = math.ceil(count / columns)
    size = (NARROW_IN if narrow else WIDE_IN, room_in + each_in[narrow] * lines)
    drawn = Figure(size, layout="constrained")
    grid = list(drawn.subplots(lines, columns, squeeze=False, sharey=sharey).flatten())
    for axes in grid[count:]:
        axes.set_axis_off()
    return drawn, grid[:count]


def decades_only(axis: Axis, narrow: bool = False) -> None:
    """A logarithmic axis with figures that can be read, also when it spans less than a decade."""
    low, high = axis.get_view_interval()
    many = math.log10(high / low) > (1.2 if narrow else 2.6)
    axis.set_major_locator(LogLocator(subs=(1.0,) if many else (1.0, 2.0, 5.0), numticks=9))
    axis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,g}"))
    axis.set_minor_formatter(NullFormatter())


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
