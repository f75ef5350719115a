"""`make published`: measure anew what is committed under `reports/published`.

Each comparison is measured into its folder, with its report and its pictures; an interrupted one
goes on where it stopped. Records that only a debugger needs are left out, to keep the repository
small.
"""

from __future__ import annotations

import sys
from pathlib import Path

from reports.markdown import write_pictures
from workbench.command_line import run

PLACE = Path("reports/published")
COMPARISONS: dict[str, tuple[str, ...]] = {
    "flash_sale": ("--grade", "published"),
    "real_baskets": ("--repeat", "3"),
    "oversell_attempts": ("--repeat", "3"),
}
LEFT_OUT = ("steps.parquet", "audit.parquet")


def main() -> int:
    """Measure every comparison; the worst status of all."""
    return max(_publish(name, extent) for name, extent in COMPARISONS.items())


def _publish(name: str, extent: tuple[str, ...]) -> int:
    folder = PLACE / name
    status = run(["compare", name, *extent, "--out", str(folder)])
    if (folder / "comparison.json").exists():
        write_pictures(folder)
        for record in LEFT_OUT:
            for path in folder.glob(f"*/{record}"):
                path.unlink()
    return status


if __name__ == "__main__":
    sys.exit(main())
