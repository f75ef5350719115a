"""`stockproof prove`: every interleaving and crash of small cases; counterexamples as timelines."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.table import Table

from inventory_core.problems import Problem
from inventory_core.steps.sql import Isolation
from inventory_core.strategy import registry
from scenarios.model.dialects import POSTGRESQL, SERVERS, Dialect
from scenarios.proving import Proof, prove, reference_rate, replay
from workbench.junit import write_junit
from workbench.options import Json, Junit
from workbench.remarks import stands
from workbench.screen import print_json, results, ticker

BROKEN = 1


def prove_command(
    strategies: Annotated[
        list[str] | None, typer.Argument(help="Which strategies; all if none is named.")
    ] = None,
    replay_file: Annotated[
        Path | None, typer.Option("--replay", help="Step through a counterexample from --json.")
    ] = None,
    server: Annotated[
        str, typer.Option("--sql", help=f"Whose rules the database follows: {', '.join(SERVERS)}.")
    ] = POSTGRESQL.name,
    isolation: Annotated[
        str,
        typer.Option("--isolation", help="The level of transactions that ask for no stronger one."),
    ] = POSTGRESQL.least.value,
    as_json: Json = False,
    junit: Junit = None,
) -> None:
    """Prove strategies: every schedule, crash and lost reply of small cases.

    Status 0 when every strategy that is not a control holds and every control is caught.
    """
    if replay_file is not None:
        print(_replayed(replay_file))
        return
    dialect = _dialect(server, isolation)
    proofs = proofs_of(strategies or [], quiet=as_json, dialect=dialect)
    rows = [proof.row() for proof in proofs]
    reference = reference_rate()
    if junit is not None:
        write_junit(junit, "stockproof prove", rows)
    if as_json:
        rules = {"sql": dialect.name, "isolation": dialect.least.value}
        print_json({"rows": rows, "reference": reference, **rules})
    else:
        _show(proofs, reference)
    if not all(stands(row) for row in rows):
        raise typer.Exit(BROKEN)


def _dialect(server: str, isolation: str) -> Dialect:
    """Whose rules to prove by; levels are said as in SQL, in any case, with blanks or dashes."""
    level = isolation.upper().replace("-", " ")
    if server not in SERVERS:
        raise Problem(f"no rules of {server!r} are known; name one of {', '.join(SERVERS)}")
    if level not in {each.value for each in Isolation}:
        levels = ", ".join(each.value.lower() for each in Isolation)
        raise Problem(f"{isolation!r} is no isolation level; name one of {levels}")
    return SERVERS[server].at(Isolation(level))


def proofs_of(
    names: Sequence[str], quiet: bool = False, dialect: Dialect = POSTGRESQL
) -> list[Proof]:
    """Prove the strategies by name (all that can be proved if there are none)."""
    known = names or [n for n, k in registry.strategies().items() if k.family != "floor"]
    provable = [name for name in known if registry.find_strategy(name).family != "floor"]
    if not provable:
        raise Problem(f"{', '.join(known)} holds no stock, so there is nothing to prove")
    with ticker(quiet) as tick:
        processes = os.cpu_count() or 1
        return prove(provable, processes=processes, progress=tick.follow, dialect=dialect)


def _replayed(file: Path) -> str:
    try:
        return replay(file)
    except (OSError, ValueError, KeyError) as error:
        raise Problem(f"{file} is not a counterexample of `prove --json`: {error}") from None


def _show(proofs: Sequence[Proof], reference: Mapping[str, Any]) -> None:
    table = Table(
        "strategy", "verdict", "schedules", "states", "states/s", box=None, pad_edge=False
    )
    for column in table.columns[2:]:
        column.justify = "right"
    for row in (proof.row() for proof in proofs):
        table.add_row(
            f"{row['strategy']}{' (control)' if row['control'] else ''}",
            _verdict(row),
            f"{row['schedules']:.3g}",
            f"{row['states']:,}",
            f"{row['states_per_s']:,.0f}",
        )
    console = results()
    console.print(table)
    for proof in proofs:
        if proof.timeline:
            console.print(f"\n{proof.row()['strategy']}: the shortest counterexample")
            console.print(proof.timeline, markup=False)
    console.print(
        f"\nreference set: {reference['states']:,} distinct states in {reference['wall_s']:.2f} s "
        f"on one core ({reference['states_per_s']:,.0f}/s)"
    )


def _verdict(row: dict[str, Any]) -> str:
    broken = ", ".join(row["promises_broken"])
    cut = " (cut short by a bound)" if row["bounded"] else ""
    if row["control"]:
        return f"✓ caught: {broken}{cut}" if broken else f"✗ not caught{cut}"
    return f"✓ holds{cut}" if row["holds"] else f"✗ broken: {broken}{cut}"
