"""Heat against strategies: the same demand on one hot article, on ten, on a hundred."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FixedLocator, FuncFormatter, NullFormatter, NullLocator

from reports.figures.picture import WIDE_IN, Drawing
from reports.findings import interval_of
from reports.load import Comparison
from reports.questions.shelf import lacking, without_rows
from reports.standing import overlapping, standing_of
from reports.style import MUTED, VOID, colour_of, house_style
from reports.wording import count, figure, is_figure, listed, many

NAMES = ("hotspots_1", "hotspots_10", "hotspots_100")
"""The published comparisons, named for how many articles are hot."""

_APART_IN = 0.17  # between two words at the right end


def by_heat(comparisons: Sequence[Comparison]) -> pd.DataFrame:
    """The rows that may be compared, with a column `hot_cells`; hottest (fewest) first."""
    parts = []
    for comparison in comparisons:
        if comparison.rows.empty:
            continue
        rows = standing_of(comparison).in_order
        cells = comparison.about["question"]["demand"]["hot_cells"]
        parts.append(rows[~rows["floor"]].assign(hot_cells=int(cells)))
    if not parts:
        return pd.DataFrame(columns=["hot_cells", "label"])
    found = pd.concat(parts, ignore_index=True)
    return found.sort_values("hot_cells", kind="stable", ignore_index=True)


def gains(found: pd.DataFrame) -> pd.DataFrame:
    """Of each strategy, goodput with the fewest and with the most hot articles, and the ratio.

    `apart`: whether the intervals of the two do not touch. Slowest to gain last.
    """
    rows = []
    for label, own in found.groupby("label", sort=False):
        hot, cool = own.iloc[0], own.iloc[-1]
        if len(own) > 1 and hot["goodput_per_s"] > 0:
            rows.append(
                {
                    "label": label,
                    "hot_per_s": hot["goodput_per_s"],
                    "cool_per_s": cool["goodput_per_s"],
                    "gain": cool["goodput_per_s"] / hot["goodput_per_s"],
                    "apart": cool["goodput_per_s_low"] > hot["goodput_per_s_high"]
                    or cool["goodput_per_s_high"] < hot["goodput_per_s_low"],
                }
            )
    columns = ["label", "hot_per_s", "cool_per_s", "gain", "apart"]
    frame = pd.DataFrame(rows, columns=columns)
    return frame.sort_values("gain", ascending=False, kind="stable", ignore_index=True)


def answer(comparisons: Sequence[Comparison]) -> list[str]:
    """Who minds heat, and who is the fastest at each."""
    return [*lacking(*without_rows(*comparisons)), *_sentences(by_heat(comparisons))]


def _sentences(found: pd.DataFrame) -> Iterator[str]:
    for cells, own in found.groupby("hot_cells"):
        holding = own[(own["verdict"] == "holds") & ~own["control"]]
        if not holding.empty:
            best = holding.sort_values("goodput_per_s", ascending=False, kind="stable").iloc[0]
            level = overlapping(best, holding)
            beside = f", level with {listed(level)}" if level else ""
            articles = many(int(cells), "hot article")
            yield f"{articles}: {best['label']} is the fastest, {interval_of(best)}{beside}."
    ranked = gains(found)
    minding = [f"{row.label} {row.gain:.2g} times" for row in ranked.itertuples() if row.apart]
    if minding:
        first, last = found["hot_cells"].iloc[[0, -1]]
        yield f"From {first} to {many(int(last), 'hot article')}: {listed(minding)}."
    level = ranked.loc[~ranked["apart"].astype(bool), "label"].tolist()
    if level:
        yield f"Heat makes no difference that these runs could tell to {listed(level)}."


def draw(comparisons: Sequence[Comparison]) -> Drawing | None:
    """Goodput by the number of hot articles, one line a strategy."""
    found = by_heat(comparisons)
    counts = sorted(set(found["hot_cells"]))
    if len(counts) < 2:
        return None
    with house_style():
        drawn = Figure((WIDE_IN, 4.2), layout="constrained")
        axes = drawn.subplots()
        axes.set_xscale("log")
        axes.set_yscale("log")
        for _, own in found.groupby("label", sort=False):
            _line(axes, own)
        axes.set_xlim(counts[0] * 0.85, counts[-1] * (counts[-1] / counts[0]) ** 0.36)
        _name(axes, found, drawn.get_figheight())
        _ticks(axes, counts)
    return Drawing(_title(found), " ".join(_sentences(found)), drawn)


def _line(axes: Axes, own: pd.DataFrame) -> None:
    colour = colour_of(own["strategy"].iloc[0])
    rates = own["goodput_per_s"]
    ends = own[["goodput_per_s_low", "goodput_per_s_high"]].to_numpy()
    axes.plot(own["hot_cells"], rates, color=colour, linewidth=1.8)
    for (_, row), (low, high) in zip(own.iterrows(), ends, strict=True):
        void = row["verdict"] != "holds"
        face = "white" if void else colour
        edge = VOID if void else colour
        axes.plot(row["hot_cells"], row["goodput_per_s"], "o", color=edge, mfc=face, markersize=5)
        if is_figure(low) and is_figure(high):
            axes.plot([row["hot_cells"]] * 2, [low, high], color=colour, linewidth=1)


def _name(axes: Axes, found: pd.DataFrame, height_in: float) -> None:
    """Names at the right ends, moved apart where they would lie on one another."""
    ends = found.groupby("label", sort=False).last().sort_values("goodput_per_s")
    low, high = axes.get_ylim()
    axes.set_ylim(low, high)
    step = (high / low) ** (_APART_IN / (height_in * 0.8))
    at = 0.0
    for label, row in ends.iterrows():
        at = max(row["goodput_per_s"], at * step)
        axes.annotate(
            str(label),
            (row["hot_cells"], at),
            (8, 0),
            textcoords="offset points",
            va="center",
            color=colour_of(row["strategy"]),
            fontsize=8.5,
        )


def _ticks(axes: Axes, counts: list[int]) -> None:
    axes.xaxis.set_major_locator(FixedLocator(counts))
    axes.xaxis.set_minor_locator(NullLocator())
    plain = FuncFormatter(lambda value, _: f"{value:,.10g}")
    axes.xaxis.set_major_formatter(plain)
    axes.yaxis.set_major_formatter(plain)
    axes.yaxis.set_minor_formatter(NullFormatter())
    axes.set_xlabel("hot articles, logarithmic (hollow: void)")
    axes.set_ylabel("goodput, deductions per second, logarithmic")
    axes.tick_params(length=0, labelcolor=MUTED)
    axes.grid(axis="y")


def _title(found: pd.DataFrame) -> str:
    ranked = gains(found)
    apart = ranked[ranked["apart"].astype(bool) & (ranked["gain"] > 1)]
    if apart.empty:
        return "No strategy here minds how few articles are hot, by more than chance"
    most = apart.iloc[0]
    first, last = found["hot_cells"].iloc[[0, -1]]
    articles = f"{count(last)} hot articles instead of {count(first)}"
    return f"{articles} make {most['label']} {figure(most['gain'], 2)} times as fast"
