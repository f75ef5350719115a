"""What became of holds, and how soon the units of unpaid ones were for sale, and sold, again."""

from __future__ import annotations

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from reports.figures.picture import NARROW_IN, WIDE_IN, Drawing, Picture, sideways
from reports.load import Comparison
from reports.shop import both_rules, has_window, is_shop, of
from reports.standing import standing_of
from reports.style import PAGE, TONES, house_style
from reports.wording import count, is_figure
from reports.wording import figure as in_figures

_FATES = (
    ("paid in time", "green"),
    ("paid late", "sky"),
    ("late, refunded", "orange"),
    ("cancelled", "slate"),
    ("never paid", "purple"),
)
_DELAYS = (("return_ms", "back for sale", "o", "blue"), ("resale_ms", "sold again", "D", "orange"))


def draw(comparison: Comparison, narrow: bool = False) -> Drawing | None:
    """Two panels: the fates of holds, and the delays from the deadline."""
    if not is_shop(comparison) or both_rules(comparison) or has_window(comparison):
        return None
    rows = standing_of(comparison).in_order
    with house_style():
        tall = 1.0 + len(rows) * (0.42 if narrow else 0.36)
        size = (NARROW_IN, 2 * tall + 0.5) if narrow else (WIDE_IN, tall + 0.5)
        figure = Figure(size, layout="constrained")
        panels = figure.subplots(*((2, 1) if narrow else (1, 2)), squeeze=False).flatten()
        _fates(panels[0], rows)
        _delays(panels[1], rows)
        panels[0].set_title("orders placed" if narrow else "orders placed, by what became of them")
        words = "after deadline, ms" if narrow else "ms after the deadline: median to worst"
        panels[1].set_title(words)
        if not narrow:
            panels[1].tick_params(labelleft=False)
        figure.legend(
            handles=_legend(),
            loc="outside lower center",
            ncols=2 if narrow else 4,
            frameon=False,
            fontsize=8.5,
        )
    return Drawing(_title(rows), _words(rows), figure)


PICTURE = Picture(
    name="holds",
    how_to_read=(
        "Left: what became of the orders that were placed; medians of the repetitions. Right: from"
        " the deadline of a hold that ran out until its units were for sale again, and until they"
        " were sold again, first come first sold. Each line runs from the median to the worst."
    ),
    draw=draw,
)


def _fates_of(row: pd.Series) -> list[float]:
    late, refunded = of(row, "paid_late_orders") or 0, of(row, "refunded_late_orders") or 0
    never = (of(row, "abandoned_holds") or 0) - refunded
    in_time = (of(row, "paid_orders") or 0) - late
    return [in_time, late, refunded, of(row, "cancelled_orders") or 0, max(0, never)]


def _fates(axes: Axes, rows: pd.DataFrame) -> None:
    for place, (_, row) in enumerate(rows.iterrows()):
        start = 0.0
        for orders, (_, tone) in zip(_fates_of(row), _FATES, strict=True):
            axes.barh(place, orders, left=start, height=0.6, color=TONES[tone][0], linewidth=0)
            if orders >= 0.07 * sum(_fates_of(row)):
                middle = start + orders / 2
                axes.text(
                    middle, place, count(orders), ha="center", va="center", color=PAGE, size=8
                )
            start += orders
    sideways(axes, rows["label"].tolist())


def _delays(axes: Axes, rows: pd.DataFrame) -> None:
    for place, (_, row) in enumerate(rows.iterrows()):
        for lane, (name, _, mark, tone) in enumerate(_DELAYS):
            at, colour = place - 0.14 + 0.28 * lane, TONES[tone][0]
            ends = [of(row, f"{name}_{which}") for which in ("p50", "worst")]
            if not all(is_figure(end) for end in ends):
                continue
            axes.plot(ends, [at, at], color=colour, linewidth=2.2, alpha=0.55)
            axes.plot(ends[0], at, mark, color=colour, markersize=5.5)
            axes.plot(ends[1], at, "|", color=colour, markersize=7)
    sideways(axes, rows["label"].tolist())
    axes.set_xlim(left=0)


def _legend() -> list[Patch | Line2D]:
    fates = [Patch(color=TONES[tone][0], label=words) for words, tone in _FATES]
    marks = [
        Line2D([], [], color=TONES[tone][0], marker=mark, linewidth=2, label=words)
        for _, words, mark, tone in _DELAYS
    ]
    return [*fates, *marks]


def _title(rows: pd.DataFrame) -> str:
    back = [value for _, row in rows.iterrows() if is_figure(value := of(row, "return_ms_p50"))]
    again = [value for _, row in rows.iterrows() if is_figure(value := of(row, "resale_ms_p50"))]
    if not back or not again:
        return "What became of the holds"
    return (
        f"Unpaid units are for sale {_range(back)} after their deadline, and sold again after"
        f" {_range(again)}"
    )


def _range(values: list[float]) -> str:
    low, high = in_figures(min(values), 2), in_figures(max(values), 2)
    return f"{low} ms" if low == high else f"{low} to {high} ms"


def _words(rows: pd.DataFrame) -> str:
    parts = []
    for _, row in rows.iterrows():
        fates = zip(_fates_of(row), _FATES, strict=True)
        said = ", ".join(f"{count(orders)} {words}" for orders, (words, _) in fates)
        parts.append(f"{row['label']}: {said}")
    return f"Orders placed: {'; '.join(parts)}."
