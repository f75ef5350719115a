"""`make published`: measure anew what is committed under `reports/published`.

Each comparison is measured into `runs/published-<scenario>`, where an interrupted one goes on where
it stopped; then its small records, page and pictures go to `reports/published/<scenario>`.
"""

from __future__ import annotations

import sys
from pathlib import Path

from reports.publishing import publish
from workbench.command_line import run
from workbench.stopping import STOPPED

PLACE = Path("reports/published")
COMPARISONS: dict[str, tuple[str, ...]] = {
    "flash_sale": ("--grade", "published"),
    "real_baskets": ("--repeat", "3"),
    "oversell_attempts": ("--repeat", "3"),
}


def main() -> int:
    """Measure and publish every comparison, until one is stopped; the worst status of all."""
    worst = 0
    for name, extent in COMPARISONS.items():
        folder = Path("runs") / f"published-{name}"
        status = run(["compare", name, *extent, "--out", str(folder)])
        worst = max(worst, status)
        if status == STOPPED:
            break
        if (folder / "comparison.json").exists():
            publish(folder, PLACE / name)
    if worst != STOPPED:
        worst = max(worst, run(["source", "--json", "--out", str(PLACE / "many_warehouses")]))
    return worst


if __name__ == "__main__":
    sys.exit(main())
