"""`stockproof source`: the ways of sourcing compared on real baskets with invented geography."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.table import Table

from inventory_core.problems import Problem
from reports.sourcing import COLUMNS, RECORD, about_of, cells_of, title_of, write_sourcing
from scenarios.sourcing import compare
from workbench.options import Json
from workbench.screen import notices, print_json, results

SCENARIO = "many_warehouses"
Scenario = Annotated[str, typer.Argument(help="The scenario; there is one, many_warehouses.")]
Orders = Annotated[int, typer.Option("--orders", min=1, help="How many baskets.")]
Only = Annotated[list[str] | None, typer.Option("--sourcing", help="Only this way (repeatable).")]
Dice = Annotated[int, typer.Option("--seed", min=0, max=2**32 - 1, help="Where the dice start.")]
Folder = Annotated[Path | None, typer.Option("--out", help="The folder (else under runs/).")]


def source_command(
    scenario: Scenario = SCENARIO,
    orders: Orders = 2_000,
    sourcing: Only = None,
    seed: Dice = 1,
    out: Folder = None,
    as_json: Json = False,
) -> None:
    """Compare the ways of choosing warehouses: parcels, cost, days, refused orders."""
    if scenario != SCENARIO:
        raise Problem(f"there is no sourcing scenario {scenario!r}; leave it out or say {SCENARIO}")
    notes = notices()
    record = compare(
        orders, seed, tuple(sourcing or ()), lambda name: notes.print(f"sourcing by {name}")
    )
    page = write_record(record, out or Path("runs") / f"{SCENARIO}-{orders}-{seed}")
    if as_json:
        print_json({**record, "report": str(page)})
    else:
        results().print(_table(record))
        results().print(f"{about_of(record)}\n{page}")


def write_record(record: dict[str, Any], folder: Path) -> Path:
    """The record and what is made from it; answers where the page is."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / RECORD).write_text(json.dumps(record, indent=1) + "\n", encoding="utf-8")
    return write_sourcing(folder)


def _table(record: dict[str, Any]) -> Table:
    table = Table(title=title_of(record), title_justify="left")
    table.add_column("sourcing", no_wrap=True)
    for _, words, _, _ in COLUMNS:
        table.add_column(words, justify="right")
    for row in record["rows"]:
        table.add_row(row["sourcing"], *cells_of(row))
    return table
