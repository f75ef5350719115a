"""Goodput over time in a run with faults: how deep it fell, and how soon it was back."""

from __future__ import annotations

import math

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from reports.faults import Span, has_faults, mark, spans_of, told
from reports.figures.picture import NARROW_IN, WIDE_IN, Drawing, Picture
from reports.load import Comparison
from reports.samples import throughput
from reports.standing import standing_of
from reports.style import INK, MUTED, colour_of, house_style
from reports.wording import figure as in_figures
from reports.wording import is_figure, listed

_COLUMNS_WIDE, _COLUMNS_NARROW = 3, 1


def draw(comparison: Comparison, narrow: bool = False) -> Drawing | None:
    """One small panel a strategy, of its first repetition."""
    if not has_faults(comparison):
        return None
    rows = standing_of(comparison).in_order
    rates = throughput(comparison)
    shown = [row for _, row in rows.iterrows() if (rates["label"] == row["label"]).any()]
    if not shown:
        return None
    spans = {row["label"]: spans_of(comparison, comparison.runs(row["label"])[0]) for row in shown}
    with house_style():
        columns = min(_COLUMNS_NARROW if narrow else _COLUMNS_WIDE, len(shown))
        lines = math.ceil(len(shown) / columns)
        size = (NARROW_IN, 0.45 + 1.25 * lines) if narrow else (WIDE_IN, 0.5 + 1.5 * lines)
        drawn = Figure(size, layout="constrained")
        grid = drawn.subplots(lines, columns, squeeze=False).flatten()
        for axes, row in zip(grid, shown, strict=False):
            own = rates[rates["label"] == row["label"]]
            _panel(axes, own[own["run"] == own["run"].iloc[0]], row, spans[row["label"]])
        for axes in grid[len(shown) :]:
            axes.set_axis_off()
        drawn.supxlabel(
            "time since the start, s (each panel has its own scale of deductions)",
            fontsize=9,
            color=MUTED,
        )
        drawn.supylabel("deductions/s", fontsize=9, color=MUTED)
    return Drawing(_title(rows), _words(shown, spans), drawn)


PICTURE = Picture(
    name="comeback",
    how_to_read=(
        "First-time deductions a second, in the first repetition. Where a time is shaded, a fault"
        " lasted: a server was away, a process stood still, a share of the buyers was befallen."
    ),
    draw=draw,
)


def _panel(axes: Axes, rates: pd.DataFrame, row: pd.Series, spans: list[Span]) -> None:
    mark(axes, spans)
    axes.plot(rates["at_s"], rates["deducted_per_s"], color=colour_of(row["strategy"]), linewidth=2)
    axes.set_title(row["label"], color=INK)
    axes.set_xlim(0)
    axes.set_ylim(0)
    axes.xaxis.set_major_locator(MaxNLocator(4))
    axes.yaxis.set_major_locator(MaxNLocator(3, integer=True))
    axes.tick_params(length=0, labelcolor=MUTED)
    axes.grid(axis="y")


def _title(rows: pd.DataFrame) -> str:
    took = {row["label"]: row["faults"].get("back_after_s") for _, row in rows.iterrows()}
    known = {label: value for label, value in took.items() if is_figure(value)}
    if not known:
        return "What buyers got while faults struck"
    slowest = max(known, key=lambda label: known[label])
    longest = f"{in_figures(known[slowest], 2)} s"
    if len(known) == 1:
        return f"{slowest} was back after {longest}"
    return f"Of those that came back, {slowest} took the longest, {longest}"


def _words(shown: list[pd.Series], spans: dict[str, list[Span]]) -> str:
    said = [f"{row['label']}: {told(spans[row['label']]) or 'no fault lasted'}" for row in shown]
    return f"Deductions a second over time. Faults: {listed(said)}."
