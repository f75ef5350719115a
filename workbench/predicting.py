"""`stockproof predict`: the same plans in virtual time, at loads and on machines elsewhere."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer
from rich.table import Table

from scenarios.history import RunFolder
from scenarios.predicting.campaign import Campaign, Precision, predictable
from scenarios.predicting.profile import Profile, load_profile
from scenarios.predicting.side_by_side import workers
from scenarios.predicting.sweep import Sweep, read_axes
from scenarios.scenario import Scenario
from workbench import options
from workbench.asking import folder_asked, repeating, scenario_asked
from workbench.comparing import BROKEN, ScenarioName
from workbench.screen import print_json, results, ticker
from workbench.showing import headline
from workbench.stopping import Stopped
from workbench.verdict_table import is_judged, verdict_table

ProfileName = Annotated[
    str, typer.Option("--profile", help="What things cost: a profile's name, or a TOML file.")
]
Costs = Annotated[
    list[str] | None,
    typer.Option("--cost", help="Override a figure of the profile: --cost network.one_way_us=250"),
]
Sweeps = Annotated[
    list[str] | None,
    typer.Option("--sweep", help="Turn something: rate=1000..200000, or rtt_ms=0.2,0.5,2"),
]
Scheduler = Annotated[
    str, typer.Option("--scheduler", help="A Dask scheduler whose workers share the work.")
]
Most = Annotated[
    int, typer.Option("--replications", min=1, help="At most so many of each strategy.")
]
Within = Annotated[
    float,
    typer.Option("--within", min=0.001, max=1, help="Enough when the interval is so narrow."),
]


def predict_command(
    context: typer.Context,
    scenario: ScenarioName,
    strategy: options.Strategies = None,
    profile: ProfileName = "one_machine",
    cost: Costs = None,
    sweep: Sweeps = None,
    scheduler: Scheduler = "",
    replications: Most = 10,
    within: Within = 0.05,
    seconds: options.Seconds = None,
    seed: options.Seed = None,
    set_: options.Sets = None,
    fault: options.Faults = None,
    connections: options.Connections = None,
    processes: options.Processes = None,
    out: options.Out = None,
    as_json: options.Json = False,
) -> None:
    """Predict strategies by simulation, with a verdict for each; --sweep draws a picture."""
    keys = {
        "run.seconds": seconds,
        "run.seed": seed,
        "demand.connections": connections,
        "demand.processes": processes,
    }
    asked = scenario_asked(scenario, set_ or (), None, keys, fault or ())
    names = predictable(strategy or (), asked)
    costs = load_profile(profile, cost or ())
    folder = folder_asked(out, asked)
    if sweep:
        _sweep(Sweep(asked, names, costs, read_axes(sweep), folder), scheduler, as_json)
        return
    precision = Precision(min(3, replications), replications, within)
    campaign = Campaign(asked, names, costs, folder, precision)
    _predict(campaign, scheduler, repeating(context.obj), as_json)


def _predict(campaign: Campaign, scheduler: str, command: str, as_json: bool) -> None:
    try:
        with ticker(as_json) as tick, workers(scheduler) as executor:
            tick.expect(len(campaign.rows) * campaign.precision.least, "replications")
            campaign.run(executor, lambda row: tick.done(_said(row)))
    except KeyboardInterrupt:
        done = sum(map(len, campaign.rows.values()))
        raise Stopped(f"finished runs are in {campaign.out} ({done})") from None
    record = RunFolder(campaign.out)
    record.write_json("comparison", campaign.about() | {"command": command})
    rows = campaign.combined()
    if as_json:
        print_json({"scenario": campaign.scenario.name, "folder": str(campaign.out), "rows": rows})
    else:
        _show(campaign.scenario, campaign.profile, rows, campaign.out)
    if any(row["verdict"] != "holds" for row in rows if is_judged(row)):
        raise typer.Exit(BROKEN)


def _show(scenario: Scenario, profile: Profile, rows: list[dict[str, Any]], folder: Path) -> None:
    console = results()
    console.print(verdict_table(rows))
    console.print()
    reach = max((row["goodput_within"] or 0.0 for row in rows), default=0.0)
    answer = (headline(folder),) if scenario.shop is not None else ()
    for line in (
        *answer,
        f"predicted, not measured: {scenario.name} by the profile {profile.name}"
        f" ({profile.about.title})",
        f"the mean goodput of every strategy is known to {reach:.1%} or better, as far as the dice"
        " go; how wrong the model itself is, the validation says",
        f"records: {folder}",
    ):
        console.print(line, soft_wrap=True, markup=False)


def _sweep(sweep: Sweep, scheduler: str, as_json: bool) -> None:
    from reports.sweeps import knees_of, write_sweep  # matplotlib takes a second

    done = 0

    def follow(row: dict[str, Any]) -> None:
        nonlocal done
        done += 1
        tick.follow(done, sweep.size, _said(row))

    try:
        with ticker(as_json) as tick, workers(scheduler) as executor:
            sweep.run(executor, follow)
    except KeyboardInterrupt:
        raise Stopped(f"finished points are in {sweep.out} ({done})") from None
    page = write_sweep(sweep.out)
    record = RunFolder(sweep.out).json("sweep")
    if as_json:
        said = {"scenario": sweep.scenario.name, "folder": str(sweep.out), "picture": str(page)}
        print_json(said | {"rows": record["rows"], "knees": knees_of(record)})
        return
    table = Table(box=None, pad_edge=False)
    for heading in ("strategy", "at", "knee per s", "goodput there", "best goodput"):
        table.add_column(heading, justify="left" if heading in ("strategy", "at") else "right")
    for knee in knees_of(record):
        table.add_row(*(str(knee[key]) for key in ("strategy", "at", "knee", "there", "best")))
    results().print(table)
    results().print(f"\npicture: {page}", soft_wrap=True, markup=False)


def _said(row: dict[str, Any]) -> str:
    settings = ", ".join(f"{key} {value:g}" for key, value in row.get("settings", {}).items())
    which = settings or f"replication {row['repetition'] + 1}"
    if row.get("rule"):
        which = f"at {row['rule']} time, {which}"
    return f"{row['strategy']}, {which}: {row['verdict']}, {row['goodput_per_s']:,.0f} /s"
