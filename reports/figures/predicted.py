"""Predicted and measured, side by side: how far the simulation is off, and in which direction."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import FuncFormatter, MaxNLocator

from reports.figures.picture import (
    NARROW_IN,
    WIDE_IN,
    Drawing,
    InFigures,
    Picture,
    decades,
    decades_only,
    sideways,
)
from reports.load import Comparison
from reports.predictions import Predicted, prediction_title, prediction_words, predictions
from reports.style import INK, MUTED, PAGE, colour_of, house_style
from reports.wording import figure as in_figures
from reports.wording import is_figure

_LOG_FROM_DECADES = 1.0


def draw(comparison: Comparison, narrow: bool = False) -> Drawing | None:
    """A line a strategy, from what was measured (with its interval) to what was predicted."""
    found = predictions(comparison)
    if not found:
        return None
    with house_style():
        height = 1.0 + 0.34 * len(found) * (1.4 if narrow else 1)
        figure = Figure((NARROW_IN if narrow else WIDE_IN, height), layout="constrained")
        axes = figure.subplots()
        if decades([one.measured_per_s for one in found]) > _LOG_FROM_DECADES:
            axes.set_xscale("log")
        for place, one in enumerate(found):
            _line(axes, place, one, narrow)
        sideways(axes, [""] * len(found) if narrow else [one.label for one in found])
        _scale(axes, narrow)
        figure.legend(
            handles=_legend(), loc="outside upper left", ncols=2, frameon=False, fontsize=8.5
        )
    note = prediction_words(comparison)
    return Drawing(prediction_title(found), _words(found), figure, _in_figures(found), note)


PICTURE = Picture(
    name="predicted",
    how_to_read=(
        "Dots are measured medians, with their intervals; rings are one simulated run of the same"
        " buyers. The costs of the simulation are those of its profile: where they come from"
        " another machine, the distance says above all how unlike the machines are."
    ),
    draw=draw,
)


def _line(axes: Axes, place: int, one: Predicted, narrow: bool) -> None:
    colour = colour_of(one.strategy)
    ends = (one.measured_per_s, one.predicted_per_s)
    axes.plot(ends, [place, place], color=colour, linewidth=1.4, alpha=0.6)
    if is_figure(one.low_per_s) and is_figure(one.high_per_s):
        axes.plot([one.low_per_s, one.high_per_s], [place, place], color=INK, linewidth=1.3)
    axes.plot(ends[0], place, "o", color=colour, markersize=6)
    axes.plot(
        ends[1], place, "o", markersize=7, markerfacecolor=PAGE, markeredgecolor=colour,
        markeredgewidth=1.6,
    )  # fmt: skip
    if narrow:
        axes.annotate(
            f"{one.label}  {one.error:+.0%}", (0, place - 0.26),
            xycoords=axes.get_yaxis_transform(), va="bottom", color=INK, fontsize=8.5,
        )  # fmt: skip
        return
    axes.annotate(
        f"{one.error:+.0%}", (max(*ends, one.high_per_s), place), (8, 0),
        textcoords="offset points", va="center", color=INK,
    )  # fmt: skip


def _scale(axes: Axes, narrow: bool) -> None:
    if axes.get_xscale() == "log":
        low, high = axes.get_xlim()
        axes.set_xlim(low, high * (1.0 if narrow else (high / low) ** 0.08))
        decades_only(axes.xaxis, narrow)
    else:
        axes.set_xlim(0, axes.get_xlim()[1] * (1.0 if narrow else 1.06))
        axes.xaxis.set_major_locator(MaxNLocator(4 if narrow else 7))
        axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,g}"))
    scale = ", logarithmic" if axes.get_xscale() == "log" else ""
    axes.set_xlabel(f"goodput, deductions per second{scale}")


def _legend() -> list[Line2D]:
    ring: dict[str, Any] = {
        "markerfacecolor": PAGE,
        "markeredgecolor": MUTED,
        "markeredgewidth": 1.6,
    }
    return [
        Line2D([], [], color=INK, marker="o", markerfacecolor=MUTED, markeredgecolor=MUTED,
               label="measured"),
        Line2D([], [], linestyle="", marker="o", label="predicted", **ring),
    ]  # fmt: skip


def _in_figures(found: Sequence[Predicted]) -> InFigures:
    heads = ("strategy", "measured/s", "predicted/s", "off by", "p99 measured, ms", "p99 predicted")
    return InFigures(
        heads,
        tuple(
            (
                one.label,
                in_figures(one.measured_per_s),
                in_figures(one.predicted_per_s),
                f"{one.error:+.0%}",
                in_figures(one.measured_p99_ms),
                in_figures(one.predicted_p99_ms),
            )
            for one in found
        ),
    )


def _words(found: Sequence[Predicted]) -> str:
    said = (
        f"{one.label} {in_figures(one.measured_per_s)}/s measured,"
        f" {in_figures(one.predicted_per_s)}/s predicted"
        for one in found
    )
    return f"Goodput: {'; '.join(said)}."
