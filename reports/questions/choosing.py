"""Choosing a strategy: what each promises, beside what it was measured at.

The promises are those of the catalogue, which the proof holds every strategy to; the speeds are
measured ones of one campaign, on one hot article; units refused with stock left and orders lost are
those of the published runs that looked for them.
"""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FixedLocator, FuncFormatter, NullLocator

from reports.figures.picture import WIDE_IN, Drawing, sideways
from reports.questions import crashes
from reports.questions.predicted import cells
from reports.questions.shelf import lacking, published, table
from reports.style import INK, MUTED, VOID, colour_of, house_style
from reports.wording import count, figure, is_figure, listed, many, started

CATALOGUE = "catalogue.csv"
LOAD = "16"
"""The load at which speeds stand side by side: so many clients, in a closed loop."""

WHOLE = "promises everything"
REFUSES, LOSES = "may refuse with stock left", "may lose acknowledged orders"

_PALE = 0.4


def choices() -> pd.DataFrame:
    """One row a strategy that is no control, fastest first.

    `lacks`, `loses`: the promises that it does not make, the faults on which acknowledged orders
    may be lost (empty: none). Figures are none where nobody measured them.
    """
    catalogue = table(CATALOGUE)
    if catalogue.empty:
        return catalogue
    rivals = catalogue[~catalogue["control"]].fillna({"lacks": "", "loses": ""})
    found = rivals.merge(_speeds(), on="strategy", how="left")
    found = found.merge(_undersold(), on="strategy", how="left").merge(
        _lost(), on="strategy", how="left"
    )
    return found.sort_values("measured_per_s", ascending=False, kind="stable", ignore_index=True)


def _speeds() -> pd.DataFrame:
    columns = ["strategy", "measured_per_s", "measured_low", "measured_high", "measured_p99_ms"]
    found = cells()
    if found.empty:
        return pd.DataFrame(columns=columns)
    return found.loc[found["load"].astype("str") == LOAD, columns]


def _undersold() -> pd.DataFrame:
    """Units refused though there was stock when the last ones were sold, in all repetitions."""
    rows = published("last_units").rows
    return rows[["strategy", "undersold_units"]].drop_duplicates("strategy")


def _lost() -> pd.DataFrame:
    rows = crashes.bills([published("power_lost")])
    return rows[["strategy", "lost_share"]].drop_duplicates("strategy")


def promise_of(row: pd.Series) -> str:
    """What a strategy gives up, in words: `everything` is promised, or what is not."""
    given_up = [REFUSES] if row["lacks"] else []
    return ", ".join([*given_up, LOSES] if row["loses"] else given_up) or WHOLE


def answer() -> list[str]:
    """The fastest of each kind of promise, and what the others give up for their speed."""
    found = choices()
    if found.empty:
        return [f"Not published yet: {CATALOGUE}. `python -m workbench.catalogue` writes it."]
    missing = ["validation"] if found["measured_per_s"].isna().all() else []
    return [*lacking(*missing), *_sentences(found.dropna(subset=["measured_per_s"]))]


def _sentences(found: pd.DataFrame) -> Iterator[str]:
    kinds = found.apply(promise_of, axis=1) if not found.empty else pd.Series(dtype="str")
    for kind, own in found.groupby(kinds, sort=False):
        best = own.iloc[0]
        yield (
            f"{started(str(kind))}: {many(len(own), 'strategy', 'strategies')}, the fastest"
            f" {listed(_level(own))}, {figure(best['measured_per_s'])}/s"
            f" ({figure(best['measured_low'])} to {figure(best['measured_high'])})."
        )
    plain = found[(found["needs"] == "sql") & (kinds == WHOLE)]
    if not plain.empty:
        best = plain.iloc[0]
        yield (
            f"With nothing but a database, and everything promised: {listed(_level(plain))},"
            f" {figure(best['measured_per_s'])}/s."
        )


def _level(own: pd.DataFrame) -> list[str]:
    """The fastest, and those whose interval reaches into its own."""
    reaching = own["measured_high"] >= own.iloc[0]["measured_low"]
    return list(own.loc[reaching, "strategy"])


def draw() -> Drawing | None:
    """A bar a strategy; pale where something is given up, hatched where orders may be lost."""
    found = choices()
    if found.empty or found["measured_per_s"].isna().all():
        return None
    found = found.dropna(subset=["measured_per_s"])
    with house_style():
        drawn = Figure((WIDE_IN, 0.7 + 0.26 * len(found)), layout="constrained")
        axes = drawn.subplots()
        axes.set_xscale("log")
        for place, (_, row) in enumerate(found.iterrows()):
            _bar(axes, place, row)
        sideways(axes, found["strategy"].tolist())
        low, high = found["measured_low"].min(), found["measured_high"].max()
        axes.set_xlim(low / 1.5, high * (high / low) ** 0.8)
        axes.xaxis.set_major_locator(FixedLocator([10.0**at for at in range(8) if 10**at < high]))
        axes.xaxis.set_minor_locator(NullLocator())
        axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,.0f}"))
        axes.set_xlabel(
            f"orders per second with {LOAD} clients, logarithmic"
            " (pale: a promise is lacking; hatched: orders may be lost)"
        )
        axes.tick_params(axis="x", labelcolor=MUTED)
    return Drawing(_title(found), " ".join(_sentences(found)), drawn)


def _bar(axes: Axes, place: int, row: pd.Series) -> None:
    colour = colour_of(row["strategy"])
    whole = not row["lacks"] and not row["loses"]
    axes.barh(
        place,
        row["measured_per_s"],
        height=0.66,
        color=colour,
        alpha=1.0 if whole else _PALE,
        hatch="////" if row["loses"] else None,
        edgecolor="white",
        linewidth=0,
    )
    ends = [row["measured_low"], row["measured_high"]]
    axes.plot(ends, [place, place], color=INK, linewidth=1.2, solid_capstyle="butt")
    axes.annotate(
        f"{figure(row['measured_per_s'])}  {_beside(row)}",
        (max(ends), place),
        (6, 0),
        textcoords="offset points",
        va="center",
        fontsize=8,
        color=VOID if row["loses"] else INK,
    )


def _beside(row: pd.Series) -> str:
    """What is given up, with the figure where somebody measured it."""
    words = promise_of(row)
    if is_figure(row["undersold_units"]):
        words = words.replace(REFUSES, f"{REFUSES} ({count(row['undersold_units'])} units)")
    if is_figure(row["lost_share"]):
        words = words.replace(LOSES, f"{LOSES} ({row['lost_share']:.0%} in a power cut)")
    return words


def _title(found: pd.DataFrame) -> str:
    whole = found[(found["lacks"] == "") & (found["loses"] == "")]
    if whole.empty:
        return "No strategy that was measured promises everything"
    best = whole.iloc[0]
    level, faster = _level(whole), found[found["measured_per_s"] > best["measured_per_s"]]
    who = (
        f"{listed(level)} are level as the fastest"
        if len(level) > 1
        else f"{level[0]} is the fastest"
    )
    title = f"{who} that promise{'s' if len(level) == 1 else ''} everything"
    title += f" ({figure(best['measured_per_s'])}/s)"
    if faster.empty:
        return title
    losing = int((faster["loses"] != "").sum())
    return f"{title}; of {len(faster)} faster ones {losing} may lose acknowledged orders"
