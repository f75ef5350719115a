"""`make published`: measure anew what is committed under `reports/published`.

Each comparison is measured into `runs/published-<scenario>`, where an interrupted one goes on where
it stopped; then its small records, page and pictures go to `reports/published/<scenario>`.
"""

from __future__ import annotations

import sys
from pathlib import Path

from reports.publishing import publish
from workbench.command_line import run

PLACE = Path("reports/published")
COMPARISONS: dict[str, tuple[str, ...]] = {
    "flash_sale": ("--grade", "published"),
    "real_baskets": ("--repeat", "3"),
    "oversell_attempts": ("--repeat", "3"),
}


def main() -> int:
    """Measure and publish every comparison; the worst status of all."""
    return max(_publish(name, extent) for name, extent in COMPARISONS.items())


def _publish(name: str, extent: tuple[str, ...]) -> int:
    folder = Path("runs") / f"published-{name}"
    status = run(["compare", name, *extent, "--out", str(folder)])
    if (folder / "comparison.json").exists():
        publish(folder, PLACE / name)
    return status


if __name__ == "__main__":
    sys.exit(main())
