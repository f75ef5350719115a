"""The frontier: goodput, latency, loss window and units undersold of all that hold, at once."""

from __future__ import annotations

import math
from collections.abc import Sequence

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.transforms import offset_copy

from reports.figures.picture import (
    NARROW_IN,
    WIDE_IN,
    Drawing,
    InFigures,
    Picture,
    decades_only,
)
from reports.frontier import Point, frontier_title, points_of
from reports.load import Comparison
from reports.standing import standing_of
from reports.style import INK, MUTED, PAGE, colour_of, house_style
from reports.wording import count, listed
from reports.wording import figure as in_figures

_LINE_IN = 0.21
_COLUMNS = ((0.0, "left"), (0.075, "left"), (0.76, "right"), (1.0, "right"))
"""Where number, name, loss window and units undersold stand in the list."""


def draw(comparison: Comparison, narrow: bool = False) -> Drawing | None:
    """A plane of goodput and p99 with a number for each, and a list with the other two figures."""
    points, latency = points_of(comparison)
    if len(points) < 2:
        return None
    with house_style():
        list_in = _LINE_IN * (len(points) + 2.5)
        if narrow:
            figure = Figure((NARROW_IN, 3.1 + list_in), layout="constrained")
            plane, key = figure.subplots(2, 1, height_ratios=[3.1, list_in])
        else:
            figure = Figure((WIDE_IN, max(3.4, list_in)), layout="constrained")
            plane, key = figure.subplots(1, 2, width_ratios=[1, 1])
        _plane(plane, points, latency, narrow)
        _key(key, points, narrow)
    words, table = _words(points, latency), _in_figures(points, latency)
    return Drawing(frontier_title(points), words, figure, table, _left_out(comparison, points))


PICTURE = Picture(
    name="frontier",
    how_to_read=(
        "Only strategies that hold. To the right is faster, below is sooner. The list adds what the"
        " plane cannot show: the acknowledged orders that a power cut takes, in seconds, and the"
        " units refused though there was stock. Numbers with a thick ring are on the frontier: no"
        " other is as good at all four and better at one. The others are beaten at everything."
        " A loss window is a bound by the weakest store's durability, unless it says measured."
    ),
    draw=draw,
)


def _plane(axes: Axes, points: Sequence[Point], latency: str, narrow: bool) -> None:
    axes.set_xscale("log")
    axes.set_yscale("log")
    for number, (point, aside) in enumerate(zip(points, _asides(points), strict=True), 1):
        _bubble(axes, number, point, aside)
    axes.margins(0.2)  # room for a number that stands beside its point
    for axis in (axes.xaxis, axes.yaxis):
        decades_only(axis, narrow)
    axes.tick_params(length=0, labelcolor=MUTED)
    axes.grid(visible=True)
    axes.set_xlabel("goodput, deductions per second, logarithmic")
    axes.set_ylabel(f"{latency} of accepted orders, ms, logarithmic")


def _bubble(axes: Axes, number: int, point: Point, aside: tuple[float, float]) -> None:
    """A number in a ring where the point is, or beside it with a line to it where others are."""
    colour, at = colour_of(point.strategy), (point.goodput_per_s, point.latency_ms)
    best = not point.beaten_by
    there = offset_copy(axes.transData, axes.get_figure(root=True), *aside, units="points")
    if any(aside):
        axes.annotate(
            "", at, aside, textcoords="offset points",
            arrowprops={"arrowstyle": "-", "color": colour, "linewidth": 0.9, "shrinkA": 6,
                        "shrinkB": 0},
        )  # fmt: skip
    axes.plot(*at, "o", color=colour, markersize=3.5)
    axes.plot(
        *at,
        "o",
        transform=there,
        markersize=14,
        markerfacecolor=PAGE,
        markeredgecolor=colour,
        markeredgewidth=2.6 if best else 0.9,
    )
    axes.annotate(
        f"{number}",
        at,
        aside,
        textcoords="offset points",
        ha="center",
        va="center_baseline",
        fontsize=8,
        color=INK if best else MUTED,
        fontweight="bold" if best else "normal",
    )


