"""What people say about deducting stock, held against what was measured.

A saying names two strategies, a scenario, and by which factor the one is to beat the other; or it
says of one that it sells safely. Whether it is borne out is worked out from the intervals of the
published rows: nothing here knows an answer. A strategy whose verdict is not `holds` has no speed.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import Enum

import pandas as pd

from reports.findings import reason_of
from reports.load import Comparison
from reports.wording import figure


class Fate(Enum):
    """What became of a saying."""

    BORNE_OUT = "borne out"
    CONTRADICTED = "contradicted"
    OPEN = "not decided"
    UNMEASURED = "not measured"


@dataclass(frozen=True, slots=True)
class Faster:
    """`strategy` makes at least `least` and at most `most` times the deductions of `than`."""

    words: str
    scenario: str
    strategy: str
    than: str
    least: float = 0.0
    most: float = float("inf")


@dataclass(frozen=True, slots=True)
class Safe:
    """`strategy` was not caught at anything."""

    words: str
    scenario: str
    strategy: str


Saying = Faster | Safe

SAYINGS: tuple[Saying, ...] = (
    Faster(
        "Redis sells ten times as fast as a row in the database.",
        *("flash_sale", "redis_script", "conditional_update"),
        least=10,
    ),
    Faster(
        "For a very hot article there is no way around Redis: no database keeps up with it.",
        *("deep_stock", "redis_script", "merged_update"),
        least=1,
    ),
    Faster(
        "Redis with a task table in the database keeps the speed of Redis.",
        *("flash_sale", "redis_with_task", "redis_script"),
        least=0.5,
    ),
    Faster(
        "Optimistic locking is faster than locking the row.",
        *("flash_sale", "optimistic_version", "row_lock"),
        least=1,
    ),
    Faster(
        "SELECT … FOR UPDATE costs little more than a conditional UPDATE.",
        *("flash_sale", "row_lock", "conditional_update"),
        least=0.8,
    ),
    Faster(
        "Split the hot row into buckets, and it sells several times as fast.",
        *("deep_stock", "split_rows", "conditional_update"),
        least=2,
    ),
    Faster(
        "One row a unit and SKIP LOCKED: nobody waits, so it is the fastest way with a database.",
        *("flash_sale", "claimed_units", "conditional_update"),
        least=1,
    ),
    Faster(
        "A stored procedure is not worth it when the database is next door.",
        *("flash_sale", "one_round_trip", "conditional_update"),
        most=1.2,
    ),
    Faster(
        "SERIALIZABLE is too slow for a sale: half the speed at the most.",
        *("flash_sale", "serializable_retry", "conditional_update"),
        most=0.5,
    ),
    Faster(
        "One writer for everything is a bottleneck: many at once must be faster.",
        *("deep_stock", "single_writer", "conditional_update"),
        most=1,
    ),
    Faster(
        "An advisory lock is cheaper than a row lock.",
        *("flash_sale", "advisory_lock", "row_lock"),
        least=1,
    ),
    Faster(
        "Let them fail at once (NOWAIT) instead of waiting, and more is sold.",
        *("flash_sale", "row_lock_nowait", "row_lock"),
        least=1,
    ),
    Faster(
        "A saga (try, confirm, cancel) is the price of safety: a third of the speed or less.",
        *("flash_sale", "try_confirm_cancel", "conditional_update"),
        most=1 / 3,
    ),
    Faster(
        "With hot spots all over a long tail, splitting rows still pays.",
        *("hotspots", "split_rows", "conditional_update"),
        least=1,
    ),
    Safe(
        "Read the stock, check it, write it back: inside a transaction that is safe.",
        *("flash_sale", "naive_read_write"),
    ),
    Safe("A lock in Redis around it makes it safe.", "flash_sale", "redis_lock"),
    Safe(
        "Count the ledger, then append to it: nothing is ever updated, so nothing is oversold.",
        *("flash_sale", "ledger_check_then_append"),
    ),
)


@dataclass(frozen=True, slots=True)
class Found:
    """A saying, what became of it, and the figures that decided."""

    saying: Saying
    fate: Fate
    why: str


def held_against(sayings: tuple[Saying, ...], by: Mapping[str, Comparison]) -> Iterator[Found]:
    """Every saying beside the comparison of its scenario."""
    for saying in sayings:
        comparison = by.get(saying.scenario)
        if comparison is None:
            yield Found(saying, Fate.UNMEASURED, f"{saying.scenario} was not published")
        elif isinstance(saying, Safe):
            yield _safe(saying, _row(comparison, saying.strategy))
        else:
            ours, theirs = (_row(comparison, one) for one in (saying.strategy, saying.than))
            yield _faster(saying, ours, theirs)


def _row(comparison: Comparison, strategy: str) -> pd.Series | None:
    rows = comparison.rows[comparison.rows["strategy"] == strategy]
    return None if rows.empty else rows.iloc[0]


def _safe(saying: Safe, row: pd.Series | None) -> Found:
    if row is None:
        return Found(saying, Fate.UNMEASURED, f"{saying.strategy} was not measured")
    if row["verdict"] == "void":
        return Found(saying, Fate.CONTRADICTED, f"{saying.strategy} is void: {reason_of(row)}")
    return Found(
        saying,
        Fate.OPEN,
        f"{saying.strategy} was not caught here, which is luck of the schedule and no proof",
    )


def _faster(saying: Faster, ours: pd.Series | None, theirs: pd.Series | None) -> Found:
    if ours is None or theirs is None:
        return Found(saying, Fate.UNMEASURED, "one of the two was not measured")
    for row in (ours, theirs):
        if row["verdict"] != "holds":
            why = f"{row['strategy']} is {row['verdict']}: its speed counts for nothing"
            return Found(saying, Fate.OPEN, why)
    low = ours["goodput_per_s_low"] / theirs["goodput_per_s_high"]
    high = ours["goodput_per_s_high"] / theirs["goodput_per_s_low"]
    fate = Fate.OPEN
    if saying.least <= low and high <= saying.most:
        fate = Fate.BORNE_OUT
    elif high < saying.least or low > saying.most:
        fate = Fate.CONTRADICTED
    times = ours["goodput_per_s"] / theirs["goodput_per_s"]
    why = (
        f"{saying.strategy} {figure(ours['goodput_per_s'])}/s, {saying.than}"
        f" {figure(theirs['goodput_per_s'])}/s: {figure(times, 2)} times ({figure(low, 2)} to"
        f" {figure(high, 2)})"
    )
    return Found(saying, fate, why)
