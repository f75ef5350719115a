"""An activity over time: what buyers were answered before, in and after its window."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Patch

from reports.figures.picture import NARROW_IN, WIDE_IN, Drawing, Picture
from reports.load import Comparison
from reports.shop import has_window, is_shop, of
from reports.standing import standing_of
from reports.style import GRID, INK, MUTED, TONES, VOID, house_style
from reports.wording import count

_ANSWERS = (
    ("deducted", "sold (held)", "green"),
    ("limit_per_buyer", "over the limit", "purple"),
    ("refused", "sold out", "orange"),
    ("activity_not_open", "not open", "slate"),
)
_BIN_S = 0.1


def draw(comparison: Comparison, narrow: bool = False) -> Drawing | None:
    """One panel a strategy: answers by the time at which they were given, its first repetition."""
    if not is_shop(comparison) or not has_window(comparison):
        return None
    rows = standing_of(comparison).in_order
    shown = [
        (row, runs[0]) for _, row in rows.iterrows() if (runs := comparison.runs(row["label"]))
    ]
    if not shown:
        return None
    with house_style():
        size = (NARROW_IN if narrow else WIDE_IN, 0.9 + (1.35 if narrow else 1.2) * len(shown))
        figure = Figure(size, layout="constrained")
        grid = figure.subplots(len(shown), 1, squeeze=False, sharex=True, sharey=True).flatten()
        for axes, (row, run) in zip(grid, shown, strict=True):
            columns = ["kind", "outcome", "replied_ns"]
            _panel(axes, row, comparison.attempts(run, columns))
        figure.supxlabel("time since the start, s", fontsize=9, color=MUTED)
        figure.supylabel("answers in 0.1 s", fontsize=9, color=MUTED)
        figure.legend(
            handles=[Patch(color=TONES[tone][0], label=words) for _, words, tone in _ANSWERS],
            loc="outside upper left",
            ncols=2 if narrow else 4,
            frameon=False,
            fontsize=8.5,
        )
    return Drawing(_title(rows), _words(rows), figure)


PICTURE = Picture(
    name="window",
    how_to_read=(
        "Answers to orders for the activity, by the time at which they were given. The window, on"
        " the store's clock, is shaded. Just after it opens its units are still being moved"
        " out of the channel, and buyers are told that it is not open yet."
    ),
    draw=draw,
)


def _panel(axes: Axes, row: pd.Series, attempts: pd.DataFrame) -> None:
    asked = attempts[attempts["kind"].astype(str).isin(["deduct", "place"])]
    at_s = asked["replied_ns"].to_numpy() / 1e9
    outcomes = asked["outcome"].astype(str).replace("placed", "deducted").to_numpy()
    edges = np.arange(0, (at_s.max() if len(at_s) else 1.0) + _BIN_S, _BIN_S)
    axes.axvspan(of(row, "opens_s"), of(row, "closes_s"), color=GRID, alpha=0.55, linewidth=0)
    below = np.zeros(len(edges) - 1)
    for word, _, tone in _ANSWERS:
        height = np.histogram(at_s[outcomes == word], edges)[0]
        axes.bar(
            edges[:-1],
            height,
            bottom=below,
            width=_BIN_S * 0.9,
            align="edge",
            color=TONES[tone][0],
            linewidth=0,
        )
        below = below + height
    void = row["verdict"] == "void"
    axes.set_title(f"{row['label']}: void" if void else row["label"], color=VOID if void else INK)
    axes.set_xlim(0, edges[-1])
    axes.tick_params(length=0, labelcolor=MUTED)
    axes.grid(axis="y")


def _title(rows: pd.DataFrame) -> str:
    if (rows["verdict"] == "void").any():
        return "An activity that broke a promise"
    homes = [
        (of(row, "home_at_close_units") or 0) + (of(row, "home_later_units") or 0)
        for _, row in rows.iterrows()
    ]
    low, high = count(min(homes)), count(max(homes))
    units = low if low == high else f"{low} to {high}"
    quota = count(of(rows.iloc[0], "quota_units"))
    return f"Nothing is sold outside the window, and {units} of {quota} units come home once"


def _words(rows: pd.DataFrame) -> str:
    parts = (
        f"{row['label']}: {count(of(row, 'refused_before'))} refused before the window,"
        f" {count(of(row, 'placed_orders'))} sold in it,"
        f" {count(of(row, 'refused_after'))} refused after it"
        for _, row in rows.iterrows()
    )
    return f"Answers over time: {'; '.join(parts)}."