def _asides(points: Sequence[Point]) -> list[tuple[float, float]]:
    """How far each number stands from its point, in points, so that no two lie on each other."""
    across = _spread([point.goodput_per_s for point in points], _PLANE_PT[0])
    upward = _spread([point.latency_ms for point in points], _PLANE_PT[1])
    taken: list[tuple[float, float]] = []
    asides = []
    for x, y in zip(across, upward, strict=True):
        free = (way for way in _WAYS if all(_apart(x, y, way, other) for other in taken))
        aside = next(free, _WAYS[0])
        taken.append((x + aside[0], y + aside[1]))
        asides.append(aside)
    return asides


_PLANE_PT = (200.0, 160.0)
_APART_PT = 16.0
_WAYS = ((0.0, 0.0), *((step * x, step * y) for step in (20.0, 36.0, 52.0)
         for x, y in ((1, 0), (0, 1), (-1, 0), (0, -1), (0.7, 0.7), (-0.7, 0.7), (0.7, -0.7),
                      (-0.7, -0.7))))  # fmt: skip


def _spread(values: Sequence[float], over_pt: float) -> list[float]:
    """Where about the values lie on a logarithmic axis of so many points."""
    logs = [math.log10(max(value, 1e-9)) for value in values]
    span = (max(logs) - min(logs)) or 1.0
    return [(log - min(logs)) / span * over_pt for log in logs]


def _apart(x: float, y: float, way: tuple[float, float], other: tuple[float, float]) -> bool:
    return math.hypot(x + way[0] - other[0], y + way[1] - other[1]) >= _APART_PT


def _key(axes: Axes, points: Sequence[Point], narrow: bool) -> None:
    """The list beside the plane: number, name, loss window, units undersold."""
    axes.set_axis_off()
    axes.set_ylim(len(points) + 0.5, -1.5)
    axes.set_xlim(0, 1)
    heads = ("", "", "a power cut\ntakes", "refused\nunits")
    for (at, side), head in zip(_COLUMNS, heads, strict=True):
        axes.text(at, -0.2, head, ha=side, va="bottom", color=MUTED, fontsize=8)
    for place, point in enumerate(points):
        best = not point.beaten_by
        said = (f"{place + 1}", point.label, point.loss.words, count(point.undersold_units))
        for (at, side), words in zip(_COLUMNS, said, strict=True):
            axes.text(
                at,
                place + 0.35,
                words,
                ha=side,
                va="center",
                fontsize=8 if narrow else 8.5,
                color=INK if best else MUTED,
                fontweight="bold" if best and at < 0.5 else "normal",
            )


def _in_figures(points: Sequence[Point], latency: str) -> InFigures:
    figures = ("goodput/s", f"{latency}, ms", "a power cut takes", "undersold")
    return InFigures(
        ("strategy", "beaten by", *figures),
        tuple(
            (
                point.label,
                listed(point.beaten_by) or "nobody",
                in_figures(point.goodput_per_s),
                in_figures(point.latency_ms),
                point.loss.words,
                count(point.undersold_units),
            )
            for point in points
        ),
        words=2,
    )


def _words(points: Sequence[Point], latency: str) -> str:
    said = [
        f"{point.label}: {in_figures(point.goodput_per_s)}/s,"
        f" {latency} {in_figures(point.latency_ms)} ms,"
        f" a power cut takes {point.loss.words}, {count(point.undersold_units)} units undersold,"
        f" {'beaten by ' + listed(point.beaten_by) if point.beaten_by else 'on the frontier'}"
        for point in points
    ]
    return f"Of those that hold: {'; '.join(said)}."


def _left_out(comparison: Comparison, points: Sequence[Point]) -> str:
    """Who holds and is not in the picture, because its latency was not taken."""
    there = {point.label for point in points}
    missing = [label for label in standing_of(comparison).holding["label"] if label not in there]
    few = "too few accepted orders for a p99"
    return f"Not shown, with {few}: {listed(missing)}." if missing else ""
