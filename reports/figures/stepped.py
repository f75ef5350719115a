"""What happened as the load rose: latency by rate with the knee, goodput by clients with its law.

Drawn of the fields `knee` and `usl` of a record, which `measure --find-knee` and `--curve` leave.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FixedLocator, FuncFormatter, Locator, LogLocator, NullFormatter

from reports.figures.picture import NARROW_IN, WIDE_IN, Drawing, InFigures, Picture
from reports.laws import curve_title, knee_title, steps_sentences
from reports.load import Comparison
from reports.style import MUTED, colour_of, house_style, mark_of
from reports.wording import count, figure

_TALL_IN = 3.4
Row = Mapping[str, Any]


def draw_knees(comparison: Comparison, narrow: bool = False) -> Drawing | None:
    """The 99th percentile by rate, one line a strategy, its knee marked, the limit dashed."""
    knees: Sequence[Row] = comparison.about.get("knee") or ()
    if not knees:
        return None
    with house_style():
        drawn, axes = _sheet(narrow)
        for knee in knees:
            timed = [step for step in knee["steps"] if step["p99_ms"] is not None]
            colour, mark = colour_of(knee["strategy"]), mark_of(knee["strategy"])
            rates, waits = [s["rate_per_s"] for s in timed], [s["p99_ms"] for s in timed]
            axes.plot(
                rates, waits, marker=mark, color=colour, markersize=4.5, label=knee["strategy"]
            )
            if knee["knee_per_s"] is not None:
                axes.axvline(knee["knee_per_s"], color=colour, linewidth=0.9, linestyle=":")
        axes.axhline(knees[0]["limit_ms"], color=MUTED, linewidth=0.9, linestyle=(0, (4, 3)))
        axes.set_xlabel("orders that arrive, a second, logarithmic")
        axes.set_ylabel("p99 of accepted orders, ms, logarithmic")
        axes.set_yscale("log")
        _dress(axes, LogLocator(subs=(1, 2, 5) if narrow else (1, 1.5, 2, 3, 4, 5, 7), numticks=12))
    return Drawing(knee_title(knees), _words(comparison), drawn, _steps_in_figures(knees))


KNEES = Picture(
    name="knees",
    how_to_read=(
        "Every point is a run of its own, audited like any other. Dotted: the highest rate that was"
        " kept up with. Dashed: the limit. A percentile is drawn where there were samples enough."
    ),
    draw=draw_knees,
)


def draw_curves(comparison: Comparison, narrow: bool = False) -> Drawing | None:
    """Goodput by clients: the runs as points, the fitted law as a line."""
    curves: Sequence[Row] = comparison.about.get("usl") or ()
    if not curves:
        return None
    with house_style():
        drawn, axes = _sheet(narrow)
        for curve in curves:
            _curve(axes, curve)
        axes.set_xlabel("clients, logarithmic")
        axes.set_ylabel("goodput, deductions per second")
        axes.set_ylim(bottom=0)
        _dress(axes, FixedLocator(sorted({p["clients"] for c in curves for p in c["points"]})))
    return Drawing(curve_title(curves), _words(comparison), drawn, _laws_in_figures(curves))


CURVES = Picture(
    name="curves",
    how_to_read=(
        "Points are runs, lines the universal scalability law that fits them: the work that goes"
        " one at a time flattens a curve, and what clients cost each other bends it down again."
        " Where no law fits, there are only points."
    ),
    draw=draw_curves,
)


def _sheet(narrow: bool) -> tuple[Figure, Axes]:
    drawn = Figure((NARROW_IN if narrow else WIDE_IN, _TALL_IN), layout="constrained")
    return drawn, drawn.subplots()


def _curve(axes: Axes, curve: Row) -> None:
    colour, mark = colour_of(curve["strategy"]), mark_of(curve["strategy"])
    clients = np.asarray([point["clients"] for point in curve["points"]], dtype=float)
    rates = [point["goodput_per_s"] for point in curve["points"]]
    axes.plot(clients, rates, mark, color=colour, markersize=4.5, label=curve["strategy"])
    law = curve["law"]
    if law is not None:
        at = np.geomspace(clients.min(), clients.max(), 60)
        down = 1 + law["waits"] * (at - 1) + law["talks"] * at * (at - 1)
        axes.plot(at, law["alone_per_s"] * at / down, color=colour, linewidth=1.2)


def _dress(axes: Axes, ticks: Locator) -> None:
    axes.set_xscale("log")
    axes.xaxis.set_major_locator(ticks)
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,.0f}"))
    axes.xaxis.set_minor_formatter(NullFormatter())
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,.10g}"))
    axes.yaxis.set_minor_formatter(NullFormatter())
    axes.tick_params(length=0, labelcolor=MUTED)
    axes.grid(axis="y")
    axes.legend(frameon=False, loc="best")


def _steps_in_figures(knees: Sequence[Row]) -> InFigures:
    rows = [(knee["strategy"], *_step(step)) for knee in knees for step in knee["steps"]]
    return InFigures(("strategy", "orders/s", "p99, ms", "what came of it"), tuple(rows))


def _step(step: Row) -> tuple[str, str, str]:
    return figure(step["rate_per_s"]), figure(step["p99_ms"]), step.get("why") or "kept up"


def _laws_in_figures(curves: Sequence[Row]) -> InFigures:
    rows = [
        (curve["strategy"], count(point["clients"]), figure(point["goodput_per_s"]))
        for curve in curves
        for point in curve["points"]
    ]
    return InFigures(("strategy", "clients", "goodput/s"), tuple(rows))


def _words(comparison: Comparison) -> str:
    return " ".join(steps_sentences(comparison.about))
