"""Stock over time: what buyers were promised, beside what the store believed it had left."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.ticker import FuncFormatter, MaxNLocator

from reports.faults import mark, spans_of
from reports.figures.picture import Drawing, Picture, panels
from reports.load import Comparison
from reports.samples import StockCurve, stock_curves
from reports.standing import standing_of
from reports.style import INK, MUTED, VOID, colour_of, house_style
from reports.wording import count, listed


def draw(comparison: Comparison, narrow: bool = False) -> Drawing | None:
    """One small panel a strategy; a line that ends below zero is stock that never was."""
    rows = standing_of(comparison).in_order
    strategies = dict(zip(rows["label"], rows["strategy"], strict=True))
    verdicts = dict(zip(rows["label"], rows["verdict"], strict=True))
    floor = set(rows.loc[rows["floor"], "label"])
    by_label = {curve.label: curve for curve in stock_curves(comparison)}
    curves = [by_label[label] for label in rows["label"] if label in by_label.keys() - floor]
    if not curves:
        return None
    with house_style():
        figure, grid = panels(len(curves), narrow, (1.5, 1.25), 0.6, sharey=True)
        for axes, curve in zip(grid, curves, strict=True):
            _panel(axes, curve, colour_of(strategies[curve.label]), verdicts[curve.label])
            mark(axes, spans_of(comparison, curve.folder))
        figure.supxlabel("time since the start, s (each panel its own)", fontsize=9, color=MUTED)
        figure.supylabel("units", fontsize=9, color=MUTED)
        figure.legend(
            handles=_legend(),
            loc="outside upper left",
            ncols=1 if narrow else 2,
            frameon=False,
            fontsize=8.5,
        )
    return Drawing(_title(curves, verdicts), _words(curves), figure)


PICTURE = Picture(
    name="stock",
    how_to_read=(
        "Of each strategy the worst repetition. The coloured line is the opening stock"
        " less every unit that a buyer was promised; the dashed one is what the store believed it"
        " had left. Below zero, buyers hold units that never were."
        " Where a time is shaded, a fault lasted."
    ),
    draw=draw,
)


def _panel(axes: Axes, curve: StockCurve, colour: str, verdict: str) -> None:
    axes.axhline(0, color=MUTED, linewidth=0.9)
    axes.plot(curve.reported_at_s, curve.reported, color=INK, linewidth=1, linestyle=(0, (3, 2)))
    axes.plot(curve.at_s, curve.unpromised, color=colour, linewidth=2)
    title = curve.label
    if curve.oversold:
        below = np.minimum(curve.unpromised, 0)
        axes.fill_between(curve.at_s, below, 0, color=VOID, alpha=0.35, linewidth=0)
        title = f"{curve.label}: {count(curve.oversold)} oversold"
        axes.plot(curve.at_s[-1], curve.unpromised[-1], "v", color=VOID, markersize=6)
    elif verdict == "void":
        title = f"{curve.label}: void"
    axes.set_title(title, color=VOID if curve.oversold or verdict == "void" else INK)
    axes.set_xlim(0, curve.at_s[-1] * 1.08 or 1)  # what follows the last promise is a flat line
    axes.xaxis.set_major_locator(MaxNLocator(4))
    axes.yaxis.set_major_locator(MaxNLocator(4, integer=True))
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,g}".replace("-", "−")))
    axes.tick_params(length=0, labelcolor=MUTED)
    axes.grid(axis="y")


def _legend() -> list[Line2D]:
    return [
        Line2D([], [], color=MUTED, linewidth=2, label="opening stock less units promised"),
        Line2D([], [], color=INK, linewidth=1, linestyle=(0, (3, 2)), label="left, says the store"),
    ]


def _title(curves: list[StockCurve], verdicts: dict[str, str]) -> str:
    below = [curve for curve in curves if curve.oversold]
    if not below:
        return _believed([curve for curve in curves if verdicts[curve.label] == "void"])
    worst = max(below, key=lambda curve: curve.oversold)
    names, more = listed([curve.label for curve in below]), _units(worst.oversold)
    if len(below) == 1:
        return f"{names} promised {more} more than there were"
    return f"{names} promised more than there was, {worst.label} by {more}"


def _believed(void: list[StockCurve]) -> str:
    """Nobody oversold yet; but a store that believes in units that are sold is on its way."""
    surplus = {curve.label: curve.still_offered for curve in void}
    worst = max(surplus, key=lambda label: surplus[label], default="")
    if surplus.get(worst, 0) <= 0:
        return "No strategy promised more than there was"
    return f"{worst} sold {_units(surplus[worst])} that its store still offers"


def _units(number: int) -> str:
    return f"{count(number)} {'unit' if number == 1 else 'units'}"


def _words(curves: list[StockCurve]) -> str:
    said = (
        f"{curve.label} (run {curve.run}): {count(curve.opening)} units at the start,"
        f" {count(curve.unpromised[-1])} not promised at the end,"
        f" {count(curve.reported[-1])} left as the store saw it"
        for curve in curves
    )
    return f"Stock over time: {'; '.join(said)}."
