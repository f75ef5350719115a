"""Where the time goes: the steps of accepted orders, and what lies between them.

Steps are timed for some of the operations of a run. What is published are those of orders that were
deducted, a few hundred a run; their mean adds up, which a median would not.
"""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import PercentFormatter

from reports.figures.picture import WIDE_IN, Drawing, sideways
from reports.load import Comparison
from reports.questions.shelf import anew, lacking, without_rows
from reports.standing import standing_of
from reports.style import INK, colour_of, house_style
from reports.wording import figure, many

BETWEEN = "between steps"
"""Waiting for a connection of the pool, for a turn, and the client's own work."""

OTHERS = "other steps"
_LEAST = 0.04  # a smaller share is drawn with the others
_NAMED_FROM = 0.085
_SHADES = (0.85, 0.6, 0.4, 0.25)
_COLUMNS = ["label", "strategy", "step", "mean_ms", "share", "operations"]


def spent(comparison: Comparison) -> pd.DataFrame:
    """One row a strategy and step: `label, strategy, step, mean_ms, share, operations`.

    `mean_ms` is the time of that step in one order, however often it was taken, and `share` its
    part of the whole, the time between steps included. The longest comes first.
    """
    parts = []
    rows = standing_of(comparison).in_order
    for _, row in rows[~rows["floor"]].iterrows():
        steps = _steps(comparison, row["label"])
        if not steps.empty:
            parts.append(_shares(steps).assign(label=row["label"], strategy=row["strategy"]))
    if not parts:
        return pd.DataFrame(columns=_COLUMNS)
    return pd.concat(parts, ignore_index=True)[_COLUMNS]


def _steps(comparison: Comparison, label: str) -> pd.DataFrame:
    runs = comparison.runs(label)
    steps = [comparison.steps(run).assign(run=place) for place, run in enumerate(runs)]
    timed = [own for own in steps if not own.empty]
    return pd.concat(timed, ignore_index=True) if timed else pd.DataFrame()


def _shares(steps: pd.DataFrame) -> pd.DataFrame:
    own = steps.assign(waited_ms=(steps["replied_ns"] - steps["sent_ns"]) / 1e6)
    orders = own.groupby(["run", "operation"])
    whole_ms = (orders["replied_ns"].max() - orders["sent_ns"].min()) / 1e6
    found = own.groupby(own["step"].astype("str"))["waited_ms"].sum() / len(whole_ms)
    found[BETWEEN] = max(0.0, whole_ms.mean() - found.sum())
    longest = found.sort_values(ascending=False, kind="stable")
    return pd.DataFrame(
        {
            "step": longest.index,
            "mean_ms": longest.to_numpy(),
            "share": longest.to_numpy() / whole_ms.mean(),
            "operations": len(whole_ms),
        }
    )


def as_table(comparison: Comparison) -> pd.DataFrame:
    """The mean of each step in ms, a row a strategy, a column a step."""
    found = spent(comparison)
    if found.empty:
        return found
    means = found.pivot(index="label", columns="step", values="mean_ms")
    return means.loc[found["label"].unique(), found["step"].unique()].round(3)


def missing(comparison: Comparison) -> list[str]:
    """Says that the steps were not published, if they were not."""
    if without_rows(comparison) or not spent(comparison).empty:
        return lacking(*without_rows(comparison))
    name = comparison.path.name
    return [f"{name} was published without the times of its steps. {anew(name)}"]


def answer(comparison: Comparison) -> list[str]:
    """Of each strategy what an order takes, and the two steps that take most of it."""
    return [*missing(comparison), *_sentences(spent(comparison))]


def _sentences(found: pd.DataFrame) -> Iterator[str]:
    for label, own in found.groupby("label", sort=False):
        first, *rest = own.head(2).itertuples()
        then = f", {rest[0].share:.0%} {rest[0].step}" if rest else ""
        yield (
            f"{label}: {figure(own['mean_ms'].sum())} ms an accepted order, {first.share:.0%} of it"
            f" {first.step}{then} ({many(int(first.operations), 'order')} timed)."
        )


def draw(comparison: Comparison) -> Drawing | None:
    """One bar a strategy, in its colour, divided into its steps."""
    found = spent(comparison)
    if found.empty:
        return None
    labels = list(dict.fromkeys(found["label"]))
    with house_style():
        drawn = Figure((WIDE_IN, 0.8 + 0.42 * len(labels)), layout="constrained")
        axes = drawn.subplots()
        for place, label in enumerate(labels):
            _bar(axes, place, found[found["label"] == label])
        sideways(axes, labels)
        axes.set_xlim(0, 1.14)
        axes.set_xticks([0, 0.25, 0.5, 0.75, 1])
        axes.xaxis.set_major_formatter(PercentFormatter(1.0))
        axes.set_xlabel("share of the time of an accepted order")
    return Drawing(_title(found), " ".join(_sentences(found)), drawn)


def _bar(axes: Axes, place: int, own: pd.DataFrame) -> None:
    left = 0.0
    for at, (step, share) in enumerate(_segments(own)):
        axes.barh(
            place,
            share,
            left=left,
            height=0.7,
            color=colour_of(own["strategy"].iloc[0]),
            alpha=_SHADES[min(at, len(_SHADES) - 1)],
            edgecolor="white",
            linewidth=1.2,
        )
        if share >= _NAMED_FROM:
            words = step if len(step) < share * 90 else f"{step[: int(share * 90) - 1]}…"
            axes.annotate(
                words, (left + share / 2, place), ha="center", va="center", fontsize=7.5, color=INK
            )
        left += share
    words = f"{figure(own['mean_ms'].sum())} ms"
    axes.annotate(words, (1, place), (6, 0), textcoords="offset points", va="center", color=INK)


def _segments(own: pd.DataFrame) -> list[tuple[str, float]]:
    """The steps worth a segment of their own, and what is left of the whole."""
    large = own[own["share"] >= _LEAST]
    segments = [(str(row.step), float(row.share)) for row in large.itertuples()]
    rest = 1.0 - float(large["share"].sum())
    return [*segments, (OTHERS, rest)] if rest > 1e-9 else segments


def _title(found: pd.DataFrame) -> str:
    leading = found.groupby("label", sort=False).first()
    half = int((leading["share"] > 0.5).sum())
    return f"In {half} of {len(leading)} strategies one step takes more than half of the time"
