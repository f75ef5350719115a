"""One run: load the stock, let the clients loose, settle, read the stores back, judge, write down.

    load -> start barrier -> clients, daemons, sampler
         -> settle -> recover -> audit -> records -> verdict

The verdict is written last: a folder with a verdict is a finished run.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, replace
from typing import Any

import pyarrow as pa

from inventory_core.domain import Cell, Limits, Opening
from inventory_core.stores.servers import Place
from inventory_core.strategy import Needs, Strategy
from inventory_core.strategy.registry import make
from scenarios import verdict
from scenarios.checks import Case, Finding, judge
from scenarios.demand import Demand, make_demand
from scenarios.history import FORMAT, SCHEMAS, RunFolder
from scenarios.measuring import records
from scenarios.measuring.aftermath import aftermath, strikes_of
from scenarios.measuring.costs import costs
from scenarios.measuring.crew import Crew
from scenarios.measuring.driver_load import driver_load
from scenarios.measuring.machine import machine, software
from scenarios.measuring.playing import Played, Question, play
from scenarios.model.round_trips import round_trips_of
from scenarios.operations import History


def run_once(question: Question, place: Place, crew: Crew, folder: RunFolder) -> dict[str, Any]:
    """Carry out one run on an open place, write its folder, and answer its row."""
    demand = make_demand(question.scenario, question.seed, question.seconds)
    strategy = _strategy_of(question)
    place.clear()
    played = play(question, strategy, demand, place, crew)
    table = _write_records(folder, demand, played)
    judged_nothing = _asks_nothing(strategy, place)
    case = Case(
        history=History.of(table),
        audit=played.audit,
        supply={} if judged_nothing else _supply(demand.openings),
        hold_s=question.scenario.demand.hold_s,
        ended_ns=played.ended_ns,
        refuses_for=strategy.refuses_for,
        strikes=strikes_of(played.events),
        back_within_s=min((f.back_within_s for f in question.scenario.faults), default=0.0),
        unmended=played.unmended,
        loses=frozenset(strategy.promises.loses),
    )
    findings = () if judged_nothing else judge(case)
    row = _row(question, strategy, place, folder) | _judged(
        question, strategy, case, table, findings
    )
    row["cost"] = _cost(question, played, case, table)
    row |= driver_load(played.results, played.cpu)
    if question.scenario.faults:
        row["faults"] = aftermath(played.events, case, findings)
    row["note"] = "; ".join(filter(None, [row["note"], *played.notes]))
    folder.write_json("run", _about(question, place, played))
    folder.write_json("verdict", {"row": row, "findings": [f.as_json() for f in findings]})
    return row


def _strategy_of(question: Question) -> Strategy:
    """The strategy, with leases as long as the scenario's faults want them."""
    limits = Limits()
    for fault in question.scenario.faults:
        limits = replace(limits, lease_ms=fault.lease_ms or limits.lease_ms)
    return make(question.strategy, limits)


def _asks_nothing(strategy: Strategy, place: Place) -> bool:
    return strategy.needs is Needs.NOTHING or place.stack.name == "null"


def _supply(openings: tuple[Opening, ...]) -> Mapping[Cell, int]:
    return {opening.cell: opening.quantity for opening in openings}


def _write_records(folder: RunFolder, demand: Demand, played: Played) -> pa.Table:
    starts_ns = played.start.starts_ns
    expiries = played.daemons.expiries
    columns = records.attempt_columns(demand, played.results, expiries, starts_ns)
    folder.write_table("attempts", columns)
    folder.write_table("steps", records.step_columns(played.results))
    folder.write_table("timeline", played.timeline)
    folder.write_table("faults", records.fault_columns(played.events))
    folder.write_table("audit", records.audit_columns(played.audit))
    return pa.table(columns, schema=SCHEMAS["attempts"])


def _row(question: Question, strategy: Strategy, place: Place, folder: RunFolder) -> dict[str, Any]:
    return {
        "strategy": question.strategy,
        "stack": place.stack.name,
        "world": "measured",
        "family": strategy.family,
        "control": strategy.control,
        "round_trips": round_trips_of(strategy),
        "connections": question.scenario.demand.clients,
        "durability": place.durability.get("words") or "",
        "fsync_us": place.durability.get("fsync_us"),
        "repetitions": 1,
        "repetition": question.repetition,
        "runs": [folder.path.name],
    }


def _judged(
    question: Question,
    strategy: Strategy,
    case: Case,
    table: pa.Table,
    findings: tuple[Finding, ...],
) -> dict[str, Any]:
    ends_ns = round(question.seconds * 1e9)
    speed = verdict.figures(table, case, ends_ns, question.scenario.run.warm_up)
    nothing = not case.supply
    harm = verdict.blank_damage() if nothing else verdict.damage(case, findings)
    return {**speed, **harm, **verdict.verdict(findings, strategy.promises.kept, nothing)}


def _cost(
    question: Question, played: Played, case: Case, table: pa.Table
) -> dict[str, float | None]:
    window = verdict.window_of(case, round(question.seconds * 1e9), question.scenario.run.warm_up)
    steps = [step for result in played.results for step in result.steps]
    return costs(steps, table, played.timeline, window)


def _about(question: Question, place: Place, played: Played) -> dict[str, Any]:
    """The content of `run.json`: what was run, where, with which durability."""
    return {
        "format": FORMAT,
        "world": "measured",
        "strategy": question.strategy,
        "stack": place.stack.name,
        "seed": question.seed,
        "repetition": question.repetition,
        "seconds": question.seconds,
        "scenario": asdict(question.scenario),
        "durability": dict(place.durability),
        "embedded": place.address.embedded,
        "machine": machine(),
        "software": software(),
        "notes": [note for note in played.notes if note],
    }
