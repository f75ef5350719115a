"""How long buyers wait for an answer: the accepted and the refused apart."""

from __future__ import annotations

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import FuncFormatter, LogLocator

from reports.figures.picture import (
    NARROW_IN,
    WIDE_IN,
    Drawing,
    InFigures,
    Picture,
    sideways,
)
from reports.load import Comparison
from reports.samples import ANSWERS, latencies
from reports.standing import standing_of
from reports.style import INK, MUTED, VOID, colour_of, house_style
from reports.wording import count
from reports.wording import figure as in_figures

_MARKS = {50.0: "o", 90.0: "|", 95.0: "|", 99.0: "D", 99.9: ">", 99.99: "s", 99.999: "*"}


def draw(comparison: Comparison, narrow: bool = False) -> Drawing | None:
    """One line a strategy from p50 to the highest percentile that the samples allow."""
    rows = standing_of(comparison).in_order
    rows = rows[~rows["floor"]]
    found = latencies(comparison)
    found = found[found["label"].isin(rows["label"])]
    answers = [answer for answer in ANSWERS.values() if (found["answer"] == answer).any()]
    if not answers:
        return None
    with house_style():
        each = 0.62 + len(rows) * (0.34 if narrow else 0.3)
        size = (NARROW_IN, each * len(answers)) if narrow else (WIDE_IN, each)
        figure = Figure((size[0], size[1] + 0.45), layout="constrained")
        shape = (len(answers), 1) if narrow else (1, len(answers))
        grid = figure.subplots(*shape, squeeze=False, sharex=True, sharey=True).flatten()
        for axes, answer in zip(grid, answers, strict=True):
            _panel(axes, rows, found[found["answer"] == answer], answer)
        figure.supxlabel("latency from the intended time, ms, logarithmic", fontsize=9, color=MUTED)
        figure.legend(
            handles=_legend(found), loc="outside upper left", ncols=4, frameon=False, fontsize=8.5
        )
    return Drawing(_title(comparison, found), _words(found), figure, _in_figures(found))


PICTURE = Picture(
    name="latency",
    how_to_read=(
        "Counted from the moment at which the order should have been sent; medians of the"
        " repetitions. Each line runs from p50 to the highest percentile that at least ten samples"
        " of a repetition lie beyond."
        " Refused orders stand apart, because cheap refusals would flatter the accepted ones."
    ),
    draw=draw,
)


def _panel(axes: Axes, rows: pd.DataFrame, found: pd.DataFrame, answer: str) -> None:
    axes.set_xscale("log")
    for place, (_, row) in enumerate(rows.iterrows()):
        own = found[found["label"] == row["label"]]
        if own.empty:
            continue
        colour = colour_of(row["strategy"])
        axes.plot(own["latency_ms"], [place] * len(own), color=colour, linewidth=2.2, alpha=0.55)
        for percentile, at_ms in zip(own["percentile"], own["latency_ms"], strict=True):
            axes.plot(at_ms, place, _MARKS[percentile], color=colour, markersize=5.5)
    sideways(axes, rows["label"].tolist())
    for text, void in zip(axes.get_yticklabels(), rows["verdict"] == "void", strict=False):
        text.set_color(VOID if void else INK)
    axes.xaxis.set_major_locator(LogLocator(numticks=7))
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
    axes.xaxis.set_minor_formatter(FuncFormatter(lambda _, __: ""))
    samples = found.groupby("label")["samples"].first().sum()
    axes.set_title(f"{answer}, {count(samples)} orders")


def _legend(found: pd.DataFrame) -> list[Line2D]:
    shown = sorted(set(found["percentile"]) - {95.0})
    return [
        Line2D([], [], linestyle="", marker=_MARKS[p], color=MUTED, label=f"p{p:g}") for p in shown
    ]


def _title(comparison: Comparison, found: pd.DataFrame) -> str:
    holding = standing_of(comparison).holding["label"]
    accepted = found[(found["answer"] == "accepted") & found["label"].isin(holding)]
    if accepted.empty:
        return "How long buyers waited for an answer"
    highest = accepted["percentile"][accepted["percentile"] <= 99].max()
    ranked = accepted[accepted["percentile"] == highest].sort_values("latency_ms")
    best, worst = ranked.iloc[0], ranked.iloc[-1]
    told = f"p{highest:g} of accepted orders: {in_figures(best['latency_ms'])} ms"
    if len(ranked) == 1:
        return f"{told} with {best['label']}"
    return (
        f"{told} with {best['label']}, {in_figures(worst['latency_ms'])} ms with {worst['label']}"
    )


def _in_figures(found: pd.DataFrame) -> InFigures:
    """Every percentile that was taken; a percentile without samples enough is absent."""
    shown = sorted(set(found["percentile"]))
    rows = []
    for (label, answer), own in found.groupby(["label", "answer"], sort=False):
        taken = dict(zip(own["percentile"], own["latency_ms"], strict=True))
        figures = (in_figures(taken.get(percentile)) for percentile in shown)
        rows.append((label, answer, count(own["samples"].iloc[0]), *figures))
    heads = ("strategy", "answer", "orders", *(f"p{percentile:g}, ms" for percentile in shown))
    return InFigures(heads, tuple(rows), words=2)


def _words(found: pd.DataFrame) -> str:
    parts = []
    for (label, answer), own in found.groupby(["label", "answer"], sort=False):
        figures = ", ".join(
            f"p{p:g} {in_figures(ms)} ms"
            for p, ms in zip(own["percentile"], own["latency_ms"], strict=True)
        )
        parts.append(f"{label} {answer}: {figures}")
    return f"Latency: {'; '.join(parts)}."
