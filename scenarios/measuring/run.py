"""One run: load the stock, let the clients loose, settle, read the stores back, judge, write down.

    reference slice -> load -> start barrier -> clients, daemons, sampler
         -> settle -> recover -> audit -> records -> reference slice -> verdict

A look at speed alone has the second slice only, which stands between it and the look that follows.
The verdict is written last: a folder with a verdict is a finished run. If a store was full, or gone
at the end, nothing can be judged: the records are kept, marked as partial, their verdict unknown.
"""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from inventory_core.stores.servers import Place
from inventory_core.strategy import Needs
from scenarios import verdict
from scenarios.demand import make_demand
from scenarios.history import FORMAT, RunFolder
from scenarios.measuring.costs import costs
from scenarios.measuring.driver_load import driver_load
from scenarios.measuring.driving import remark
from scenarios.measuring.judging import Judged, judge_run, strategy_of
from scenarios.measuring.machine import machine, software
from scenarios.measuring.playing import Played, Players, Question, play
from scenarios.measuring.reference_slice import reference_per_s
from scenarios.measuring.settling import judged_settling


def run_once(question: Question, place: Place, crew: Players, folder: RunFolder) -> dict[str, Any]:
    """Carry out one run on an open place, write its folder, and answer its row."""
    scenario = question.scenario
    demand = make_demand(scenario, question.seed, question.seconds)
    strategy = strategy_of(question.strategy, scenario)
    reference = [reference_per_s(place)] if question.settles else []
    place.clear()
    played = play(question, strategy, demand, place, crew)
    nothing = strategy.needs is Needs.NOTHING or place.stack.name == "null" or bool(played.partial)
    judged = judge_run(scenario, question.seconds, strategy, demand, played, folder, nothing)
    row = _row(question, place, folder) | judged.row
    if question.settles and not scenario.faults and not played.partial:
        row |= judged_settling(row, strategy.promises, played.settled_after_s)
    row["cost"] = _cost(question, played, judged)
    row |= driver_load(played.results, played.cpu)
    said = [row["note"], *played.notes, remark(question.scenario)]
    row["note"] = "; ".join(filter(None, said))
    if played.partial:
        row |= {"verdict": "unknown", "partial": played.partial}
    else:
        reference.append(reference_per_s(place))
    folder.write_json("run", _about(question, place, played) | {"reference_per_s": reference})
    findings = [finding.as_json() for finding in judged.findings]
    folder.write_json("verdict", {"row": row, "findings": findings})
    return row


def _row(question: Question, place: Place, folder: RunFolder) -> dict[str, Any]:
    return {
        "strategy": question.strategy,
        "stack": place.stack.name,
        "world": question.world,
        "driver": question.driver,
        "durability": place.durability.get("words") or "",
        "fsync_us": place.durability.get("fsync_us"),
        "repetitions": 1,
        "repetition": question.repetition,
        "runs": [folder.path.name],
    }


def _cost(question: Question, played: Played, judged: Judged) -> dict[str, float | None]:
    ends_ns = round(question.seconds * 1e9)
    window = verdict.window_of(judged.case, ends_ns, question.scenario.run.warm_up)
    steps = [step for result in played.results for step in result.steps]
    return costs(steps, judged.table, played.timeline, window)


def _about(question: Question, place: Place, played: Played) -> dict[str, Any]:
    """The content of `run.json`: what was run, where, with which durability."""
    return {
        "format": FORMAT,
        "world": question.world,
        "driver": question.driver,
        "strategy": question.strategy,
        "stack": place.stack.name,
        "seed": question.seed,
        "repetition": question.repetition,
        "seconds": question.seconds,
        "scenario": asdict(question.scenario),
        "durability": dict(place.durability),
        "embedded": place.address.embedded,
        "servers": place.address.shown,
        "machine": machine(),
        "software": software(),
        "notes": [note for note in played.notes if note],
        "partial": played.partial,
    }
