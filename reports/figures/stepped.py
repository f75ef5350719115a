"""What happened as the load rose: latency by rate with the knee, goodput by clients with its law.

write_steps(Path("runs/..."))   # the fields `knee` and `usl` of comparison.json -> steps.svg
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FixedLocator, FuncFormatter, Locator, LogLocator, NullFormatter

from reports.figures.picture import WIDE_IN
from reports.style import MUTED, colour_of, house_style, standing_alone, svg_of

PICTURE = "steps.svg"
_EACH_IN = 3.4
Row = Mapping[str, Any]


def write_steps(folder: Path) -> Path | None:
    """Draw what the record holds; answers where the picture is, None if it holds no steps."""
    record: Row = json.loads((folder / "comparison.json").read_text(encoding="utf-8"))
    knees, curves = record.get("knee") or [], record.get("usl") or []
    if not knees and not curves:
        return None
    drawn = draw_knees(knees) if knees else draw_curves(curves)
    title = knee_title(knees) if knees else curve_title(curves)
    path = folder / PICTURE
    path.write_text(standing_alone(svg_of(drawn, "steps"), title) + "\n", encoding="utf-8")
    return path


def knee_title(knees: Sequence[Row]) -> str:
    """The finding: who keeps up with how much."""
    found = sorted(knees, key=lambda knee: -(knee["knee_per_s"] or 0))
    said = [
        f"{knee['strategy']} {knee['knee_per_s']:,.0f}/s"
        if knee["knee_per_s"]
        else f"{knee['strategy']}: below every rate tried"
        for knee in found
    ]
    return f"Kept up with: {', '.join(said)}"


def draw_knees(knees: Sequence[Row]) -> Figure:
    """The 99th percentile by rate, one line a strategy, its knee marked, the limit dashed."""
    with house_style():
        drawn = Figure((WIDE_IN, _EACH_IN), layout="constrained")
        axes = drawn.subplots()
        for knee in knees:
            timed = [step for step in knee["steps"] if step["p99_ms"] is not None]
            colour = colour_of(knee["strategy"])
            rates, waits = [s["rate_per_s"] for s in timed], [s["p99_ms"] for s in timed]
            axes.plot(rates, waits, "o-", color=colour, markersize=3.5, label=knee["strategy"])
            if knee["knee_per_s"] is not None:
                axes.axvline(knee["knee_per_s"], color=colour, linewidth=0.9, linestyle=":")
        axes.axhline(knees[0]["limit_ms"], color=MUTED, linewidth=0.9, linestyle=(0, (4, 3)))
        axes.set_xlabel("orders that arrive, a second")
        axes.set_ylabel("p99 of accepted orders, ms")
        axes.set_yscale("log")
        _dress(axes, LogLocator(subs=(1, 1.5, 2, 3, 4, 5, 7), numticks=12))
    return drawn


def curve_title(curves: Sequence[Row]) -> str:
    """The finding: where each is at its best."""
    said = []
    for curve in curves:
        clients, rate = max(((p["clients"], p["goodput_per_s"]) for p in curve["points"]),
                            key=lambda point: point[1])  # fmt: skip
        said.append(f"{curve['strategy']} {rate:,.0f}/s with {clients}")
    return f"At its best: {', '.join(said)} clients"


def draw_curves(curves: Sequence[Row]) -> Figure:
    """Goodput by clients: the runs as points, the fitted law as a line."""
    with house_style():
        drawn = Figure((WIDE_IN, _EACH_IN), layout="constrained")
        axes = drawn.subplots()
        for curve in curves:
            colour = colour_of(curve["strategy"])
            clients = np.asarray([point["clients"] for point in curve["points"]], dtype=float)
            rates = [point["goodput_per_s"] for point in curve["points"]]
            axes.plot(clients, rates, "o", color=colour, markersize=3.5, label=curve["strategy"])
            law = curve["law"]
            if law is not None:
                at = np.geomspace(clients.min(), clients.max(), 60)
                down = 1 + law["waits"] * (at - 1) + law["talks"] * at * (at - 1)
                axes.plot(at, law["alone_per_s"] * at / down, color=colour, linewidth=1.2)
        axes.set_xlabel("clients")
        axes.set_ylabel("goodput, orders /s")
        axes.set_ylim(bottom=0)
        _dress(axes, FixedLocator(sorted({p["clients"] for c in curves for p in c["points"]})))
    return drawn


def _dress(axes: Axes, ticks: Locator) -> None:
    axes.set_xscale("log")
    axes.xaxis.set_major_locator(ticks)
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,.0f}"))
    axes.xaxis.set_minor_formatter(NullFormatter())
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,.10g}"))
    axes.yaxis.set_minor_formatter(NullFormatter())
    axes.grid(axis="y")
    axes.legend(frameon=False, loc="best")
