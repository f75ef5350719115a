"""Lag over time: how far the rows are behind the keys, where keys decide and rows learn of it."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter, MaxNLocator

from reports.faults import mark, spans_of
from reports.figures.picture import Drawing, Picture, panels
from reports.load import Comparison
from reports.samples import CopyCurve, copy_curves
from reports.standing import standing_of
from reports.style import MUTED, colour_of, house_style
from reports.wording import figure as in_figures


def draw(comparison: Comparison, narrow: bool = False) -> Drawing | None:
    """One small panel a strategy that has a copy."""
    rows = standing_of(comparison).in_order
    strategies = dict(zip(rows["label"], rows["strategy"], strict=True))
    by_label = {curve.label: curve for curve in copy_curves(comparison)}
    curves = [by_label[label] for label in rows["label"] if label in by_label]
    if not curves:
        return None
    with house_style():
        drawn, grid = panels(len(curves), narrow, (1.5, 1.25), 0.5)
        for axes, curve in zip(grid, curves, strict=True):
            mark(axes, spans_of(comparison, curve.folder))
            _panel(axes, curve, colour_of(strategies[curve.label]))
        drawn.supxlabel(
            "time since the start, s (each panel has its own scales)", fontsize=9, color=MUTED
        )
        drawn.supylabel("behind, ms", fontsize=9, color=MUTED)
    return Drawing(_title(curves), _words(curves), drawn)


PICTURE = Picture(
    name="lag",
    how_to_read=(
        "Keys decide here, and rows learn of it later: how long ago the oldest sale was promised"
        " that the rows did not know yet, at each look from outside. Of each strategy, the"
        " repetition that was furthest behind."
        " Where a time is shaded, a fault lasted."
    ),
    draw=draw,
)


def _panel(axes: Axes, curve: CopyCurve, colour: str) -> None:
    axes.plot(curve.at_s, curve.age_ms, color=colour, linewidth=2)
    axes.set_title(curve.label)
    axes.set_xlim(0)
    axes.set_ylim(0, max(float(curve.age_ms.max()) * 1.08, 1.0))
    axes.xaxis.set_major_locator(MaxNLocator(4))
    axes.yaxis.set_major_locator(MaxNLocator(3))
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,g}"))
    axes.tick_params(length=0, labelcolor=MUTED)
    axes.grid(axis="y")


def _title(curves: list[CopyCurve]) -> str:
    worst = max(curves, key=lambda curve: curve.age_ms.max())
    longest = _lasted(float(worst.age_ms.max()))
    if len(curves) == 1:
        return f"The rows of {worst.label} were at most {longest} behind its keys"
    return f"Of the rows that follow keys, those of {worst.label} fell furthest behind: {longest}"


def _lasted(age_ms: float) -> str:
    return f"{in_figures(age_ms / 1e3, 1)} s" if age_ms >= 1_000 else f"{in_figures(age_ms)} ms"


def _words(curves: list[CopyCurve]) -> str:
    return f"How far the rows were behind the keys over time. {'; '.join(map(_said, curves))}."


def _said(curve: CopyCurve) -> str:
    ages = (np.median(curve.age_ms), curve.age_ms.max(), curve.age_ms[-1])
    middle, most, last = (_lasted(float(age)) for age in ages)
    return f"{curve.label}: {middle} at the median, {most} at most, {last} at the end"
