"""What a success cost, as a table of its own: the main one has the verdict and the speed."""

from __future__ import annotations

from collections.abc import Callable

import pandas as pd

from reports.load import Comparison
from reports.table import Column, causes_of
from reports.wording import ABSENT, figure, is_figure, listed


def has_costs(comparison: Comparison) -> bool:
    """Was anything of it measured? (Records of before, and shops, have none.)"""
    return any(is_figure(value) for cost in comparison.rows["cost"] for value in cost.values())


def _cost(group: str, head: str, explains: str, name: str) -> Column:
    return Column(group, head, explains, lambda row: figure(row["cost"].get(name)))


def _turned_away(row: pd.Series) -> str:
    return causes_of(row) or ABSENT


def _kib(name: str) -> Callable[[pd.Series], str]:
    def shown(row: pd.Series) -> str:
        value = row["cost"].get(name)
        return figure(value / 1024) if is_figure(value) else ABSENT

    return shown


COSTS: tuple[Column, ...] = (
    _cost(
        "per success",
        "round trips",
        "replies waited for by everybody who asked, over first-time deductions",
        "round_trips_per_success",
    ),
    Column(
        "per success",
        "log, KiB",
        "written by the database; the count is the whole server's",
        _kib("wal_bytes_per_success"),
    ),
    _cost(
        "per success",
        "Redis commands",
        "those inside scripts included; the count is the whole server's",
        "commands_per_success",
    ),
    _cost(
        "lock held",
        "p50, ms",
        "from when a row or a lease was ours until others could have it",
        "lock_held_ms_p50",
    ),
    _cost("lock held", "p99, ms", "one in a hundred held it longer", "lock_held_ms_p99"),
    _cost(
        "connection held",
        "p50, ms",
        "from the first statement of a transaction to its end, waiting for locks included",
        "connection_held_ms_p50",
    ),
    _cost("connection held", "p99, ms", "one in a hundred", "connection_held_ms_p99"),
    Column(
        "turned away", "units, by cause", "refused though there was stock", _turned_away, "word"
    ),
)
"""What it costs."""


def cost_words(row: pd.Series) -> str:
    """What a success costs, in a sentence without its subject; empty if nothing was measured."""
    cost = row["cost"]
    parts = [
        f"{figure(cost[name])} {words}"
        for name, words in _IN_WORDS.items()
        if is_figure(cost.get(name))
    ]
    if is_figure(log := cost.get("wal_bytes_per_success")):
        parts.append(f"{figure(log / 1024)} KiB of log")
    held = cost.get("lock_held_ms_p50")
    locked = f", and holds a lock for {figure(held)} ms at the median" if is_figure(held) else ""
    return f"costs {listed(parts)}{locked}" if parts else ""


_IN_WORDS = {"round_trips_per_success": "round trips", "commands_per_success": "Redis commands"}
