"""`stockproof measure` and `stockproof compare`: one table, one folder of records, one report.

`measure` runs strategies live; `compare` proves them first, and writes the report.
"""

from __future__ import annotations

import shlex
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import Annotated, Any

import typer

from inventory_core.stores.servers import Servers, Settings
from scenarios.history import RunFolder
from scenarios.measuring.campaign import (
    Comparison,
    Progress,
    default_out,
    measure,
    pairs_of,
)
from scenarios.scenario import Scenario, load_scenario
from workbench import options
from workbench.junit import write_junit
from workbench.proving import proofs_of, stands
from workbench.reporting import page_of
from workbench.screen import Ticker, print_json, results, ticker
from workbench.verdict_table import verdict_table

BROKEN = 1
ScenarioName = Annotated[str, typer.Argument(help="A scenario's name, or the path of a TOML file.")]
Out = Annotated[Path | None, typer.Option("--out", help="The folder for the records (runs/...).")]


class Grade(Enum):
    """How much measuring: repetitions of seconds."""

    DEMO = "demo"
    STANDARD = "standard"
    PUBLISHED = "published"


EXTENT = {Grade.DEMO: (3, 3.0), Grade.STANDARD: (5, 5.0), Grade.PUBLISHED: (10, 5.0)}
GradeName = Annotated[
    Grade | None, typer.Option("--grade", help="demo 3 x 3 s, standard 5 x 5 s, published 10 x 5 s")
]


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the command line asked for."""

    scenario: Scenario
    strategies: tuple[str, ...]
    stack: str | None
    settings: Settings
    out: Path
    grade: str

    def planned(self) -> Iterator[str]:
        """What would be created and removed, in sentences."""
        servers = Servers(self.settings)
        pairs, skipped = pairs_of(self.scenario, self.strategies, self.stack)
        for stack in dict.fromkeys(pair.stack for pair in pairs):
            for line in servers.planned(stack):
                yield f"{stack.name}: {line}"
        yield f"records: the folder {self.out}"
        yield from skipped


def _wanted(
    scenario: str,
    sets: Sequence[str] | None,
    strategies: Sequence[str] | None,
    stack: str | None,
    grade: Grade | None,
    numbers: dict[str, float | None],
    settings: Settings,
    out: Path | None,
) -> Wanted:
    overrides = list(sets or ())
    if grade is not None:
        repetitions, seconds = EXTENT[grade]
        overrides += [f"run.repetitions={repetitions}", f"run.seconds={seconds}"]
    overrides += [f"{key}={value}" for key, value in numbers.items() if value is not None]
    loaded = load_scenario(scenario, overrides)
    word = grade.value if grade else _grade_of(loaded)
    return Wanted(
        loaded, tuple(strategies or ()), stack, settings, out or default_out(loaded), word
    )


def _grade_of(scenario: Scenario) -> str:
    extent = (scenario.run.repetitions, scenario.run.seconds)
    reached = [g.value for g, (n, s) in EXTENT.items() if extent[0] >= n and extent[1] >= s]
    return reached[-1] if reached else Grade.DEMO.value


def measure_command(
    scenario: ScenarioName,
    strategy: options.Strategies = None,
    stack: options.StackName = None,
    seconds: options.Seconds = None,
    repeat: options.Repeat = None,
    seed: options.Seed = None,
    set_: options.Sets = None,
    connections: options.Connections = None,
    processes: options.Processes = None,
    grade: GradeName = None,
    out: Out = None,
    sql_url: options.SqlUrl = "",
    redis_url: options.RedisUrl = "",
    allow_host: options.AllowHost = None,
    dry_run: options.DryRun = False,
    junit: options.Junit = None,
    as_json: options.Json = False,
) -> None:
    """Measure strategies live, audit every unit, and give a verdict for each."""
    numbers = _numbers(seconds, repeat, seed, connections, processes)
    settings = Settings.from_environment(sql_url, redis_url, tuple(allow_host or ()))
    wanted = _wanted(scenario, set_, strategy, stack, grade, numbers, settings, out)
    _carry_out(wanted, dry_run, as_json, junit, prove=False)


def compare_command(
    scenario: ScenarioName,
    strategy: options.Strategies = None,
    stack: options.StackName = None,
    seconds: options.Seconds = None,
    repeat: options.Repeat = None,
    seed: options.Seed = None,
    set_: options.Sets = None,
    connections: options.Connections = None,
    processes: options.Processes = None,
    grade: GradeName = None,
    out: Out = None,
    sql_url: options.SqlUrl = "",
    redis_url: options.RedisUrl = "",
    allow_host: options.AllowHost = None,
    dry_run: options.DryRun = False,
    junit: options.Junit = None,
    as_json: options.Json = False,
) -> None:
    """Prove and measure strategies: one table, one report."""
    numbers = _numbers(seconds, repeat, seed, connections, processes)
    settings = Settings.from_environment(sql_url, redis_url, tuple(allow_host or ()))
    wanted = _wanted(scenario, set_, strategy, stack, grade, numbers, settings, out)
    _carry_out(wanted, dry_run, as_json, junit, prove=True)


def _numbers(
    seconds: float | None,
    repeat: int | None,
    seed: int | None,
    connections: int | None,
    processes: int | None,
) -> dict[str, float | None]:
    """The options that are keys of the scenario."""
    return {
        "run.seconds": seconds,
        "run.repetitions": repeat,
        "run.seed": seed,
        "demand.connections": connections,
        "demand.processes": processes,
    }


def _carry_out(
    wanted: Wanted, dry_run: bool, as_json: bool, junit: Path | None, *, prove: bool
) -> None:
    if dry_run:
        _say_plan(wanted, as_json)
        return
    proved = _proofs(wanted, as_json) if prove else []
    comparison = _measured(wanted, proved, as_json)
    report = str(page_of(comparison.path)) if prove else None
    if junit is not None:
        write_junit(junit, f"stockproof {wanted.scenario.name}", comparison.rows)
    if as_json:
        print_json(_contract(wanted, comparison, proved, report))
    else:
        _show(wanted, comparison, proved, report)
    if _broken(comparison.rows) or not all(map(stands, proved)):
        raise typer.Exit(BROKEN)


def _say_plan(wanted: Wanted, as_json: bool) -> None:
    lines = list(wanted.planned())
    if as_json:
        print_json({"would_create_and_remove": lines})
    else:
        print("would create, and remove at the end (but for the records):")
        print("\n".join(f"  {line}" for line in lines))


def _proofs(wanted: Wanted, quiet: bool) -> list[dict[str, Any]]:
    pairs, _ = pairs_of(wanted.scenario, wanted.strategies, wanted.stack)
    names = [name for name in dict.fromkeys(pair.strategy for pair in pairs) if name != "noop"]
    proofs = proofs_of(names, quiet) if names else []
    return [proof.row() | {"timeline": proof.timeline} for proof in proofs]


def _measured(wanted: Wanted, proved: list[dict[str, Any]], quiet: bool) -> Comparison:
    """Run the campaign; whatever happens, what is finished is written down with its proofs."""
    try:
        with ticker(quiet) as tick:
            comparison = measure(
                wanted.scenario,
                wanted.strategies,
                stack=wanted.stack,
                out=wanted.out,
                settings=wanted.settings,
                progress=_follower(tick),
            )
    finally:
        _write_down(wanted, proved)
    return comparison


def _follower(tick: Ticker) -> Any:
    def follow(progress: Progress) -> None:
        run = f"{progress.strategy} on {progress.stack}, run {progress.repetition + 1}"
        if progress.row is None:
            if progress.done == 0:
                tick.expect(progress.total, run)
            tick.now(run)
        else:
            tick.done(f"{run}: {progress.row['verdict']}")

    return follow


def _write_down(wanted: Wanted, proved: list[dict[str, Any]]) -> None:
    folder = RunFolder(wanted.out)
    if not (wanted.out / "comparison.json").exists():
        return
    record = folder.json("comparison")
    record["grade"] = wanted.grade
    record["command"] = shlex.join(["stockproof", *sys.argv[1:]])
    record["proved"] = proved
    folder.write_json("comparison", record)


def _contract(
    wanted: Wanted, comparison: Comparison, proved: list[dict[str, Any]], report: str | None
) -> dict[str, Any]:
    found: dict[str, Any] = {
        "scenario": wanted.scenario.name,
        "seed": wanted.scenario.run.seed,
        "report": report,
        "folder": str(comparison.path),
        "rows": comparison.rows,
        "skipped": list(comparison.skipped),
    }
    return found | ({"proved": proved} if report else {})


def _broken(rows: Sequence[dict[str, Any]]) -> bool:
    judged = (row for row in rows if not row.get("control") and row.get("family") != "floor")
    return any(row["verdict"] != "holds" for row in judged)


def _show(
    wanted: Wanted, comparison: Comparison, proved: list[dict[str, Any]], report: str | None
) -> None:
    console = results()
    console.print(verdict_table(comparison.rows))
    console.print()
    for sentence in _remarks(wanted, comparison, proved):
        console.print(sentence, soft_wrap=True)
    if report:
        console.print(f"report: {report}", soft_wrap=True)
    console.print(f"records: {comparison.path}", soft_wrap=True)


def _remarks(wanted: Wanted, comparison: Comparison, proved: list[dict[str, Any]]) -> Iterator[str]:
    judged = [r for r in comparison.rows if not r.get("control") and r.get("family") != "floor"]
    holding = [row for row in judged if row["verdict"] == "holds" and row["goodput_per_s"]]
    if holding:
        first = max(holding, key=lambda row: row["goodput_per_s"])
        yield f"fastest that holds: {first['strategy']} on {first['stack']}"
    if any(row["verdict"] == "void" for row in comparison.rows):
        yield "void: it broke a promise, so its speed means nothing"
    uncaught = [row["strategy"] for row in proved if row["control"] and not stands(row)]
    broken = [row["strategy"] for row in proved if not row["control"] and not stands(row)]
    if proved and not (uncaught or broken):
        yield f"proved: {sum(not r['control'] for r in proved)} hold, every control was caught"
    for name in broken:
        yield f"proved: {name} breaks a promise; see stockproof prove {name}"
    for name in uncaught:
        yield f"proved: the control {name} was not caught"
    yield from comparison.skipped
    if wanted.grade == Grade.DEMO.value:
        run = wanted.scenario.run
        yield (
            f"demo grade ({run.repetitions} repetitions of {run.seconds:g} s): an orientation, "
            "not evidence; see --grade"
        )
