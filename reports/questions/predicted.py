"""Predicted and measured: how far off, and would a prediction have chosen the right strategy?"""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter

from reports.figures.picture import WIDE_IN, Drawing
from reports.questions.shelf import lacking, table
from reports.style import GRID, INK, MUTED, colour_of, house_style
from reports.wording import listed

CELLS, CATALOGUE = "validation/cells.csv", "catalogue.csv"
WHOLE = "those that promise everything"
_NAMED = 6
_STEP = 1.13  # of predicted rates, between two names


def cells() -> pd.DataFrame:
    """One row a strategy and load: measured and predicted a second, error, noise."""
    return table(CELLS)


def choices(found: pd.DataFrame) -> pd.DataFrame:
    """Of each load: who was the fastest, who was predicted to be, and what following it costs.

    Among all, and among those that promise everything, where many are about as fast. `regret`: how
    much slower the predicted one was measured to be, as a share of the best.
    """
    groups = {"all": found, WHOLE: found[found["strategy"].isin(whole())]}
    columns = ["among", "load", "measured best", "predicted best", "regret"]
    rows = [
        (among, str(load), *_choice(own))
        for among, cells_of in groups.items()
        for load, own in cells_of.groupby("load", sort=False)
    ]
    return pd.DataFrame(rows, columns=columns)


def _choice(own: pd.DataFrame) -> tuple[str, str, float]:
    best = own.loc[own["measured_per_s"].idxmax()]
    chosen = own.loc[own["predicted_per_s"].idxmax()]
    regret = 1 - chosen["measured_per_s"] / best["measured_per_s"]
    return str(best["strategy"]), str(chosen["strategy"]), float(regret)


def whole() -> list[str]:
    """The strategies that promise everything and lose nothing, as the catalogue says."""
    catalogue = table(CATALOGUE)
    if catalogue.empty:
        return []
    kept = catalogue["lacks"].isna() & catalogue["loses"].isna() & ~catalogue["control"]
    return list(catalogue.loc[kept, "strategy"])


def furthest(found: pd.DataFrame, how_many: int = _NAMED) -> pd.DataFrame:
    """The cells whose prediction is furthest from what was measured, the worst first."""
    by_size = found["error"].abs().sort_values(ascending=False, kind="stable")
    return found.loc[by_size.index[:how_many]]


def answer() -> list[str]:
    """Errors, beside the noise of measuring; choices; and who is furthest off."""
    found = cells()
    return list(_sentences(found)) if not found.empty else lacking("validation")


def _sentences(found: pd.DataFrame) -> Iterator[str]:
    size, noise = found["error"].abs(), found["noise"].abs()
    yield (
        f"{len(found)} predictions: half are within {size.median():.0%} of what was measured, nine"
        f" in ten within {size.quantile(0.9):.0%}, the worst is off by {size.max():.0%}."
    )
    yield (
        f"A single measurement is off from the median of the others by {noise.median():.0%}: no"
        " prediction could be closer than that."
    )
    high = (found["error"] > 0).mean()
    yield f"{high:.0%} of the predictions are too high, the others too low."
    chosen = choices(found)
    for among, own in chosen.groupby("among", sort=False):
        right = (own["measured best"] == own["predicted best"]).sum()
        times = f"at {right} of {len(own)} loads"
        yield f"Among {among}, the predicted best is the measured best {times}."
    for row in chosen[chosen["regret"] > 0].to_dict("records"):
        yield (
            f"Among {row['among']}, at the load {row['load']}, the predicted best is"
            f" {row['predicted best']}, which was measured {row['regret']:.0%} slower than"
            f" {row['measured best']}."
        )
    worst = [
        f"{row.strategy} at {row.load} ({row.error:+.0%})" for row in furthest(found).itertuples()
    ]
    yield f"Furthest off: {listed(worst)}."


def draw() -> Drawing | None:
    """Predicted over measured, a dot a strategy and load; on the line both are the same."""
    found = cells()
    if found.empty:
        return None
    with house_style():
        drawn = Figure((WIDE_IN, 5.6), layout="constrained")
        axes = drawn.subplots()
        axes.set_xscale("log")
        axes.set_yscale("log")
        _diagonal(axes, found)
        for _, row in found.iterrows():
            colour = colour_of(row["strategy"])
            at = (row["measured_per_s"], row["predicted_per_s"])
            axes.plot(*at, "o", color=colour, markersize=4.5, alpha=0.8, markeredgewidth=0)
        _name(axes, furthest(found))
        for axis in (axes.xaxis, axes.yaxis):
            axis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,.0f}"))
        axes.set_xlabel("measured, orders per second, logarithmic")
        axes.set_ylabel("predicted, orders per second, logarithmic")
        axes.tick_params(length=0, labelcolor=MUTED)
        axes.grid()
    return Drawing(_title(found), " ".join(_sentences(found)), drawn)


def _diagonal(axes: Axes, found: pd.DataFrame) -> None:
    """The line of no error, and the band in which half of the predictions lie."""
    rates = found[["measured_per_s", "predicted_per_s"]]
    ends = [float(rates.min().min()) / 1.3, float(rates.max().max()) * 1.3]
    half = float(found["error"].abs().median())
    low, high = ([end * (1 + error) for end in ends] for error in (-half, half))
    axes.fill_between(ends, low, high, color=GRID, alpha=0.7, linewidth=0)
    axes.plot(ends, ends, color=MUTED, linewidth=1)
    axes.set_xlim(*ends)
    axes.set_ylim(*ends)


def _name(axes: Axes, rows: pd.DataFrame) -> None:
    """A line to each that is named; names to the left of what is too high, none on another."""
    for side, own in rows.groupby(rows["error"] < 0):
        at = 0.0
        for _, row in own.sort_values("predicted_per_s").iterrows():
            at = max(row["predicted_per_s"], at * _STEP)
            axes.annotate(
                f"{row['strategy']}, {row['load']}: {row['error']:+.0%}",
                (row["measured_per_s"], row["predicted_per_s"]),
                (row["measured_per_s"] * (1.5 if side else 1 / 1.5), at),
                ha="left" if side else "right",
                va="center",
                fontsize=7.5,
                color=INK,
                arrowprops={"arrowstyle": "-", "color": MUTED, "linewidth": 0.7},
            )


def _title(found: pd.DataFrame) -> str:
    size, worst = found["error"].abs(), choices(found).sort_values("regret").iloc[-1]
    title = f"Half of the predictions are within {size.median():.0%}"
    if worst["regret"] == 0:
        return f"{title}, and they choose the fastest strategy at every load"
    return f"{title}; who follows them loses {worst['regret']:.0%} of the best at most"
