"""The table strategies x backends for `reports/published`: the same short measurement on each.

    python -m workbench.published backends
    python -m workbench.published_backends postgresql mariadb      # a part of it, and the page anew

The servers are those that listen on their usual ports of this machine, and a private cluster. Each
stack is a comparison of its own under `runs/`, so that an interrupted campaign goes on where it
stopped; table and page are made of whatever is finished.
"""

from __future__ import annotations

import csv
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import astuple, dataclass, fields
from pathlib import Path
from typing import Any

from inventory_core.problems import Problem
from inventory_core.stores.servers import Settings
from inventory_core.stores.stacks import find_stack
from inventory_core.strategy.registry import find_strategy
from reports.style import VERDICTS
from scenarios.history import RunFolder
from scenarios.measuring.campaign import Progress, measure
from scenarios.scenario import Scenario, load_scenario

SCENARIO = "deep_stock"
EXTENT = (
    *("demand.connections=8", "demand.pool=0", "run.seconds=1.5", "run.repetitions=3"),
    "stock.cells=10",
)
STRATEGIES = (
    *("conditional_update", "one_round_trip", "row_lock", "optimistic_version", "split_rows"),
    *("merged_update", "redis_script", "redis_decrement", "redis_watch", "redis_with_task"),
    *("redis_then_database", "redis_lock_fenced"),
)
"""Some of each kind: rows, keys, and both."""

POSTGRESQL = "postgresql://postgres@127.0.0.1:5432/test"
MARIADB = "mysql://root@127.0.0.1:3306/"
REDIS = "redis://127.0.0.1:6379/0"
BACKENDS: Mapping[str, Settings] = {
    "postgresql": Settings(POSTGRESQL),
    "mariadb": Settings(MARIADB),
    "redis": Settings(redis_url=REDIS),
    "rediscluster": Settings(),
    "postgresql+redis": Settings(POSTGRESQL, REDIS),
    "mariadb+redis": Settings(MARIADB, REDIS),
    "postgresql+rediscluster": Settings(POSTGRESQL),
}
"""Where each stack lies; what has no URL is started for the purpose."""

RUNS = Path("runs") / "published-backends"


@dataclass(frozen=True, slots=True)
class CellOfTable:
    """One strategy on one backend. `why_not`: the reason, where it was not measured."""

    strategy: str
    stack: str
    servers: str = ""
    durability: str = ""
    goodput_per_s: float | None = None
    goodput_per_s_low: float | None = None
    goodput_per_s_high: float | None = None
    accepted_latency_ms_p50: float | None = None
    accepted_latency_ms_p99: float | None = None
    verdict: str = ""
    driver_bound: bool = False
    why_not: str = ""


PAGE = """# The same strategies on other servers

The scenario `{scenario}`: {clients} buyers, a connection each, one article that nearly everybody
wants and that never sells out, {seconds:g} s, {repetitions} repetitions in random order. Servers
and buyers share one machine, so the figures tell how the servers compare *here*; what travels is
the order within a column.

**Read the durability first.** A server that answers before its log is on disk is fast for that
reason, and loses what it had acknowledged when the power goes.

| stack | servers | durability |
| :-- | :-- | :-- |
{durability}

## Goodput a second, p99 of accepted orders, verdict

{table}

`✓` every check on every attempt passed, `✗` void, `?` unknown; `–`: the strategy cannot run there
(below). A p99 is printed only where there are attempts enough for it. `driver` behind a figure: the
measuring side was the limit, so the server may do more.

## Not measured, and why

{skipped}

    python -m workbench.published backends       # this page; the figures of each cell: backends.csv
"""


def publish_backends(place: Path, names: Sequence[str] = ()) -> None:
    """Measure what is named, or every backend, and write table and page of all that is there."""
    scenario = load_scenario(SCENARIO, EXTENT)
    for name in names or BACKENDS:
        _measure(scenario, name)
    cells = list(table_of(RUNS))
    place.mkdir(parents=True, exist_ok=True)
    with (place / "backends.csv").open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow([field.name for field in fields(CellOfTable)])
        writer.writerows(astuple(cell) for cell in cells)
    (place / "README.md").write_text(page_of(scenario, cells), encoding="utf-8")


def _measure(scenario: Scenario, stack: str) -> None:
    """One stack; a server that is not there is told, and the others go on."""
    try:
        measure(
            scenario,
            _fitting(stack),
            stack=stack,
            out=RUNS / stack,
            settings=BACKENDS[stack],
            progress=_say,
        )
    except Problem as problem:
        print(f"{stack}: {problem}", file=sys.stderr)


