"""Who turned buyers away though there was stock, and why it did not see the units."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Patch
from matplotlib.ticker import FuncFormatter, MaxNLocator

from reports.figures.picture import (
    NARROW_IN,
    WIDE_IN,
    Drawing,
    InFigures,
    Picture,
    sideways,
    verdict_label,
)
from reports.load import Comparison
from reports.standing import standing_of
from reports.style import INK, TONES, house_style
from reports.wording import count, listed

_CAUSES: Mapping[str, tuple[str, str]] = {
    "fragmented": ("sky", "fragmented: the units lay in other parts"),
    "in_other_hands": ("orange", "in other hands: held by somebody who did not keep them"),
    "stale_flag": ("purple", "stale flag: it said sold out after units came back"),
    "stranded": ("vermilion", "stranded: a dead client had them until recover"),
    "leaked": ("void", "leaked: no order owns them"),
    "retries_exhausted": ("olive", "retries exhausted: gave up while there was enough"),
    "lost_in_crash": ("slate", "lost in a crash: a dead node had them"),
    "unexplained": ("muted", "unexplained"),
}
"""Tone and words of each cause; the order is that of the bars."""


def draw(comparison: Comparison, narrow: bool = False) -> Drawing | None:
    """One bar a strategy that undersold: its worst repetition, by cause."""
    rows = standing_of(comparison).in_order
    found = {row["label"]: _worst(comparison, row) for _, row in rows.iterrows()}
    rows = rows[rows["label"].map(lambda label: bool(found[label]))]
    if rows.empty:
        return None
    causes = [cause for cause in _CAUSES if any(cause in found[label] for label in rows["label"])]
    with house_style():
        height = 1.0 + 0.36 * len(rows) * (1.5 if narrow else 1) + 0.2 * len(causes)
        figure = Figure((NARROW_IN if narrow else WIDE_IN, height), layout="constrained")
        axes = figure.subplots()
        for place, (_, row) in enumerate(rows.iterrows()):
            _bar(axes, place, row, found[row["label"]], narrow)
        sideways(axes, [""] * len(rows) if narrow else rows["label"].tolist())
        most = max(sum(units.values()) for units in found.values())
        axes.set_xlim(0, most * (1.05 if narrow else 1.3))
        axes.xaxis.set_major_locator(MaxNLocator(4 if narrow else 6, integer=True))
        axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,g}"))
        axes.set_xlabel("units refused though there was stock")
        figure.legend(
            handles=[Patch(color=TONES[tone][0], label=_legend(cause, narrow))
                     for cause in causes for tone in [_CAUSES[cause][0]]],
            loc="outside lower left", ncols=1, frameon=False, fontsize=8.5,
        )  # fmt: skip
    table = InFigures(
        ("strategy", *(cause.replace("_", " ") for cause in causes), "units"),
        tuple(_line(label, found[label], causes) for label in rows["label"]),
    )
    return Drawing(_title(rows, found), _words(rows, found), figure, table)


PICTURE = Picture(
    name="undersold",
    how_to_read=(
        "Of each strategy the repetition that undersold most. A refusal is counted when there was"
        " enough of everything during all of it, so that the buyer was sent away for nothing."
        " Strategies that are not shown turned nobody away while there was stock."
    ),
    draw=draw,
)


def _worst(comparison: Comparison, row: pd.Series) -> dict[str, int]:
    """Units by cause in the repetition that undersold most; as the row says if none is kept."""
    runs = [comparison.judged(run) for run in comparison.runs(row["label"])]
    worst = max(runs, key=lambda run: run.get("undersold_units") or 0, default={})
    causes = worst.get("undersold_by_cause") or row["undersold_by_cause"]
    known = {cause if cause in _CAUSES else "unexplained": n for cause, n in causes.items() if n}
    return {cause: known[cause] for cause in _CAUSES if cause in known}


def _bar(axes: Axes, place: int, row: pd.Series, units: Mapping[str, int], narrow: bool) -> None:
    start = 0
    for cause, many in units.items():
        axes.barh(place, many, left=start, height=0.56, color=TONES[_CAUSES[cause][0]][0])
        start += many
    text = f"{count(start)} {verdict_label(row)}"
    if narrow:
        above = (0, place - 0.33)
        axes.annotate(
            f"{row['label']}  {text}", above, xycoords=axes.get_yaxis_transform(), va="bottom",
            color=INK, fontsize=8.5,
        )  # fmt: skip
        return
    axes.annotate(text, (start, place), (6, 0), textcoords="offset points", va="center", color=INK)


def _legend(cause: str, narrow: bool) -> str:
    words = _CAUSES[cause][1]
    return words.partition(":")[0] if narrow else words


def _line(label: str, units: Mapping[str, int], causes: list[str]) -> tuple[str, ...]:
    return (label, *(count(units.get(cause, 0)) for cause in causes), count(sum(units.values())))


def _title(rows: pd.DataFrame, found: Mapping[str, Mapping[str, int]]) -> str:
    totals = {label: sum(found[label].values()) for label in rows["label"]}
    worst = max(totals, key=totals.__getitem__)
    cause, units = max(found[worst].items(), key=lambda item: item[1])
    share = "all" if units == totals[worst] else f"{units / totals[worst]:.0%}"
    of_cause = f"{share} of them {cause.replace('_', ' ')}"
    if len(totals) == 1:
        return f"{worst} refused {count(totals[worst])} units that were there, {of_cause}"
    return (
        f"{worst} refused the most units that were there, {count(totals[worst])}, {of_cause};"
        f" {_least(totals)}"
    )


def _least(totals: Mapping[str, int]) -> str:
    least = min(totals, key=totals.__getitem__)
    return f"of those that refused any, {least} the fewest, {count(totals[least])}"


def _words(rows: pd.DataFrame, found: Mapping[str, Mapping[str, int]]) -> str:
    said = []
    for label in rows["label"]:
        parts = [f"{count(n)} {cause.replace('_', ' ')}" for cause, n in found[label].items()]
        said.append(f"{label}: {listed(parts)}")
    return f"Units refused though there was stock: {'; '.join(said)}."
