"""`stockproof list`: the strategies, scenarios and stacks that there are."""

from __future__ import annotations

from typing import Any

import typer
from rich.table import Table

from inventory_core.stores.stacks import stacks
from inventory_core.strategy import Strategy, registry
from scenarios.model.round_trips import round_trips_of
from scenarios.scenario import load_scenario, scenario_names
from workbench.options import Json
from workbench.screen import print_json, results

app = typer.Typer(help="What there is: strategies, scenarios, studies, stacks.")


@app.command("strategies")
def strategies_command(as_json: Json = False) -> None:
    """Every strategy: its family, what it needs and promises, its round trips an order."""
    rows = [strategy_row(name, kind) for name, kind in registry.strategies().items()]
    if as_json:
        print_json({"rows": rows})
        return
    table = Table(box=None, pad_edge=False)
    for heading in ("strategy", "family"):
        table.add_column(heading, no_wrap=True)
    table.add_column("needs", min_width=7)
    table.add_column("trips", justify="right")
    table.add_column("promises", min_width=13)
    for row in rows:
        needs, promises = " and ".join(row["needs"]) or "nothing", ", ".join(row["promises"])
        table.add_row(row["strategy"], row["family"], needs, str(row["round_trips"]), promises)
    results().print(table)


def strategy_row(name: str, kind: type[Strategy]) -> dict[str, Any]:
    """A row of `list strategies --json`."""
    return {
        "strategy": name,
        "family": kind.family,
        "control": kind.control,
        "needs": list(kind.needs.words),
        "promises": list(kind.promises.words),
        "round_trips": round_trips_of(kind()),
    }


@app.command("scenarios")
def scenarios_command(as_json: Json = False) -> None:
    """Every scenario that comes with the project."""
    found = [load_scenario(name) for name in scenario_names()]
    rows = [
        {"scenario": s.name, "title": s.title, "description": " ".join(s.description.split())}
        for s in found
    ]
    if as_json:
        print_json({"rows": rows})
        return
    table = Table("scenario", "what is asked", box=None, pad_edge=False)
    for row in rows:
        table.add_row(row["scenario"], row["description"] or row["title"])
    results().print(table)


@app.command("studies")
def studies_command(as_json: Json = False) -> None:
    """Every study: a phenomenon with a name, and its theory."""
    from scenarios.studies.catalogue import STUDIES  # simpy and scipy, which others do not need

    rows = [
        {"study": s.name, "title": s.title, "turns": s.turns, "theory": s.explains}
        for s in STUDIES.values()
    ]
    if as_json:
        print_json({"rows": rows})
        return
    table = Table("study", "what is turned", "theory", box=None, pad_edge=False)
    for row in rows:
        table.add_row(row["study"], row["turns"], row["theory"])
    results().print(table)


@app.command("stacks")
def stacks_command(as_json: Json = False) -> None:
    """Every stack: a named set of stores that plans can run on."""
    import scenarios.model.stack  # noqa: F401 - enrols the stack that only proofs run on

    rows = [
        {"stack": s.name, "offers": list(s.offers.words), "live": s.live, "about": s.about}
        for s in stacks().values()
    ]
    if as_json:
        print_json({"rows": rows})
        return
    table = Table("stack", "offers", "what it is", box=None, pad_edge=False)
    for stack in stacks().values():
        table.add_row(stack.name, " and ".join(stack.offers.words) or "nothing", stack.about)
    results().print(table)
