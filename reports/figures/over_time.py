"""Goodput over time: how even it was, and in a run with faults how deep it fell and how long."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter, MaxNLocator

from reports.faults import Span, has_faults, mark, spans_of, told
from reports.figures.picture import Drawing, Picture, panels
from reports.load import Comparison
from reports.samples import throughput
from reports.standing import standing_of
from reports.style import INK, MUTED, VOID, colour_of, house_style
from reports.wording import figure as in_figures
from reports.wording import is_figure, listed

_SLICES = 60


def draw(comparison: Comparison, narrow: bool = False) -> Drawing | None:
    """One small panel a strategy, of its first repetition."""
    rows = standing_of(comparison).in_order
    rates = _first_runs(throughput(comparison, _SLICES))
    shown = [row for _, row in rows[~rows["floor"]].iterrows() if row["label"] in rates]
    if not shown:
        return None
    spans = {row["label"]: spans_of(comparison, comparison.runs(row["label"])[0]) for row in shown}
    with house_style():
        drawn, grid = panels(len(shown), narrow, (1.5, 1.25), 0.5)
        for axes, row in zip(grid, shown, strict=True):
            _panel(axes, rates[row["label"]], row, spans[row["label"]])
        drawn.supxlabel(
            "time since the start, s (each panel has its own scales)", fontsize=9, color=MUTED
        )
        drawn.supylabel("deductions/s", fontsize=9, color=MUTED)
    title = _came_back(rows) if has_faults(comparison) else _evenness(rows, rates)
    return Drawing(title, _words(shown, spans), drawn)


PICTURE = Picture(
    name="over_time",
    how_to_read=(
        "First-time deductions a second, in the first repetition, until the last of them. Where a"
        " time is shaded, a fault lasted: a server was away, a process stood still, a share of the"
        " buyers was befallen."
    ),
    draw=draw,
)


def _first_runs(rates: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """Of each row the rates of its first repetition."""
    return {
        label: own[own["run"] == own["run"].iloc[0]]
        for label, own in rates.groupby("label", sort=False)
    }


def _panel(axes: Axes, rates: pd.DataFrame, row: pd.Series, spans: list[Span]) -> None:
    mark(axes, spans)
    axes.plot(rates["at_s"], rates["deducted_per_s"], color=colour_of(row["strategy"]), linewidth=2)
    void = row["verdict"] == "void"
    axes.set_title(f"{row['label']}: void" if void else row["label"], color=VOID if void else INK)
    axes.set_xlim(0)
    axes.set_ylim(0)
    axes.xaxis.set_major_locator(MaxNLocator(4))
    axes.yaxis.set_major_locator(MaxNLocator(3, integer=True))
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,g}"))
    axes.tick_params(length=0, labelcolor=MUTED)
    axes.grid(axis="y")


def _came_back(rows: pd.DataFrame) -> str:
    took = {row["label"]: row["faults"].get("back_after_s") for _, row in rows.iterrows()}
    known = {label: value for label, value in took.items() if is_figure(value)}
    if not known:
        return "What buyers got while faults struck"
    slowest = max(known, key=lambda label: known[label])
    longest = f"{in_figures(known[slowest], 2)} s"
    if len(known) == 1:
        return f"{slowest} was back after {longest}"
    return f"Of those that came back, {slowest} took the longest, {longest}"


def _evenness(rows: pd.DataFrame, rates: Mapping[str, pd.DataFrame]) -> str:
    """Who deducts as evenly as a clock, and who in bursts: the mean distance from the mean."""
    off = {}
    for label in rows.loc[rows["verdict"] == "holds", "label"]:
        if label in rates and (mean := rates[label]["deducted_per_s"].mean()) > 0:
            off[label] = float((rates[label]["deducted_per_s"] - mean).abs().mean() / mean)
    if not off:
        return "Deductions a second over the time of each run"
    even, uneven = min(off, key=off.__getitem__), max(off, key=off.__getitem__)
    about = f"a sixtieth of the run is {off[even]:.0%} off its mean"
    if even == uneven:
        return f"{even}: {about}"
    return f"{even} deducts the most evenly ({about}), {uneven} the least ({off[uneven]:.0%})"


def _words(shown: list[pd.Series], spans: dict[str, list[Span]]) -> str:
    if not any(spans.values()):
        return f"Deductions a second over time of {listed([row['label'] for row in shown])}."
    said = [f"{row['label']}: {told(spans[row['label']]) or 'no fault lasted'}" for row in shown]
    return f"Deductions a second over time. Faults: {listed(said)}."
