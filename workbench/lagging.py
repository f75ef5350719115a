"""`stockproof lag`: what a late shop window costs, predicted beside measured (`sync_lag`)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.table import Table

from inventory_core.problems import Problem
from inventory_core.stores.embedded import EmbeddedPostgresql
from scenarios.history import FORMAT, RunFolder
from scenarios.lagging.campaign import (
    MEASURED,
    PREDICTED,
    Row,
    World,
    agreement,
    as_measured,
    broken,
)
from scenarios.lagging.cases import Case, measurable, predictable
from scenarios.lagging.evolution import study
from scenarios.lagging.scenario import SyncLag, load_lag
from scenarios.measuring.machine import machine, software
from scenarios.predicting.lagging import simulate
from workbench import options
from workbench.comparing import BROKEN
from workbench.lag_live import measure
from workbench.screen import Ticker, notices, print_json, results, ticker
from workbench.stopping import Stopped

BOTH = "both"
File = Annotated[Path | None, typer.Argument(help="A TOML file like sync_lag.toml (else that).")]
Worlds = Annotated[str, typer.Option("--world", help="predicted, measured, or both.")]
Repeat = Annotated[int, typer.Option("--repeat", min=1, help="How often each case is measured.")]
Replications = Annotated[
    int, typer.Option("--replications", min=1, help="How often each case is simulated.")
]


def lag_command(
    file: File = None,
    world: Worlds = BOTH,
    repeat: Repeat = 1,
    replications: Replications = 5,
    seconds: options.Seconds = None,
    seed: options.Seed = None,
    set_: options.Sets = None,
    out: options.Out = None,
    as_json: options.Json = False,
) -> None:
    """A shop window that learns late, by polling, on demand or streamed: what shoppers see.

    Measured on private servers, about a quarter of a minute a case; predicted in virtual time.
    """
    if world not in (BOTH, PREDICTED, MEASURED):
        raise Problem(f"--world is predicted, measured or both, not {world!r}")
    said = {"sale.seconds": seconds, "sale.seed": seed}
    settings = [f"{key}={value}" for key, value in said.items() if value is not None]
    scenario = load_lag(file, [*settings, *(set_ or ())])
    worlds = [
        World(name, run, times)
        for name, run, times in ((MEASURED, measure, repeat), (PREDICTED, simulate, replications))
        if world in (BOTH, name)
    ]
    folder = out or Path("runs") / "sync_lag"
    try:
        record = carried_out(scenario, worlds, as_json)
    except KeyboardInterrupt:
        raise Stopped("nothing was written") from None
    page = written(record, folder)
    complaints = broken(record["rows"])
    if as_json:
        print_json(record | {"folder": str(folder), "report": str(page), "broken": complaints})
    else:
        _show(record, page)
        for complaint in complaints:
            notices().print(f"broken: {complaint}")
    if complaints:
        raise typer.Exit(BROKEN)


def carried_out(scenario: SyncLag, worlds: Sequence[World], quiet: bool = False) -> dict[str, Any]:
    """Both worlds, the measured one first: what is predicted takes the pipeline's lag from it."""
    rows: list[Row] = []
    evolution: list[Row] = []
    for world in worlds:
        live = world.name == MEASURED
        cases = list(measurable(scenario)) if live else predictable(scenario)
        with ticker(quiet) as tick:
            tick.expect(len(cases), f"{world.name} cases")
            rows += _followed(world, scenario, cases, tick)
        if live:
            scenario = as_measured(scenario, rows)
            evolution = _evolution(rows)
    return {
        "format": FORMAT,
        "title": scenario.title,
        "scenario": asdict(scenario),
        "lag_measured": any(world.name == MEASURED for world in worlds),
        "machine": machine(),
        "software": software(),
        "rows": rows,
        "agreement": agreement(rows),
        "evolution": evolution,
    }


def written(record: dict[str, Any], folder: Path) -> Path:
    """The record and what is made from it; answers where the page is."""
    from reports.lagging import write_lag  # matplotlib takes a second

    RunFolder(folder).write_json("lag", record)
    return write_lag(folder)


def _followed(world: World, scenario: SyncLag, cases: Sequence[Case], tick: Ticker) -> list[Row]:
    rows = []
    for row in world.rows(scenario, cases):
        rows.append(row)
        tick.done(
            f"{row['path']} {row['own_ms']:g} ms {row['fault']} {row['control']}:"
            f" {row['stale_share']:.1%} stale, {row['lost_sales']:g} lost sales"
        )
    return rows


def _evolution(rows: Sequence[Row]) -> list[Row]:
    """The study of the two designs; how stale v2 is, the pipeline itself has shown above."""
    with EmbeddedPostgresql(settings={"wal_level": "logical"}) as server:
        v1, v2 = (asdict(each) for each in study(server.url))
    return [v1 | {"stale_share": 0.0}, v2 | {"stale_share": 100 * rows[0]["stale_share"]}]


def _show(record: dict[str, Any], page: Path) -> None:
    from reports.lagging import COLUMNS, about_of, agreement_of, lines_of

    table = Table(title=record["title"], title_justify="left", box=None, pad_edge=False)
    table.add_column("path", min_width=19, overflow="fold")
    table.add_column("ms", justify="right", no_wrap=True)
    table.add_column("world", no_wrap=True)
    for heading in filter(None, (column.short for column in COLUMNS)):
        table.add_column(heading, justify="right", no_wrap=True)
    for cells in lines_of(record):
        table.add_row(*cells)
    console = results()
    console.print(table)
    for line in ("", about_of(record), agreement_of(record), f"report: {page}"):
        console.print(line, soft_wrap=True, markup=False)
