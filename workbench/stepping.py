"""`stockproof measure --find-knee` and `--curve`: tables, a page, a field of the record each."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import asdict
from typing import Any

import typer
from rich.table import Table

from inventory_core.problems import Problem
from reports.laws import law_said
from scenarios.history import FORMAT, RunFolder
from scenarios.measuring.machine import machine, software
from scenarios.measuring.pairs import Pair, pairs_of
from scenarios.measuring.stepped import Curve, Knee, find_knee, fit_curve
from scenarios.statistics.knee import STEPS
from workbench.comparing import BROKEN, Asked, broken, say_plan
from workbench.screen import Ticker, print_json, results, ticker
from workbench.stopping import Stopped

PICTURES = {"knee": "knees.svg", "usl": "curves.svg"}
"""Where the picture of each field of the record is."""

Row = dict[str, Any]
Step = Callable[[Pair, Callable[[str], None]], tuple[Any, list[Row]]]


def find_knees(wish: Asked, limit_ms: float) -> None:
    """The highest rate that each strategy keeps up with."""
    wanted = wish.wanted

    def search(pair: Pair, said: Callable[[str], None]) -> tuple[Knee, list[Row]]:
        return find_knee(wanted.scenario, pair, wanted.settings, limit_ms, wanted.out, said)

    _stepped(wish, "knee", search, STEPS, _show_knees)


def fit_curves(wish: Asked, counts: Sequence[int]) -> None:
    """Goodput by client count, and the law behind it."""
    wanted = wish.wanted

    def search(pair: Pair, said: Callable[[str], None]) -> tuple[Curve, list[Row]]:
        return fit_curve(wanted.scenario, pair, wanted.settings, counts, wanted.out, said)

    _stepped(wish, "usl", search, len(counts) * wanted.scenario.run.repetitions, _show_curves)


def _stepped(wish: Asked, word: str, search: Step, most: int, show: Callable[..., None]) -> None:
    """Step through the load with every strategy, keep what was found, and show it."""
    wanted = wish.wanted
    if wanted.scenario.shop is not None or wanted.scenario.faults:
        raise Problem("steps of load are for strategies without faults: take another scenario")
    if wish.dry_run:
        say_plan(wanted.planned(), wish.as_json)
        return
    wanted.check()
    if (wanted.out / "comparison.json").exists():
        raise Problem(f"{wanted.out} holds a comparison already; name another folder")
    pairs, skipped = pairs_of(
        wanted.scenario,
        wanted.strategies,
        wanted.stack,
        wanted.settings.sql_url,
        cluster=wanted.settings.cluster,
    )
    pairs = [pair for pair in pairs if pair.stack.name != "null"]
    record = _about(wish) | {"skipped": list(skipped), "rows": [], word: []}
    try:
        with ticker(wish.as_json) as tick:
            for pair in pairs:
                found, rows = search(pair, _said(tick, len(pairs) * most))
                record["rows"] += rows
                record[word].append(found.as_json())
                RunFolder(wanted.out).write_json("comparison", record)
    except KeyboardInterrupt:
        raise Stopped(f"finished runs are in {wanted.out}") from None
    _tell(wish, record, word, show)
    if broken(record["rows"]):
        raise typer.Exit(BROKEN)


def _said(tick: Ticker, most: int) -> Callable[[str], None]:
    done = 0

    def said(what: str) -> None:
        nonlocal done
        done += 1
        tick.follow(done, most, what)

    return said


def _about(wish: Asked) -> Row:
    scenario = wish.wanted.scenario
    return {
        "format": FORMAT,
        "scenario": scenario.name,
        "title": scenario.title,
        "description": scenario.description,
        "question": asdict(scenario),
        "seed": scenario.run.seed,
        "seconds": scenario.run.seconds,
        "repetitions": scenario.run.repetitions,
        "grade": "steps",
        "machine": machine(),
        "software": software(),
        "command": wish.wanted.command,
        "started_at": time.strftime("%Y-%m-%dT%H:%M:%S%z"),
        "floor": None,
        "proved": [],
    }


def _tell(wish: Asked, record: Row, word: str, show: Callable[..., None]) -> None:
    from workbench.reporting import page_of  # matplotlib takes a second

    out = wish.wanted.out
    page, picture = str(page_of(out)), str(out / PICTURES[word])
    if wish.as_json:
        keys = ("scenario", "seed", "rows", "skipped", word)
        found = {key: record[key] for key in keys}
        print_json(found | {"report": page, "folder": str(out), "picture": picture})
        return
    show(record[word])
    console = results()
    for line in (*record["skipped"], f"report: {page}", f"records: {out}"):
        console.print(line, soft_wrap=True, markup=False)


def _show_knees(knees: Sequence[Row]) -> None:
    table = Table("strategy", "rate /s", "goodput /s", "p99 ms", "", box=None, pad_edge=False)
    for knee in knees:
        for step in knee["steps"]:
            p99 = "–" if step["p99_ms"] is None else f"{step['p99_ms']:,.1f}"
            bound = "bound by the driver" if step["driver_bound"] else ""
            at_knee = "◂ knee" if step["rate_per_s"] == knee["knee_per_s"] else ""
            said = ", ".join(filter(None, (step["why"], at_knee, bound)))
            rates = (f"{step['rate_per_s']:,.0f}", f"{step['goodput_per_s']:,.0f}")
            table.add_row(knee["strategy"], *rates, p99, said)
        table.add_row()
    results().print(table)


def _show_curves(curves: Sequence[Row]) -> None:
    table = Table("strategy", "clients", "goodput /s", box=None, pad_edge=False)
    for curve in curves:
        for point in curve["points"]:
            rate = f"{point['goodput_per_s']:,.0f}"
            table.add_row(curve["strategy"], str(point["clients"]), rate)
        table.add_row()
    console = results()
    console.print(table)
    for curve in curves:
        console.print(law_said(curve), soft_wrap=True, markup=False)
