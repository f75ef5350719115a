"""What a crash costs: acknowledged orders that are gone, units that nobody can sell, seconds."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from reports.faults import has_faults
from reports.figures.picture import WIDE_IN, Drawing, sideways
from reports.load import Comparison
from reports.questions import throughput
from reports.questions.shelf import lacking, without_rows
from reports.standing import standing_of
from reports.style import INK, VOID, colour_of, house_style
from reports.wording import figure, is_figure, listed

NAMES = ("power_lost", "dead_clients", "dead_node")
"""The published comparisons in which something dies."""

_DEATHS = {"power_lost": "the power is cut", "server_killed": "a server is killed"}
_CAUSES = ("lost_in_crash", "stranded")
_FIGURES = ("lost_share", "lost_span_s", "stranded_before_recover", "down_s", "back_after_s")


@dataclass(frozen=True, slots=True)
class Bill:
    """What is looked at where this died: a column of `bills`, and how it is said."""

    column: str
    words: str
    unit: str
    factor: float = 1.0


LOST = Bill("lost_share", "acknowledged orders lost, %", "% of its acknowledged orders", 100.0)
HELD = Bill("held_units", "units refused while the dead had them", "units refused for the dead")
STRANDED = Bill("stranded_before_recover", "units astray until recover", "units until recover")


def bills(comparisons: Sequence[Comparison]) -> pd.DataFrame:
    """One row a comparison and strategy: what died, and what it cost in orders, units, seconds.

    `lost_share` is none where nothing could be lost, `held_units` are units that buyers were
    refused because the dead had them or nobody had, `stranded_before_recover` those that no
    order owned.
    """
    rows = [
        {
            "comparison": comparison.path.name,
            "died": what_died(comparison),
            "label": row["label"],
            "strategy": row["strategy"],
            "held_units": sum(row["undersold_by_cause"].get(cause, 0) for cause in _CAUSES),
            **{name: row["faults"].get(name) for name in _FIGURES},
        }
        for comparison in comparisons
        if has_faults(comparison)
        for _, row in standing_of(comparison).in_order.iterrows()
    ]
    columns = ["comparison", "died", "label", "strategy", "held_units", *_FIGURES]
    frame = pd.DataFrame(rows, columns=columns)
    return frame.astype({"held_units": "float64", **dict.fromkeys(_FIGURES, "float64")})


def what_died(comparison: Comparison) -> str:
    """The faults of a comparison in words: `the power is cut`, `5% of clients die`."""
    faults = (comparison.about.get("question") or {}).get("faults") or ()
    return listed([_in_words(fault) for fault in faults]) or "nothing died"


def _in_words(fault: dict[str, Any]) -> str:
    if fault["kind"] != "client_dies":
        return _DEATHS.get(fault["kind"], str(fault["kind"]).replace("_", " "))
    return "a whole process dies" if fault.get("node") else f"{fault['share']:.0%} of clients die"


def bill_of(own: pd.DataFrame) -> Bill:
    """Which bill to look at: what was lost for good, before what was only out of reach."""
    if own["lost_share"].notna().any():
        return LOST
    return HELD if own["held_units"].sum() > own["stranded_before_recover"].sum() else STRANDED


def answer(comparisons: Sequence[Comparison]) -> list[str]:
    """Of each kind of death, who pays and who does not."""
    return [*lacking(*without_rows(*comparisons)), *_sentences(bills(comparisons))]


def _sentences(found: pd.DataFrame) -> Iterator[str]:
    for died, own in found.groupby("died", sort=False):
        bill = bill_of(own)
        cost = own[bill.column].fillna(0) * bill.factor
        paying = [
            f"{label} {_said(value)}"
            for label, value in zip(own["label"], cost, strict=True)
            if value
        ]
        free = own.loc[cost == 0, "label"].tolist()
        parts = [f"{listed(paying)} ({bill.unit})"] if paying else []
        parts += [f"nothing to {listed(free)}"] if free else []
        yield f"When {died}, it costs {'; '.join(parts)}."
        away = own["down_s"].max()
        if is_figure(away):
            yield f"The servers were away for {figure(away, 2)} s at most."


def _said(value: float) -> str:
    """To three digits, and no digit behind the point of whole units."""
    return f"{value:,.0f}" if value >= 100 or value == int(value) else figure(value)


def draw(comparisons: Sequence[Comparison]) -> Drawing | None:
    """A panel a kind of death, a bar a strategy."""
    found = bills(comparisons)
    if found.empty:
        return None
    groups = [own for _, own in found.groupby("died", sort=False)]
    heights = [0.55 + 0.3 * len(own) for own in groups]
    with house_style():
        drawn = Figure((WIDE_IN, 0.3 + sum(heights) + 0.35 * len(groups)), layout="constrained")
        panels = drawn.subplots(len(groups), 1, squeeze=False, height_ratios=heights).flatten()
        for axes, own in zip(panels, groups, strict=True):
            _panel(axes, own)
    return Drawing(_title(found), " ".join(_sentences(found)), drawn)


def _panel(axes: Axes, own: pd.DataFrame) -> None:
    bill = bill_of(own)
    cost = (own[bill.column].fillna(0) * bill.factor).tolist()
    for place, (strategy, value) in enumerate(zip(own["strategy"], cost, strict=True)):
        axes.barh(place, value, height=0.6, color=colour_of(strategy))
        axes.annotate(
            _said(value),
            (value, place),
            (6, 0),
            textcoords="offset points",
            va="center",
            color=VOID if value else INK,
        )
    sideways(axes, own["label"].tolist())
    axes.set_xlim(0, max([*cost, 1e-9]) * 1.15)
    axes.set_title(f"when {own['died'].iloc[0]}")
    axes.set_xlabel(bill.words)


def draw_over_time(comparison: Comparison) -> Drawing | None:
    """Deductions a second over time, every repetition, and who was back how soon."""
    drawing = throughput.draw(comparison)
    return drawing and replace(drawing, title=_came_back(bills([comparison])))


def _came_back(found: pd.DataFrame) -> str:
    known = found.dropna(subset=["back_after_s"]).sort_values("back_after_s", kind="stable")
    if known.empty:
        return "Nobody was seen to come back"
    last = known.iloc[-1]
    title = f"{last['label']} was back {figure(last['back_after_s'], 2)} s after its servers"
    sooner, unseen = known["label"].tolist()[:-1], found["label"][found["back_after_s"].isna()]
    title += f", {listed(sooner)} sooner" if sooner else ""
    return f"{title}; {listed(unseen.tolist())} not before the end" if len(unseen) else title


def _title(found: pd.DataFrame) -> str:
    """Who pays nothing, whatever died; else what the worst lost for good."""
    whole = found["died"].nunique()
    costs = found[["lost_share", "held_units", "stranded_before_recover"]].fillna(0)
    unharmed = found[~costs.any(axis=1)]
    spared = unharmed.groupby("label", sort=False)["died"].nunique()
    free = [str(label) for label in spared.index[spared == whole]]
    lost = found["lost_share"].max()
    worst = f"; the worst lost {lost:.0%} of what it had acknowledged" if lost > 0 else ""
    if free:
        return f"No crash cost {listed(free)} an order or a unit{worst}"
    return f"Every strategy paid for some crash{worst}"
