"""How many deductions a second each strategy makes, and whether that figure may be believed."""

from __future__ import annotations

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, MaxNLocator

from reports.figures.picture import (
    NARROW_IN,
    WIDE_IN,
    Drawing,
    Picture,
    decades,
    sideways,
    verdict_label,
)
from reports.findings import interval_of
from reports.load import Comparison
from reports.standing import Standing, standing_of
from reports.style import GRID, INK, MUTED, VOID, colour_of, house_style
from reports.wording import figure as in_figures
from reports.wording import is_figure

_LOG_FROM_DECADES = 2.0  # above this a linear axis would leave the slow ones without a visible bar


def draw(comparison: Comparison, narrow: bool = False) -> Drawing | None:
    """Horizontal bars with intervals; void ones hatched, and labelled so. The floor is left out."""
    standing = standing_of(comparison)
    shown = standing.in_order
    rows = shown[~shown["floor"]].dropna(subset=["goodput_per_s"])
    if rows.empty:
        return None
    with house_style():
        height = 0.75 + 0.36 * len(rows) * (1.35 if narrow else 1)
        figure = Figure((NARROW_IN if narrow else WIDE_IN, height), layout="constrained")
        axes = figure.subplots()
        logarithmic = decades(rows["goodput_per_s"].tolist()) > _LOG_FROM_DECADES
        if logarithmic:
            axes.set_xscale("log")
        for place, (_, row) in enumerate(rows.iterrows()):
            _bar(axes, place, row)
            _words_beside(axes, place, row, narrow)
        if 0 < (rivals := int((~rows["control"]).sum())) < len(rows):
            axes.axhline(
                rivals - (0.7 if narrow else 0.5), color=MUTED, linewidth=0.8, linestyle=(0, (4, 3))
            )
        sideways(axes, [""] * len(rows) if narrow else rows["label"].tolist())
        _limits(axes, rows, logarithmic, narrow)
        if not logarithmic:
            axes.xaxis.set_major_locator(MaxNLocator(4 if narrow else 7))
        axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,g}"))
        scale = ", logarithmic" if logarithmic else ""
        axes.set_xlabel(f"goodput, deductions per second{scale}")
    return Drawing(_title(standing), _words(rows), figure)


PICTURE = Picture(
    name="goodput",
    how_to_read=(
        "Bars are medians of the repetitions, the dark lines on them bootstrap intervals. A hatched"
        " bar is void: a strategy that sold what was not there has no speed. Goodput counts"
        " first-time deductions until the stock ran out, never replays."
    ),
    draw=draw,
)


def _bar(axes: Axes, place: int, row: pd.Series) -> None:
    sound = row["verdict"] == "holds" and not row["control"]
    axes.barh(
        place,
        row["goodput_per_s"],
        height=0.56,
        color=colour_of(row["strategy"]) if sound else "none",
        edgecolor=VOID if _void(row) else (colour_of(row["strategy"]) if sound else MUTED),
        hatch="////" if _void(row) else None,
        linewidth=0.8,
    )
    low, high = row["goodput_per_s_low"], row["goodput_per_s_high"]
    if is_figure(low) and is_figure(high):
        axes.plot([low, high], [place, place], color=INK, linewidth=1.3, solid_capstyle="butt")
        for end in (low, high):
            axes.plot([end, end], [place - 0.13, place + 0.13], color=INK, linewidth=1.3)


def _words_beside(axes: Axes, place: int, row: pd.Series, narrow: bool) -> None:
    """The figure and its verdict: to the right of the bar, or above it where there is no room."""
    kind = ", a control" if row["control"] else ""
    text = f"{in_figures(row['goodput_per_s'])}/s {verdict_label(row)}{kind}"
    colour = VOID if _void(row) else INK
    if narrow:
        axes.annotate(
            f"{row['label']}  {text}",
            (0, place - 0.33),
            xycoords=axes.get_yaxis_transform(),
            va="bottom",
            color=colour,
            fontsize=8.5,
        )
        return
    end = max(v for v in (row["goodput_per_s"], row["goodput_per_s_high"]) if is_figure(v))
    axes.annotate(text, (end, place), (6, 0), textcoords="offset points", va="center", color=colour)


def _limits(axes: Axes, rows: pd.DataFrame, logarithmic: bool, narrow: bool) -> None:
    """From zero, or from below the slowest, to the fastest and room for the words beside it."""
    ends = rows[["goodput_per_s", "goodput_per_s_high"]].max(axis=1)
    right, room = float(ends.max()) or 1.0, 1.03 if narrow else 1.36
    left = float(ends[ends > 0].min()) / 4 if logarithmic else 0.0
    axes.set_xlim(left, left * (right / left) ** room if logarithmic else right * room)
    axes.axvline(left, color=GRID, linewidth=1)


def _title(standing: Standing) -> str:
    void = [*standing.void["goodput_per_s"], *standing.controls["goodput_per_s"]]
    first = standing.fastest
    if first is None:
        return "None of these speeds may be believed: no strategy holds"
    title = f"{first['label']} holds at {interval_of(first)}"
    if standing.offered_per_s is not None:
        slowest = standing.holding["goodput_per_s"].min()
        asked = in_figures(standing.offered_per_s)
        return (
            f"Those that hold deduct {in_figures(slowest)}/s or more of {asked} orders/s asked for"
        )
    if standing.level:
        title = (
            f"The fastest that hold are level at about {in_figures(first['goodput_per_s'], 2)}/s"
        )
    faster = [speed for speed in void if is_figure(speed) and speed > first["goodput_per_s"]]
    return f"{title}; what is faster is void" if faster else title


def _words(rows: pd.DataFrame) -> str:
    said = (f"{row['label']} {interval_of(row)}, {row['verdict']}" for _, row in rows.iterrows())
    return f"Goodput: {'; '.join(said)}."


def _void(row: pd.Series) -> bool:
    return bool(row["verdict"] == "void")
