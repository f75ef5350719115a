"""`stockproof compare`, and what `stockproof measure` shares with it: one table, one folder.

`measure` runs strategies live; `compare` proves them first, and writes the report.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import wraps
from pathlib import Path
from typing import Annotated, Any

import typer

from scenarios.history import RunFolder
from scenarios.measuring.campaign import Progress, measure
from scenarios.scenario import Scenario
from workbench import options
from workbench.asking import (
    NO_PROFILE,
    Grade,
    Wanted,
    folder_asked,
    grade_of,
    repeating,
    scenario_asked,
)
from workbench.junit import write_junit
from workbench.own_servers import servers_asked
from workbench.proving import proofs_of
from workbench.remarks import stands
from workbench.screen import Ticker, print_json, ticker
from workbench.showing import show_comparison
from workbench.stopping import Stopped
from workbench.verdict_table import is_judged

BROKEN = 1
ScenarioName = Annotated[str, typer.Argument(help="A scenario's name, or the path of a TOML file.")]
GradeName = Annotated[
    Grade | None, typer.Option("--grade", help="demo 3 x 3 s, standard 5 x 5 s, published 10 x 5 s")
]
BesideName = Annotated[
    str,
    typer.Option(
        "--profile",
        help="Predict too, with these costs: a profile's name, a TOML file, or none."
        " compare takes one_machine unless told otherwise.",
    ),
]
DEFAULT = "one_machine"
Rows = list[dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Asked:
    """A command line as it was understood. `with_settings`: its scenario with these on top."""

    wanted: Wanted
    with_settings: Callable[[Sequence[str]], Scenario]
    dry_run: bool
    as_json: bool


def asked(
    context: typer.Context,
    scenario: ScenarioName,
    strategy: options.Strategies = None,
    stack: options.StackName = None,
    seconds: options.Seconds = None,
    repeat: options.Repeat = None,
    seed: options.Seed = None,
    set_: options.Sets = None,
    fault: options.Faults = None,
    connections: options.Connections = None,
    processes: options.Processes = None,
    grade: GradeName = None,
    out: options.Out = None,
    sql_url: options.SqlUrl = "",
    redis_url: options.RedisUrl = "",
    servers: options.ServersName = "",
    config: options.ConfigFile = None,
    schema: options.SchemaName = "",
    allow_host: options.AllowHost = None,
    dry_run: options.DryRun = False,
    junit: options.Junit = None,
    profile: BesideName = "",
    as_json: options.Json = False,
) -> Asked:
    """Read the options that `measure` and `compare` share."""
    keys = {
        "run.seconds": seconds,
        "run.repetitions": repeat,
        "run.seed": seed,
        "demand.connections": connections,
        "demand.processes": processes,
    }

    def with_settings(more: Sequence[str]) -> Scenario:
        return scenario_asked(scenario, [*(set_ or ()), *more], grade, keys, fault or ())

    meant = servers_asked(
        servers,
        config,
        sql_url=sql_url,
        redis_url=redis_url,
        allow_hosts=tuple(allow_host or ()),
        name=schema,
    )
    found = with_settings(())
    wanted = Wanted(
        scenario=found,
        strategies=tuple(strategy or ()),
        stack=stack,
        settings=meant.settings,
        out=folder_asked(out, found),
        grade=grade_of(found),
        junit=junit,
        command=repeating(context.obj),
        profile=profile or NO_PROFILE,
    )
    return Asked(wanted, with_settings, dry_run, as_json)


@wraps(asked)
def compare_command(*words: Any, **options: Any) -> None:
    """Prove and measure strategies: one table, one report."""
    wish = asked(*words, **options)
    wanted = replace(wish.wanted, profile=options.get("profile") or DEFAULT)
    carry_out(replace(wish, wanted=wanted), prove=True)


compare_command.__doc__ = "Prove and measure strategies: one table, one report."


def carry_out(wish: Asked, *, prove: bool) -> None:
    """Do what was asked, or say what would be done."""
    if wish.dry_run:
        say_plan(wish.wanted.planned(), wish.as_json)
    else:
        _carry_out(wish.wanted, wish.as_json, prove=prove)


def _carry_out(wanted: Wanted, as_json: bool, *, prove: bool) -> None:
    wanted.check()
    proved = _proved(wanted, quiet=as_json) if prove else []
    record = _measured(wanted, proved, quiet=as_json)
    record |= _predicted(wanted, record, quiet=as_json)
    report = _report(wanted.out) if prove else None
    if wanted.junit is not None:
        write_junit(wanted.junit, f"stockproof {wanted.scenario.name}", [*proved, *record["rows"]])
    if as_json:
        print_json(_contract(wanted, record, report))
    else:
        show_comparison(record, wanted.out, report)
        if "predicted" in record:
            from workbench.predicted_beside import show_predicted

            show_predicted(record)
    if broken(record["rows"]) or not all(map(stands, proved)):
        raise typer.Exit(BROKEN)


def _predicted(wanted: Wanted, record: dict[str, Any], quiet: bool) -> dict[str, Any]:
    """What a simulation says of the same runs, kept with them."""
    if wanted.profile == NO_PROFILE or wanted.scenario.shop is not None:
        return {}
    from workbench.predicted_beside import predicted_too  # scipy and simpy take a while

    try:
        beside = predicted_too(wanted.scenario, record, wanted.profile, quiet)
    except KeyboardInterrupt:
        raise Stopped(f"all runs are finished, and are in {wanted.out}") from None
    RunFolder(wanted.out).write_json("comparison", record | beside)
    return beside


def say_plan(planned: Iterable[str], as_json: bool) -> None:
    """Say what would be created and removed."""
    lines = list(planned)
    if as_json:
        print_json({"would_create_and_remove": lines})
    else:
        print("would create, and remove at the end (x stands for a random digit):")
        print("\n".join(f"  {line}" for line in lines))


def _proved(wanted: Wanted, quiet: bool) -> Rows:
    names = wanted.provable()
    proofs = proofs_of(names, quiet) if names else []
    return [proof.row() | {"timeline": proof.timeline} for proof in proofs]


def _report(folder: Path) -> str:
    from workbench.reporting import page_of  # matplotlib takes a second, and is wanted at the end

    return str(page_of(folder))


def _measured(wanted: Wanted, proved: Rows, quiet: bool) -> dict[str, Any]:
    """Run the campaign. After every run, all that is finished is on disk, its proofs with it."""
    told = {
        "grade": wanted.grade,
        "command": wanted.command,
        "started_at": time.strftime("%Y-%m-%dT%H:%M:%S%z"),
        "proved": proved,
    }
    finished = 0

    def follow(progress: Progress) -> None:
        nonlocal finished
        _say_progress(tick, progress, wanted.scenario.run.seconds)
        finished += progress.row is not None

    try:
        with ticker(quiet) as tick:
            measure(
                wanted.scenario,
                wanted.strategies,
                stack=wanted.stack,
                out=wanted.out,
                settings=wanted.settings,
                progress=follow,
                told=told,
            )
    except KeyboardInterrupt:
        if not finished:
            raise Stopped("no run was finished yet") from None
        raise Stopped(f"finished runs are in {wanted.out} ({finished})") from None
    return RunFolder(wanted.out).json("comparison")


def _say_progress(tick: Ticker, progress: Progress, seconds: float) -> None:
    run = f"{progress.strategy} on {progress.stack}, run {progress.repetition + 1}"
    if progress.row is not None:
        tick.done(f"{run}: {progress.row['verdict']}")
        return
    if progress.done == 0:
        tick.expect(progress.total, "all runs")
    tick.now(run, seconds)


def _contract(wanted: Wanted, record: dict[str, Any], report: str | None) -> dict[str, Any]:
    found = {
        "scenario": wanted.scenario.name,
        "seed": wanted.scenario.run.seed,
        "report": report,
        "folder": str(wanted.out),
        "rows": record["rows"],
        "skipped": record["skipped"],
    }
    others = ("comparisons", "predicted", "prediction")
    beside = {key: record[key] for key in others if key in record}
    return found | beside | ({"proved": record["proved"]} if report else {})


def broken(rows: Sequence[Mapping[str, Any]]) -> bool:
    """Did anybody who is judged break a promise, or could not be judged?"""
    return any(row["verdict"] != "holds" for row in rows if is_judged(row))
