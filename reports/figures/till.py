"""Two rules for the same buyers: turned away from units that are never paid, or at the till."""

from __future__ import annotations

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Patch

from reports.figures.picture import NARROW_IN, WIDE_IN, Drawing, Picture, sideways
from reports.load import Comparison
from reports.shop import both_rules, is_shop, of, till_finding
from reports.standing import standing_of
from reports.style import MUTED, TONES, house_style
from reports.wording import count, is_figure
from reports.wording import figure as in_figures

_BARS = (
    ("turned_away_while_blocked", "purple", "turned away while units lay in holds never paid"),
    ("refused_at_till_orders", "orange", "ordered, and refused when they paid"),
)


def draw(comparison: Comparison, narrow: bool = False) -> Drawing | None:
    """Two bars a row: the buyers that each rule sends away, and where."""
    if not is_shop(comparison) or not both_rules(comparison):
        return None
    rows = standing_of(comparison).in_order.sort_values(["strategy", "rule"], kind="stable")
    with house_style():
        size = (NARROW_IN if narrow else WIDE_IN, 1.0 + len(rows) * 0.62)
        figure = Figure(size, layout="constrained")
        axes = figure.subplots()
        for place, (_, row) in enumerate(rows.iterrows()):
            _bars(axes, place, row)
        sideways(axes, [_name(row, narrow) for _, row in rows.iterrows()])
        most = max((of(row, name) or 0) for _, row in rows.iterrows() for name, _, _ in _BARS)
        axes.set_xlim(0, (most or 1) * (2.1 if narrow else 1.3))
        axes.set_xlabel("buyers of one run")
        figure.legend(
            handles=[Patch(color=TONES[tone][0], label=words) for _, tone, words in _BARS],
            loc="outside upper left",
            ncols=1 if narrow else 2,
            frameon=False,
            fontsize=8.5,
        )
    title = till_finding(rows[rows["verdict"] == "holds"])
    return Drawing(title, _words(rows), figure)


PICTURE = Picture(
    name="till",
    how_to_read=(
        "The same buyers under both rules: the same arrivals, the same who never pay, the same time"
        " until they pay. A unit-second is one unit that a hold which was never paid kept from"
        " everybody else for a second. Under order time, those refused at the till paid after"
        " their hold had run out. Medians of the repetitions."
    ),
    draw=draw,
)


def _name(row: pd.Series, narrow: bool) -> str:
    return f"{row['strategy']}{chr(10) if narrow else ', '}at {row['rule']} time"


def _bars(axes: Axes, place: int, row: pd.Series) -> None:
    for lane, (name, tone, _) in enumerate(_BARS):
        buyers, at = of(row, name) or 0, place - 0.2 + 0.4 * lane
        axes.barh(at, buyers, height=0.34, color=TONES[tone][0], linewidth=0)
        text = count(buyers)
        blocked = of(row, "blocked_unit_s")
        if lane == 0 and is_figure(blocked) and blocked > 0:
            text += f"  ({in_figures(blocked)} unit-s)"
        axes.annotate(
            text, (buyers, at), (5, 0), textcoords="offset points", va="center", color=MUTED
        )


def _words(rows: pd.DataFrame) -> str:
    parts = (
        f"{row['strategy']} at {row['rule']} time:"
        f" {count(of(row, 'turned_away_while_blocked'))} turned away while units were blocked,"
        f" {in_figures(of(row, 'blocked_unit_s'))} unit-seconds,"
        f" {count(of(row, 'refused_at_till_orders'))} refused at the till"
        for _, row in rows.iterrows()
    )
    return f"Buyers sent away: {'; '.join(parts)}."