def _say(progress: Progress) -> None:
    if progress.row is not None:
        said = f"{progress.strategy} on {progress.stack}: {progress.row['goodput_per_s']:,.0f}/s"
        print(f"[{progress.done}/{progress.total}] {said}", file=sys.stderr, flush=True)


def _fitting(stack: str) -> tuple[str, ...]:
    """Who is measured on a stack: a strategy that needs less is measured on the smaller one."""
    return tuple(name for name in STRATEGIES if not why_not(name, stack))


def why_not(name: str, stack: str) -> str:
    """Empty if the strategy is measured on this stack; otherwise the sentence why not."""
    place, kind = find_stack(stack), find_strategy(name)
    reason = place.fits(kind, name)
    if reason:
        return reason
    smaller = [each for each in BACKENDS if each in stack.split("+") and each != stack]
    found = next((each for each in smaller if not find_stack(each).fits(kind, name)), "")
    return f"{name} needs no more than {found}, and is measured there" if found else ""


def table_of(runs: Path) -> Iterator[CellOfTable]:
    """Every strategy on every backend, from the records."""
    for stack in BACKENDS:
        rows = _rows(runs / stack)
        for name in STRATEGIES:
            if name in rows:
                yield _cell(rows[name])
            else:
                reason = why_not(name, stack) or f"{stack} has not been measured"
                yield CellOfTable(name, stack, why_not=reason)


def _rows(folder: Path) -> dict[str, Mapping[str, Any]]:
    if not (folder / "comparison.json").exists():
        return {}
    record = RunFolder(folder).json("comparison")
    return {row["strategy"]: {**row, "servers": _servers(folder, row)} for row in record["rows"]}


def _servers(folder: Path, row: Mapping[str, Any]) -> str:
    """Name and version of each server of a row's last run."""
    durability = RunFolder(folder / row["runs"][-1]).json("run")["durability"]
    stores = (durability[name] for name in ("sql", "kv") if name in durability)
    return ", ".join(
        store["server"] if "server" in store else f"PostgreSQL {store['server_version']}"
        for store in stores
    )


def _cell(row: Mapping[str, Any]) -> CellOfTable:
    names = {field.name for field in fields(CellOfTable)}
    return CellOfTable(**{name: value for name, value in row.items() if name in names})


def page_of(scenario: Scenario, cells: Sequence[CellOfTable]) -> str:
    """The page of a table."""
    measured = [cell for cell in cells if not cell.why_not]
    there = {cell.stack: cell for cell in measured}
    return PAGE.format(
        scenario=scenario.name,
        clients=scenario.demand.clients,
        seconds=scenario.run.seconds,
        repetitions=scenario.run.repetitions,
        durability="\n".join(
            f"| {stack} | {cell.servers} | {cell.durability} |" for stack, cell in there.items()
        ),
        table=_table(measured, list(there)),
        skipped=_skipped(cells),
    )


def _table(cells: Sequence[CellOfTable], stacks: Sequence[str]) -> str:
    found = {(cell.strategy, cell.stack): cell for cell in cells}
    lines = [f"| strategy | {' | '.join(stacks)} |", f"| :-- |{' --: |' * len(stacks)}"]
    for name in dict.fromkeys(cell.strategy for cell in cells):
        told = (_told(found.get((name, stack))) for stack in stacks)
        lines.append(f"| {name} | {' | '.join(told)} |")
    return "\n".join(lines)


def _told(cell: CellOfTable | None) -> str:
    if cell is None:
        return "–"
    sign = VERDICTS.get(cell.verdict, VERDICTS["unknown"])
    p99 = cell.accepted_latency_ms_p99
    late = "" if p99 is None else f", {p99:.1f} ms"
    bound = " driver" if cell.driver_bound else ""
    return f"{cell.goodput_per_s or 0:,.0f}{late} {sign}{bound}"


def _skipped(cells: Sequence[CellOfTable]) -> str:
    """Each reason once, with the pairings that it is for."""
    reasons: dict[str, dict[str, None]] = {}
    for cell in cells:
        if cell.why_not:
            general = cell.why_not.replace(cell.strategy, "it", 1)
            reasons.setdefault(general, {})[cell.strategy] = None
    return "\n".join(f"- {', '.join(names)}: {reason}" for reason, names in reasons.items())


if __name__ == "__main__":
    publish_backends(Path("reports/published") / "backends", sys.argv[1:])
