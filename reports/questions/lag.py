"""How far behind the product system is: change data capture at several rates, and when it stops."""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, NullFormatter

from reports.figures.picture import WIDE_IN, Drawing, sideways
from reports.questions.shelf import lacking, record, table
from reports.style import INK, MUTED, TONES, VOID, house_style
from reports.wording import figure

RATES, SLOW, WINDOWS = "cdc/rates_postgresql.csv", "cdc/slow.csv", "sync_lag/lag.json"
_KEEPS_UP = 0.95  # of what is written, applied in the same time


def rates() -> pd.DataFrame:
    """One row a rate: what was asked for, written and applied a second, the lag in ms.

    `keeps_up`: whether what was written was applied in the same time.
    """
    found = table(RATES)
    if found.empty:
        return found
    keeps_up = found["applied_per_s"] >= _KEEPS_UP * found["written_per_s"]
    ordered = found.assign(keeps_up=keeps_up).sort_values("written_per_s", kind="stable")
    return ordered.reset_index(drop=True)


def answer() -> list[str]:
    """Half and nearly all of the lags at each rate, and how a stopped consumer catches up."""
    found, slow = rates(), table(SLOW)
    missing = ["cdc"] if found.empty or slow.empty else []
    return [*lacking(*missing), *_of_rates(found), *_of_a_stop(slow)]


def _of_rates(found: pd.DataFrame) -> Iterator[str]:
    for row in found.itertuples():
        lag = (
            f"half of the changes are seen within {figure(row.lag_ms_p50)} ms, 99 of 100 within"
            f" {figure(row.lag_ms_p99)} ms"
        )
        behind = "" if row.keeps_up else f" (only {figure(row.applied_per_s)} of them are applied)"
        yield f"With {figure(row.written_per_s)} changes a second{behind} {lag}."


def _of_a_stop(slow: pd.DataFrame) -> Iterator[str]:
    for row in slow.itertuples():
        warned = "and warned" if row.warned else "and did not warn"
        yield (
            f"A consumer that stood still for {figure(row.stopped_s)} s was caught up with in"
            f" {figure(row.catch_up_s)} s; the source kept {figure(row.retained_mb_most)} MB of its"
            f" log meanwhile {warned}."
        )


def draw() -> Drawing | None:
    """From half to nearly all of the lags, one line a rate."""
    found = rates()
    if found.empty:
        return None
    with house_style():
        drawn = Figure((WIDE_IN, 0.9 + 0.5 * len(found)), layout="constrained")
        axes = drawn.subplots()
        axes.set_xscale("log")
        for place, row in enumerate(found.itertuples()):
            colour = TONES["blue"][0] if row.keeps_up else VOID
            ends = [row.lag_ms_p50, row.lag_ms_p99]
            axes.plot(ends, [place, place], color=colour, linewidth=3, solid_capstyle="butt")
            axes.plot(ends[0], place, "o", color=colour, markersize=7)
            axes.annotate(
                f"{figure(ends[0])} to {figure(ends[1])} ms",
                (ends[1], place),
                (7, 0),
                textcoords="offset points",
                va="center",
                color=INK,
            )
        sideways(axes, [_name(row) for row in found.itertuples()])
        low, high = found["lag_ms_p50"].min(), found["lag_ms_p99"].max()
        axes.set_xlim(low / 2, high * (high / low) ** 0.35)
        axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,g}"))
        axes.xaxis.set_minor_formatter(NullFormatter())
        axes.set_xlabel("lag seen at the product, ms, logarithmic: from the median to p99")
        axes.tick_params(axis="x", labelcolor=MUTED)
    return Drawing(_title(found), " ".join(_of_rates(found)), drawn)


def _name(row: object) -> str:
    written, applied = (getattr(row, name) for name in ("written_per_s", "applied_per_s"))
    said = f"{figure(written)} changes/s"
    return said if getattr(row, "keeps_up", True) else f"{said},\n{figure(applied)}/s applied"


def _title(found: pd.DataFrame) -> str:
    keeping, behind = found[found["keeps_up"]], found[~found["keeps_up"]]
    if keeping.empty:
        return "At no rate tried does the product keep up with the source"
    last = keeping.iloc[-1]
    title = (
        f"Up to {figure(last['written_per_s'])} changes a second, 99 of 100 are seen within"
        f" {figure(keeping['lag_ms_p99'].max())} ms"
    )
    if behind.empty:
        return title
    first = behind.iloc[0]
    lag = f"{figure(first['lag_ms_p50'])} ms"
    return f"{title}; at {figure(first['written_per_s'])} half of them wait longer than {lag}"


def windows() -> pd.DataFrame:
    """What a late shop window costs, as measured, where it was published: one row a path and lag.

    `stale, %` are looks at a window that was not up to date, `lost sales, %` shoppers who were told
    sold out while there was stock. Empty where nothing was published.
    """
    rows = record(WINDOWS).get("rows", [])
    found = [
        {
            "path": row["path"],
            "own lag, ms": row["own_ms"],
            "stale, %": 100 * row["stale_share"],
            "lost sales, %": 100 * row["lost_sales"] / max(row["looks"], 1),
        }
        for row in rows
        if row["world"] == "measured" and not row["fault"] and not row["control"]
    ]
    return pd.DataFrame(found)
