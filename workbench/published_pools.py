"""The pool-size table of `merged_update`, measured and written down for `reports/published`."""

from __future__ import annotations

import csv
import os
import sys
from collections.abc import Sequence
from dataclasses import astuple, fields
from pathlib import Path

from inventory_core.stores.embedded.disk import fsync_us
from scenarios.measuring.pool_sizes import SCENARIO, STRATEGIES, PoolSize, best_of, pool_sizes
from scenarios.proving.reference import reference_rate

PAGE = """# Orders settled in groups, by the size of the pool

One hot article, {buyers}: the scenario `{scenario}` on a private PostgreSQL
that flushes every commit, each strategy with a pool of so many connections before the server.
Medians of three runs of three seconds; p99 of accepted orders, from the time at which they were
meant to be sent. One order in five has two lines, and each line is a deduction, with its row in the
log: so many of them are on disk, a second.

| strategy | pool | orders /s | deductions /s | p99, ms | verdict | driver |
| :-- | --: | --: | --: | --: | :-- | :-- |
{rows}

Each at its best pool, `{first}` makes **{ratio:.1f} times** the orders of `{other}`:
{fast} against {slow} a second, or {lines} durable deductions. The ratio is what travels
to another machine; the figures belong to this one, whose two yardsticks are an fsync of
{fsync:.0f} µs and an explorer of {states} states a second (`stockproof prove` prints yours).

    python -m workbench.bench merged             # the table
    python -m workbench.published merged_update  # the table and this page
"""


def publish_pools(place: Path) -> None:
    """Measure the table (about six minutes, nothing else running), and write it with its page."""
    yardstick = reference_rate()["states_per_s"]
    rows = pool_sizes(
        Path("runs") / "published-merged_update",
        progress=lambda said: print(said, file=sys.stderr),
    )
    place.mkdir(parents=True, exist_ok=True)
    with (place / "pool_sizes.csv").open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow([field.name for field in fields(PoolSize)])
        writer.writerows(astuple(row) for row in rows)
    flushed_us = fsync_us(place)
    (place / "README.md").write_text(page_of(rows, flushed_us, yardstick), encoding="utf-8")


def page_of(rows: Sequence[PoolSize], flushed_us: float, states_per_s: float) -> str:
    """The page of a table."""
    first, other = (best_of(rows, name) for name in STRATEGIES)
    return PAGE.format(
        buyers=f"256 buyers in flight, on {os.cpu_count()} cores",
        scenario=SCENARIO,
        rows="\n".join(_row(row) for row in rows),
        first=first.strategy,
        other=other.strategy,
        ratio=first.goodput_per_s / other.goodput_per_s,
        fast=f"{first.goodput_per_s:,.0f} (pool {first.pool})",
        lines=f"{first.deductions_per_s:,.0f}",
        slow=f"{other.goodput_per_s:,.0f} (pool {other.pool})",
        fsync=flushed_us,
        states=f"{states_per_s:,.0f}",
    )


def _row(row: PoolSize) -> str:
    p99 = "–" if row.latency_ms_p99 is None else f"{row.latency_ms_p99:.1f}"
    bound = "bound" if row.driver_bound else ""
    return (
        f"| {row.strategy} | {row.pool} | {row.goodput_per_s:,.0f} | {row.deductions_per_s:,.0f} "
        f"| {p99} | {row.verdict} | {bound} |"
    )
