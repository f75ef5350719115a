"""The catalogue as a table of strategies/README.md: `python -m workbench.catalogue` renews it.

Only what follows from the code stands in it, so a test can tell whether it is current; what was
proved and measured stands in the reports.
"""

from __future__ import annotations

import sys
from pathlib import Path

from inventory_core.strategy import Promise, registry
from scenarios.model.round_trips import round_trips_of

PAGE = Path(__file__).parent.parent / "strategies" / "README.md"
BEGIN, END = "<!-- catalogue: python -m workbench.catalogue -->", "<!-- end of catalogue -->"


def catalogue() -> str:
    """The table: one row a strategy, the controls last."""
    lines = [
        "| strategy | family | needs | round trips | does not promise | loses on |",
        "|---|---|---|---|---|---|",
    ]
    kinds = registry.strategies()
    for name in sorted(kinds, key=lambda name: (kinds[name].control, name)):
        kind = kinds[name]
        if kind.family == "floor":
            continue
        promises = kind.promises
        lacking = ", ".join(one.value for one in Promise if one not in promises.kept)
        loses = ", ".join(fault.value for fault in promises.loses)
        caught = f"**{kind.must_break.value}**: caught; " if kind.control else ""
        needs = " + ".join(kind.needs.words)
        trips = round_trips_of(kind())
        lines.append(
            f"| [`{name}`]({name}.py) | {kind.family} | {needs} | {trips}"
            f" | {caught}{lacking or '–'} | {loses or '–'} |"
        )
    return "\n".join(lines)


def renewed(page: str) -> str:
    """The page with the table as it is now."""
    before, _, rest = page.partition(BEGIN)
    _, _, after = rest.partition(END)
    return f"{before}{BEGIN}\n{catalogue()}\n{END}{after}"


def main() -> int:
    """Write the table into the page."""
    PAGE.write_text(renewed(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
