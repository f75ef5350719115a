"""One run closely: every attempt as a dot, and the stock that they took.

    draw(published("flash_sale"), "conditional_update")     # its first repetition

The upper panel has one dot an attempt, at the moment of its answer and as high as it waited; the
lower one the stock, as buyers were promised it and as the store saw it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter

from reports.faults import mark, spans_of
from reports.figures.picture import WIDE_IN, Drawing
from reports.load import Comparison
from reports.questions.shelf import lacking
from reports.samples import StockCurve, stock_curve
from reports.style import INK, MUTED, VOID, colour_of, house_style
from reports.wording import count, figure, listed, many

_DOTS_MOST = 4_000
_KEPT_OUT = frozenset({"deducted", "refused"})


@dataclass(frozen=True, slots=True)
class Run:
    """One run: whose it was, its attempts in the order of their answers, its stock."""

    label: str
    strategy: str
    folder: Path
    attempts: pd.DataFrame  # outcome, at_s, waited_ms
    curve: StockCurve | None
    sold_out_s: float | None
    states: dict[str, int]  # how many checks hold, are broken, were not judged

    def waited_ms(self, outcome: str) -> pd.Series:
        """How long those waited who were answered so."""
        attempts = self.attempts
        return attempts.loc[attempts["outcome"] == outcome, "waited_ms"]


def run_of(comparison: Comparison, label: str, repetition: int = 0) -> Run | None:
    """A repetition of the strategy called `label`; none if it was not published."""
    folders = comparison.runs(label)
    if repetition >= len(folders):
        return None
    folder = folders[repetition]
    judged = comparison.judged(folder)
    row = comparison.rows[comparison.rows["label"] == label].iloc[0]
    findings = pd.Series([finding["state"] for finding in comparison.findings(folder)])
    return Run(
        label,
        row["strategy"],
        folder,
        _attempts(comparison, folder),
        stock_curve(comparison, label, folder),
        judged.get("sold_out_after_s"),
        {str(state): int(times) for state, times in findings.value_counts().items()},
    )


def _attempts(comparison: Comparison, folder: Path) -> pd.DataFrame:
    attempts = comparison.attempts(folder, ["kind", "outcome", "intended_ns", "replied_ns"])
    own = attempts[attempts["kind"] == "deduct"]
    frame = pd.DataFrame(
        {
            "outcome": own["outcome"].astype("str"),
            "at_s": own["replied_ns"] / 1e9,
            "waited_ms": (own["replied_ns"] - own["intended_ns"]) / 1e6,
        }
    )
    return frame.sort_values("at_s", kind="stable", ignore_index=True)


def answer(comparison: Comparison, label: str, repetition: int = 0) -> list[str]:
    """What happened in it, in sentences."""
    run = run_of(comparison, label, repetition)
    if run is None:
        return lacking(comparison.path.name)
    return list(_sentences(run))


def _sentences(run: Run) -> Iterator[str]:
    outcomes = run.attempts["outcome"].value_counts()
    said = [f"{count(times)} {outcome}" for outcome, times in outcomes.items()]
    yield f"{run.folder.name}: {count(len(run.attempts))} attempts, of them {listed(said)}."
    if run.sold_out_s is not None:
        yield f"The last unit was promised after {figure(run.sold_out_s)} s."
    for outcome in ("deducted", "refused"):
        waited = run.waited_ms(outcome)
        if len(waited):
            half, most = np.percentile(waited, [50, 95])
            yield (
                f"Half of those {outcome} waited less than {figure(half)} ms, one in twenty more"
                f" than {figure(most)} ms."
            )
    if run.curve is not None:
        promised = run.curve.opening - run.curve.unpromised[-1]
        yield (
            f"Of {count(run.curve.opening)} units buyers were promised {count(promised)}, and the"
            f" store believed that {count(run.curve.reported[-1])} were left."
        )
    checks = [f"{times} {state}" for state, times in run.states.items()]
    if checks:
        yield f"The checks of this run: {listed(checks)}."


def draw(comparison: Comparison, label: str, repetition: int = 0) -> Drawing | None:
    """Attempts above, stock below."""
    run = run_of(comparison, label, repetition)
    if run is None or run.attempts.empty:
        return None
    with house_style():
        drawn = Figure((WIDE_IN, 5.2), layout="constrained")
        upper, lower = drawn.subplots(2, 1, sharex=True, height_ratios=[3, 2])
        _dots(upper, run)
        spans = spans_of(comparison, run.folder)
        for axes in (upper, lower):
            mark(axes, spans)
            axes.tick_params(length=0, labelcolor=MUTED)
        _stock(lower, run)
        lower.set_xlabel("time since the start, s")
        lower.set_xlim(0)
    return Drawing(_title(run), " ".join(_sentences(run)), drawn)


def _dots(axes: Axes, run: Run) -> None:
    every = -(-len(run.attempts) // _DOTS_MOST)
    shown = run.attempts.iloc[::every]
    accepted, refused = (shown[shown["outcome"] == one] for one in ("deducted", "refused"))
    others = shown[~shown["outcome"].isin(_KEPT_OUT)]
    kinds = (
        (refused, MUTED, "refused"),
        (others, INK, listed(sorted(set(others["outcome"])))),
        (accepted, colour_of(run.strategy), "deducted"),
    )
    for dots, colour, words in kinds:
        if len(dots):
            axes.plot(
                dots["at_s"], dots["waited_ms"], ".", color=colour, markersize=2.5, label=words
            )
    axes.set_yscale("log")
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
    axes.set_ylabel("latency, ms, logarithmic")
    axes.grid(axis="y")
    kept = "" if every == 1 else f"one attempt in {every} is drawn"
    axes.set_title(kept, color=MUTED, fontsize=8.5)
    axes.legend(
        loc="lower right",
        bbox_to_anchor=(1, 1),
        frameon=False,
        fontsize=8.5,
        markerscale=4,
        ncols=3,
        borderaxespad=0,
    )


def _stock(axes: Axes, run: Run) -> None:
    axes.set_ylabel("units")
    axes.grid(axis="y")
    axes.axhline(0, color=MUTED, linewidth=0.9)
    if run.curve is None:
        return
    curve, style = run.curve, (0, (3, 2))
    axes.plot(
        curve.at_s,
        curve.unpromised,
        color=colour_of(run.strategy),
        linewidth=2,
        label="opening stock less units promised",
    )
    axes.plot(
        curve.reported_at_s,
        curve.reported,
        color=INK,
        linewidth=1,
        linestyle=style,
        label="left, says the store",
    )
    if curve.oversold:
        below = np.minimum(curve.unpromised, 0)
        axes.fill_between(curve.at_s, below, 0, color=VOID, alpha=0.35, linewidth=0)
    axes.legend(loc="best", frameon=False, fontsize=8.5)


def _title(run: Run) -> str:
    if run.curve is not None and run.curve.oversold:
        return f"{run.label} promised {many(run.curve.oversold, 'unit')} more than there were"
    if run.sold_out_s is None:
        sold = count((run.attempts["outcome"] == "deducted").sum())
        return f"{run.label} took {sold} orders and did not run out"
    accepted, refused = (run.waited_ms(one).median() for one in ("deducted", "refused"))
    title = f"{run.label} sold out after {figure(run.sold_out_s)} s"
    if not refused > 0:
        return title
    times = accepted / refused
    how = "sooner" if times > 1 else "later"
    return f"{title}; a refusal came {figure(max(times, 1 / times), 2)} times {how} than a yes"
