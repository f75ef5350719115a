"""Throughput from the records of every attempt, beside what the table of the report says."""

from __future__ import annotations

import math

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from reports.faults import mark, spans_of
from reports.figures.picture import WIDE_IN, Drawing, verdict_label
from reports.findings import answer_of, grade_of
from reports.load import Comparison
from reports.questions import chance
from reports.questions.shelf import lacking, without_rows
from reports.samples import throughput
from reports.standing import standing_of
from reports.style import INK, MUTED, VOID, colour_of, house_style
from reports.wording import figure

_COLUMNS = 2
_RUNS = ["label", "run", "deducted", "seconds", "goodput_per_s"]


def per_run(comparison: Comparison) -> pd.DataFrame:
    """One row a run: the orders deducted in it, in how many seconds, and what that is a second.

    When the stock runs out, time counts until then: after it, every strategy can only refuse.
    """
    rows = []
    for label in _rivals(comparison)["label"]:
        for run in comparison.runs(label):
            judged = comparison.judged(run)
            attempts = comparison.attempts(run, ["kind", "outcome", "replied_ns"])
            ours = (attempts["kind"] == "deduct") & (attempts["outcome"] == "deducted")
            starts_s = judged["warm_up_s"]
            ends_s = judged.get("sold_out_after_s") or comparison.about["seconds"]
            replied_s = attempts.loc[ours, "replied_ns"] / 1e9
            deducted = int(replied_s.between(starts_s, ends_s + 1e-6).sum())
            seconds = ends_s - starts_s
            rows.append((label, run.name, deducted, seconds, deducted / seconds))
    return pd.DataFrame(rows, columns=_RUNS)


def _rivals(comparison: Comparison) -> pd.DataFrame:
    rows = standing_of(comparison).in_order
    return rows[~rows["floor"]]


def beside_the_table(comparison: Comparison, runs: pd.DataFrame) -> pd.DataFrame:
    """Of each strategy its verdict, goodput from the attempts and from the table, and their gap.

    What the table counts are operations: an order that was answered "deducted" twice is one of
    them, so a strategy that deducts twice may show more attempts here than orders there.
    """
    rivals = _rivals(comparison).set_index("label")
    counted = runs.groupby("label", sort=False)["goodput_per_s"].median()
    table = pd.DataFrame(
        {
            "verdict": rivals["verdict"],
            "from attempts, /s": counted,
            "from the table, /s": rivals["goodput_per_s"],
        },
        index=rivals.index,
    )
    table["apart, %"] = 100 * (table["from attempts, /s"] / table["from the table, /s"] - 1)
    return table.round({"from attempts, /s": 0, "from the table, /s": 0, "apart, %": 2})


def spread(runs: pd.DataFrame) -> pd.DataFrame:
    """How far the repetitions of each strategy lie apart, as a share of their median."""
    found = runs.groupby("label", sort=False)["goodput_per_s"].agg(["min", "median", "max"])
    found["spread, %"] = 100 * (found["max"] - found["min"]) / found["median"]
    return found.round(0)


def worth(comparison: Comparison) -> list[str]:
    """What was measured, and what that is worth; or what is missing."""
    if nothing := without_rows(comparison):
        return lacking(*nothing)
    about = comparison.about
    return [f"{about['title']}, seed {about['seed']}.", grade_of(comparison)]


def answer(comparison: Comparison) -> list[str]:
    """The answer of the report, what is to be doubted about it, and what was tested."""
    if nothing := without_rows(comparison):
        return lacking(*nothing)
    found = answer_of(comparison)
    tests = chance.answer(comparison)
    return [found.headline, *(f"- {said}" for said in (*found.warnings, *tests, *found.sentences))]


def draw(comparison: Comparison) -> Drawing | None:
    """Deductions a second over time: a panel a strategy, a line a repetition."""
    rates, rivals = throughput(comparison), _rivals(comparison)
    shown = rivals[rivals["label"].isin(rates["label"])]
    if shown.empty:
        return None
    lines = math.ceil(len(shown) / _COLUMNS)
    with house_style():
        drawn = Figure((WIDE_IN, 0.6 + 1.4 * lines), layout="constrained")
        grid = drawn.subplots(lines, _COLUMNS, squeeze=False).flatten()
        for axes, (_, row) in zip(grid, shown.iterrows(), strict=False):
            _panel(axes, row, rates[rates["label"] == row["label"]])
            for run in comparison.runs(row["label"]):
                mark(axes, spans_of(comparison, run))
        for axes in grid[len(shown) :]:
            axes.set_axis_off()
        drawn.supxlabel("time since the start, s (each panel its own)", fontsize=9, color=MUTED)
        drawn.supylabel("deductions per second", fontsize=9, color=MUTED)
    runs = per_run(comparison)
    title = _title(spread(runs[runs["label"].isin(standing_of(comparison).holding["label"])]))
    return Drawing(title, f"Deductions a second over time. {title}.", drawn)


def _panel(axes: Axes, row: pd.Series, rates: pd.DataFrame) -> None:
    for _, own in rates.groupby("run"):
        axes.plot(own["at_s"], own["deducted_per_s"], color=colour_of(row["strategy"]), alpha=0.55)
    void = row["verdict"] == "void"
    axes.set_title(f"{row['label']}: {verdict_label(row)}", color=VOID if void else INK)
    axes.set_xlim(0)
    axes.set_ylim(0)
    axes.xaxis.set_major_locator(MaxNLocator(5))
    axes.yaxis.set_major_locator(MaxNLocator(3, integer=True))
    axes.tick_params(length=0, labelcolor=MUTED)
    axes.grid(axis="y")


def _title(apart: pd.DataFrame) -> str:
    ranked = apart["spread, %"].sort_values(kind="stable")
    if ranked.empty:
        return "No strategy holds, so none of these speeds may be believed"
    if len(ranked) < 2:
        return f"The repetitions lie {figure(ranked.iloc[0], 2)} % of their median apart"
    first, last = (f"{figure(ranked.iloc[at], 2)} %" for at in (0, -1))
    return (
        f"{ranked.index[0]} is the steadiest, its repetitions {first} of their median apart;"
        f" {ranked.index[-1]} the least steady, {last}"
    )
