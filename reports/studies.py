"""A study as a picture: what was simulated as points, what theory says as a line.

write_study(Path("runs/study-hot_row_convoy"))  # study.json -> study.svg
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FixedLocator, FuncFormatter, NullFormatter, NullLocator

from reports.figures.picture import WIDE_IN
from reports.style import TONES, house_style, standing_alone, svg_of

RECORD, PICTURE = "study.json", "study.svg"
COLOURS = ("blue", "orange", "green", "purple")
Row = Mapping[str, Any]


def write_study(folder: Path) -> Path:
    """Write the picture beside the record; answers where it is."""
    record: dict[str, Any] = json.loads((folder / RECORD).read_text(encoding="utf-8"))
    svg = standing_alone(svg_of(draw(record), record["study"], record["title"]), record["title"])
    (folder / PICTURE).write_text(svg + "\n", encoding="utf-8")
    return folder / PICTURE


def draw(record: Row) -> Figure:
    """One panel: every series in its colour."""
    with house_style():
        drawn = Figure((WIDE_IN * 0.75, 4.2), layout="constrained")
        axes = drawn.subplots()
        series = list(dict.fromkeys(point["series"] for point in record["points"]))
        for name, colour in zip(series, COLOURS, strict=False):
            points = [point for point in record["points"] if point["series"] == name]
            _draw_series(axes, name, TONES[colour][0], sorted(points, key=lambda p: p["value"]))
        _dress(axes, record)
        axes.legend(loc="best", frameon=False)
    return drawn


def _draw_series(axes: Axes, name: str, colour: str, points: Sequence[Row]) -> None:
    said = [point for point in points if point["theory"] is not None]
    if said:
        axes.plot(
            [point["value"] for point in said],
            [point["theory"] for point in said],
            color=colour,
            linewidth=1.2,
            linestyle=(0, (4, 3)),
            label=f"{name}, in theory",
        )
    axes.plot(
        [point["value"] for point in points],
        [point["simulated"] for point in points],
        color=colour,
        linestyle="none",
        marker="o",
        markersize=6,
        label=f"{name}, simulated",
    )


def _dress(axes: Axes, record: Row) -> None:
    values = sorted({point["value"] for point in record["points"]})
    if record["logarithmic"]:
        axes.set_xscale("log")
        axes.xaxis.set_major_locator(FixedLocator(values))
        axes.xaxis.set_minor_locator(NullLocator())
        axes.xaxis.set_minor_formatter(NullFormatter())
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,g}"))
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,g}"))
    axes.set_ylim(bottom=0)
    axes.set_xlabel(record["turns"])
    axes.set_ylabel(record["reads"])
    axes.grid(visible=True, which="major")
    axes.tick_params(length=0)
