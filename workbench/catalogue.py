"""The catalogue as a table of strategies/README.md and as a CSV file for notebooks.

    python -m workbench.catalogue       # renews both

Only what follows from the code stands in it, so a test can tell whether it is current; what was
proved and measured stands in the reports.
"""

from __future__ import annotations

import csv
import io
import sys
from collections.abc import Iterator
from dataclasses import astuple, dataclass, fields
from pathlib import Path

from inventory_core.strategy import Promise, registry
from scenarios.model.round_trips import round_trips_of

ROOT = Path(__file__).parent.parent
PAGE = ROOT / "strategies" / "README.md"
TABLE = ROOT / "reports" / "published" / "catalogue.csv"
BEGIN, END = "<!-- catalogue: python -m workbench.catalogue -->", "<!-- end of catalogue -->"


@dataclass(frozen=True, slots=True)
class Entry:
    """A strategy as the catalogue has it. `lacks`: promises not made; `loses`: on which faults."""

    strategy: str
    family: str
    control: bool
    needs: str
    round_trips: int
    lacks: str
    loses: str
    must_break: str


def entries() -> Iterator[Entry]:
    """Every strategy but the floor, the controls last."""
    kinds = registry.strategies()
    for name in sorted(kinds, key=lambda name: (kinds[name].control, name)):
        kind = kinds[name]
        if kind.family != "floor":
            promises = kind.promises
            yield Entry(
                name,
                kind.family,
                kind.control,
                " + ".join(kind.needs.words),
                round_trips_of(kind()),
                ", ".join(one.value for one in Promise if one not in promises.kept),
                ", ".join(fault.value for fault in promises.loses),
                kind.must_break.value if kind.control else "",
            )


def catalogue() -> str:
    """The table: one row a strategy, the controls last."""
    lines = [
        "| strategy | family | needs | round trips | does not promise | loses on |",
        "|---|---|---|---|---|---|",
    ]
    for entry in entries():
        name = entry.strategy
        caught = f"**{entry.must_break}**: caught; " if entry.control else ""
        lines.append(
            f"| [`{name}`]({name}.py) | {entry.family} | {entry.needs} | {entry.round_trips}"
            f" | {caught}{entry.lacks or '–'} | {entry.loses or '–'} |"
        )
    return "\n".join(lines)


def as_csv() -> str:
    """The same, and which are controls, for `reports/published`."""
    written = io.StringIO()
    writer = csv.writer(written, lineterminator="\n")
    writer.writerow([field.name for field in fields(Entry)])
    writer.writerows(astuple(entry) for entry in entries())
    return written.getvalue()


def renewed(page: str) -> str:
    """The page with the table as it is now."""
    before, _, rest = page.partition(BEGIN)
    _, _, after = rest.partition(END)
    return f"{before}{BEGIN}\n{catalogue()}\n{END}{after}"


def main() -> int:
    """Write the table into the page, and the CSV file."""
    TABLE.write_text(as_csv(), encoding="utf-8")
    PAGE.write_text(renewed(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
