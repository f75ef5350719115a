"""The published figures of a full synchronisation beside a flash sale, and of one that is cut off.

    python -m workbench.published warehouse_sync             both sizes, about ten minutes
    python -m workbench.published_warehouse_sync 2000        a size of yours; nothing is written

A warehouse system of five warehouses serves its counts over HTTP. Buyers buy a few hot articles,
first alone and then beside the synchronisation, while the law is audited again and again. Then the
warehouse system is killed (SIGKILL) at a page drawn by the seed, and what every table holds is
compared, to the row; and the synchronisation is asked for again.
"""

from __future__ import annotations

import csv
import json
import sys
from collections.abc import Iterator, Sequence
from dataclasses import asdict, fields
from pathlib import Path
from typing import Any

from inventory_core.sync.limits import SyncLimits
from workbench.warehouse_sync_figures import Figures
from workbench.warehouse_sync_measured import SAMPLED, measure
from workbench.warehouse_sync_town import Size

SIZES = (Size(skus=10_000), Size())


def publish_warehouse_sync(place: Path, sizes: Sequence[Size] = SIZES) -> None:
    """Measure every size, and write the table with its page."""
    found = [measure(size) for size in sizes]
    place.mkdir(parents=True, exist_ok=True)
    with (place / "warehouse_sync.csv").open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow([one.name for one in fields(Figures)])
        writer.writerows([_said(value) for value in asdict(one).values()] for one in found)
    (place / "README.md").write_text("".join(page_of(found)), encoding="utf-8")


PAGE = """# A full synchronisation beside a flash sale

Measured by `python -m workbench.published warehouse_sync`. The same town in two sizes: five
warehouses, whose system is a process of its own and is asked over HTTP; four clients that buy hot
articles, pay, and have every fifth order shipped; one process that brings all counts in, warehouse
after warehouse, in pages of {page} and batches of {batch}. PostgreSQL, warehouse system, buyers,
synchronisation and auditor share two cores.

- One shelf in a hundred was made to differ by a unit: `changed` has to be `changed_foretold`.
- `law_` rows: {sampled} articles a sample, audited while everything went on; `comparable` are those
  that nobody was at, so that both sides had to agree to the unit. Breaches have to be nought.
- `shelves_that_differ` compares every shelf with the warehouse system's own file, sale over.
- `cut_`: the warehouse system was killed (SIGKILL) once that page was staged. Tables whose rows
  changed (`cut_changed_tables`) have to be none. `again_` is the next run of that warehouse; it
  removes what the broken one had staged.
- `memory_` is the resident memory of the synchronising process: before its first page, and at most.

"""


def page_of(found: Sequence[Figures]) -> Iterator[str]:
    """The page: what was done, and every figure, a column each size."""
    limits = SyncLimits()
    yield PAGE.format(page=limits.page, batch=limits.batch, sampled=SAMPLED)
    yield "| " + " | ".join(["", *(f"{one.skus:,} SKUs" for one in found)]) + " |\n"
    yield "|---" + "|---:" * len(found) + "|\n"
    for one in fields(Figures):
        values = [_said(getattr(figures, one.name)) for figures in found]
        yield "| " + " | ".join([f"`{one.name}`", *values]) + " |\n"
    yield "\n[warehouse_sync.csv](warehouse_sync.csv)\n"


def _said(value: Any) -> str:
    return f"{value:.1f}" if isinstance(value, float) else str(value)


if __name__ == "__main__":
    size = Size(skus=int(sys.argv[1])) if len(sys.argv) > 1 else SIZES[0]
    print(json.dumps(asdict(measure(size)), indent=1))
