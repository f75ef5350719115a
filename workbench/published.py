"""`make published`: measure anew what is committed under `reports/published`.

Each comparison is measured into `runs/published-<name>`, where an interrupted one goes on where it
stopped; then its small records, page and pictures go to `reports/published/<name>`.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

from reports.publishing import publish
from workbench.command_line import run
from workbench.published_backends import publish_backends
from workbench.published_campaign import publish_campaign
from workbench.published_cdc import publish_cdc
from workbench.published_false_alarms import publish_false_alarms
from workbench.published_peers import publish_peers
from workbench.published_pools import publish_pools
from workbench.published_recommend import publish_evidence, publish_recommend
from workbench.published_sync_lag import publish_sync_lag
from workbench.published_validation import publish_validation
from workbench.published_warehouse_sync import publish_warehouse_sync
from workbench.stopping import STOPPED

PLACE = Path("reports/published")


class Comparison(NamedTuple):
    """What is measured: a scenario, for these strategies (none: those of its matrix), how long."""

    scenario: str
    extent: tuple[str, ...]
    strategies: tuple[str, ...] = ()
    command: str = "compare"  # or `measure`: the proofs are published by others already

    @property
    def words(self) -> list[str]:
        """The command line, without where the records go."""
        named = [word for name in self.strategies for word in ("--strategy", name)]
        return [self.command, self.scenario, *named, *self.extent]


UNDERSOLD = (
    *("conditional_update", "one_round_trip", "constraint_only", "unit_pick_constraint_only"),
    *("claimed_units", "split_rows", "split_rows_probing", "scattered_keys", "redis_decrement"),
    *("redis_script", "leased_quota"),
)
"""Who sells to the last unit, and who turns buyers away with stock left."""

LOST = ("conditional_update", "redis_script", "redis_then_database", "redis_with_task")
"""Who still has what was acknowledged before the power was cut."""

STRANDED = ("conditional_update", "escrow_journal", "redis_decrement", "redis_with_task")
"""Whose units the dead take with them, until somebody finds them."""

LEASED = ("conditional_update", "split_rows_probing", "bucket_pool", "leased_quota")
"""Whose units lie with a node, and are nobody's for a while when it dies."""

HEATED = (
    *("conditional_update", "row_lock", "optimistic_version", "split_rows", "merged_update"),
    *("redis_script", "scattered_keys", "redis_with_task"),
)
"""Whom it matters to how few articles everybody wants."""

HOTTER = ("--repeat", "3", "--seconds", "1.5", "--set", "demand.connections=16")
"""With twice the buyers of the scenario, so that one hot article has a queue."""

COMPARISONS: dict[str, Comparison] = {
    "flash_sale": Comparison("flash_sale", ("--grade", "published")),
    "real_baskets": Comparison("real_baskets", ("--repeat", "3")),
    "oversell_attempts": Comparison("oversell_attempts", ("--repeat", "3")),
    "last_units": Comparison("last_units", ("--repeat", "5"), UNDERSOLD, "measure"),
    "power_lost": Comparison(
        "flash_sale",
        ("--repeat", "3", "--set", "stock.quantity=50000", "--fault", "power_lost,server=all"),
        LOST,
        "measure",
    ),
    "dead_clients": Comparison(
        "last_units",
        ("--repeat", "3", "--fault", "client_dies,share=0.05,stay_away=1"),
        STRANDED,
        "measure",
    ),
    "dead_node": Comparison(
        "last_units",
        (
            *("--repeat", "5", "--set", "demand.processes=4", "--set", "demand.connections=4"),
            *("--set", "run.seconds=4", "--fault", "client_dies,node=1,at_s=0.1"),
        ),
        LEASED,
        "measure",
    ),
    **{
        f"hotspots_{cells}": Comparison(
            "hotspots", (*HOTTER, "--set", f"demand.hot_cells={cells}"), HEATED, "measure"
        )
        for cells in (1, 10, 100)
    },
}


PAGES: dict[str, Callable[[Path], int | None]] = {
    "peers": publish_peers,
    "merged_update": publish_pools,
    "validation": publish_validation,
    "false_alarms": publish_false_alarms,
    "backends": publish_backends,
    "cdc": publish_cdc,
    "sync_lag": publish_sync_lag,
    "evidence": publish_evidence,
    "recommend": publish_recommend,
    "warehouse_sync": publish_warehouse_sync,
    "campaign": publish_campaign,
}
"""What is measured in a way of its own, and written by it."""


def main(names: Sequence[str]) -> int:
    """Measure and publish what is named, or everything; until one is stopped; the worst status."""
    known = (*COMPARISONS, *PAGES, "many_warehouses")
    unknown = [name for name in names if name not in known]
    if unknown:
        print(f"nothing is published as {unknown[0]!r}; choose among {', '.join(known)}")
        return 2
    worst = 0
    for name, comparison in COMPARISONS.items():
        if names and name not in names:
            continue
        folder = Path("runs") / f"published-{name}"
        status = run([*comparison.words, "--out", str(folder)])
        worst = max(worst, status)
        if status == STOPPED:
            return worst
        if (folder / "comparison.json").exists():
            publish(folder, PLACE / name)
    for name, write in PAGES.items():
        if names and name not in names:
            continue
        status = write(PLACE / name) or 0
        worst = max(worst, status)
        if status == STOPPED:
            return worst
    if not names or "many_warehouses" in names:
        worst = max(worst, run(["source", "--json", "--out", str(PLACE / "many_warehouses")]))
    return worst


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
