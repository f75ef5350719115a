"""`stockproof doctor --peers`: the load driver beside `pgbench` and `redis-benchmark`."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict

from rich.table import Table

from scenarios.measuring.peers import TURNS, Peer, Step, compare, installed, works
from workbench.screen import notices, print_json, results

NO_BENCHMARK = "redis-benchmark is not installed, so keys are left out: install redis-tools"


def examine_peers(seconds: float, as_json: bool) -> None:
    """Print the ratios: each row as it is there, or everything as one object."""
    if not installed():
        notices().print(NO_BENCHMARK)
    rows = list(measured(seconds))
    if as_json:
        print_json({"rows": [asdict(row) for row in rows]})
    else:
        results().print(table_of(rows))


def measured(seconds: float) -> Iterable[Peer]:
    """Every row, with a word on how far we are."""
    console = notices()

    def progress(step: Step) -> None:
        console.print(f"[{step.done + 1}/{step.total}] {step.work}", highlight=False)

    return compare(works(), seconds, TURNS, progress)


def table_of(rows: Iterable[Peer]) -> Table:
    """The rows for a reader."""
    table = Table("work", "peer", "peer /s", "ours /s", "ratio", "from–to", "least", box=None)
    for row in rows:
        short = "" if row.ratio >= row.goal else " [yellow]short[/yellow]"
        table.add_row(
            row.work,
            row.peer,
            f"{row.peer_per_s:,.0f}",
            f"{row.ours_per_s:,.0f}",
            f"{row.ratio:.2f}",
            f"{row.ratio_low:.2f}–{row.ratio_high:.2f}",
            f"{row.goal:.2f}{short}",
        )
    return table
