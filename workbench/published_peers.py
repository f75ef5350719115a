"""The load driver beside its peers, measured and written down for `reports/published`."""

from __future__ import annotations

import csv
import os
from collections.abc import Sequence
from dataclasses import astuple, fields
from pathlib import Path

from inventory_core.stores.embedded.disk import fsync_us
from scenarios.measuring.peers import Peer
from workbench.doctoring_peers import measured

PAGE = """# The load driver beside pgbench and redis-benchmark

The same statements and the same script on the same private server, with as many connections on both
sides and one thread each, in turns of a second; medians of five turns, and what the five ratios lay
between. Ours is a registered strategy on the multiplexed driver, its history written down:
`bare_take`, `conditional_update` (BEGIN rides with the claim, so three round trips for pgbench's
four) and `redis_script`. On {cores} cores, which server and driver share; an fsync takes
{fsync:.0f} µs.

The least ratio is 0.90 where the server waits (for a flush, a row or a single client), 0.75 where
the cores are full, and 1.00 for many buyers on one connection, against the best figure that
redis-benchmark makes with one command under way on each connection. Short of it: {short} of {all}.

| work | peer | peer /s | ours /s | ratio | from–to | least |
| :-- | :-- | --: | --: | --: | :-- | --: |
{rows}

    stockproof doctor --peers              # the table
    python -m workbench.published peers    # the table and this page
"""


def publish_peers(place: Path) -> None:
    """Measure the table (about six minutes, nothing else running), and write it with its page."""
    rows = list(measured(1.0))
    place.mkdir(parents=True, exist_ok=True)
    with (place / "peers.csv").open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow([field.name for field in fields(Peer)])
        writer.writerows(astuple(row) for row in rows)
    (place / "README.md").write_text(page_of(rows, fsync_us(place)), encoding="utf-8")


def page_of(rows: Sequence[Peer], flushed_us: float) -> str:
    """The page of a table."""
    return PAGE.format(
        cores=os.cpu_count(),
        fsync=flushed_us,
        short=sum(row.ratio < row.goal for row in rows),
        all=len(rows),
        rows="\n".join(_row(row) for row in rows),
    )


def _row(row: Peer) -> str:
    ratio = f"{row.ratio:.2f}" if row.ratio >= row.goal else f"**{row.ratio:.2f}**"
    return (
        f"| {row.work} | {row.peer} | {row.peer_per_s:,.0f} | {row.ours_per_s:,.0f} "
        f"| {ratio} | {row.ratio_low:.2f}–{row.ratio_high:.2f} | {row.goal:.2f} |"
    )
