"""The same sale at several loads, step by step: the knee of an open loop, the curve of closed ones.

    knee     the rate is doubled until buyers wait too long, then halved in between
    curve    so many clients, one count after the other in random order, in a closed loop

Every step is a run like any other: audited, with a folder of its own.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from inventory_core.problems import Problem
from inventory_core.stores.servers import Place, Servers, Settings
from scenarios.history import RunFolder, folder_name
from scenarios.measuring.crew import Crew
from scenarios.measuring.pairs import Pair
from scenarios.measuring.partial import kept_is_told, refuse_partial
from scenarios.measuring.playing import Question
from scenarios.measuring.run import run_once
from scenarios.scenario import Demand, Scenario
from scenarios.statistics.knee import bracket, next_rate
from scenarios.statistics.scaling import Scaling, fit_scaling

DROPPED_MOST = 0.01
"""Of all attempts: more, and the queue was too long for the rate to have been kept up with."""

Row = dict[str, Any]
Said = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Step:
    """One rate: what came of it. `why` is empty if it was kept up with."""

    rate_per_s: float
    goodput_per_s: float
    p99_ms: float | None
    dropped: float  # share of attempts
    verdict: str
    driver_bound: bool
    why: str

    @property
    def kept_up(self) -> bool:
        """Was everybody served in time?"""
        return not self.why


@dataclass(frozen=True, slots=True)
class Knee:
    """The highest rate that was kept up with, and the lowest that was not; None: not found."""

    strategy: str
    stack: str
    limit_ms: float
    knee_per_s: float | None
    fails_at_per_s: float | None
    steps: tuple[Step, ...]

    def as_json(self) -> Row:
        """For records and scripts."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Curve:
    """Goodput by client count, and the law that fits it; None, and why, if none does."""

    strategy: str
    stack: str
    points: tuple[tuple[int, float], ...]
    law: Scaling | None
    why: str = ""

    def as_json(self) -> Row:
        """For records and scripts."""
        points = [{"clients": clients, "goodput_per_s": rate} for clients, rate in self.points]
        law = None if self.law is None else asdict(self.law)
        return asdict(self) | {"points": points, "law": law}


def find_knee(
    scenario: Scenario, pair: Pair, settings: Settings, limit_ms: float, out: Path, said: Said
) -> tuple[Knee, list[Row]]:
    """Raise the rate of a strategy until its buyers wait too long; also the row of every step."""
    steps: dict[float, Step] = {}
    rows: list[Row] = []
    with (
        Crew(scenario.demand.processes) as crew,
        Servers(settings) as servers,
        servers.open(pair.stack) as place,
    ):
        first = scenario.demand.rate_per_s
        while rate := next_rate({at: step.kept_up for at, step in steps.items()}, first):
            asked = replace(scenario, demand=_open_loop(scenario, rate))
            name = f"{pair.strategy}-{pair.stack.name}-{rate:.6g}-per-s"
            folder = RunFolder(out / folder_name(name))
            row = _run(asked, pair, place, crew, folder, len(rows), finished=bool(rows))
            rows.append(row | {"rate_per_s": rate})
            steps[rate] = step = _step(rate, row, limit_ms)
            said(f"{pair.strategy} at {rate:,.0f}/s: {step.why or 'kept up'}")
    below, above = bracket({at: step.kept_up for at, step in steps.items()})
    ordered = tuple(steps[rate] for rate in sorted(steps))
    return Knee(pair.strategy, pair.stack.name, limit_ms, below, above, ordered), rows


def _open_loop(scenario: Scenario, rate: float) -> Demand:
    return replace(scenario.demand, kind="open", rate_per_s=rate)


def _step(rate: float, row: Mapping[str, Any], limit_ms: float) -> Step:
    p99_ms = row["accepted_latency_ms_p99"]
    dropped = row["dropped"] / max(1, row["attempts"])
    if row["sold_out_after_s"] is not None:
        raise Problem(
            f"{row['strategy']} sold out at {rate:,.0f} orders a second, and a knee is one of a"
            " steady state: raise stock.quantity with --set"
        )
    return Step(
        rate,
        row["goodput_per_s"],
        p99_ms,
        dropped,
        row["verdict"],
        row["driver_bound"],
        _why(p99_ms, dropped, row, limit_ms),
    )


def _why(p99_ms: float | None, dropped: float, row: Mapping[str, Any], limit_ms: float) -> str:
    """Why a rate was not kept up with; empty if it was."""
    if row["verdict"] != "holds":
        return f"{row['verdict']}: {', '.join(row['promises_broken']) or row['note']}"
    if dropped > DROPPED_MOST:
        return f"{dropped:.0%} were dropped"
    if p99_ms is not None and p99_ms > limit_ms:
        return f"p99 {p99_ms:,.1f} ms"
    return ""


def fit_curve(
    scenario: Scenario,
    pair: Pair,
    settings: Settings,
    counts: Sequence[int],
    out: Path,
    said: Said,
) -> tuple[Curve, list[Row]]:
    """Run closed loops of so many clients, repetition by repetition, and fit the law."""
    rows: list[Row] = []
    dice = random.Random(scenario.run.seed)
    with Servers(settings) as servers, servers.open(pair.stack) as place:
        for repetition in range(scenario.run.repetitions):
            for clients in dice.sample(list(counts), len(counts)):
                asked = replace(scenario, demand=_closed_loop(scenario, clients))
                name = f"{pair.strategy}-{pair.stack.name}-{clients}-clients-{repetition + 1}"
                folder = RunFolder(out / folder_name(name))
                with Crew(asked.demand.processes) as crew:
                    row = _run(asked, pair, place, crew, folder, repetition, finished=bool(rows))
                rows.append(row | {"clients": clients})
                said(f"{pair.strategy}, {clients} clients: {row['goodput_per_s']:,.0f}/s")
    points = tuple(sorted((row["clients"], row["goodput_per_s"]) for row in rows))
    if any(row["verdict"] != "holds" for row in rows):
        why = "a run did not hold, so its speed means nothing"
        return Curve(pair.strategy, pair.stack.name, points, None, why), rows
    try:
        law = fit_scaling(*zip(*points, strict=True))
    except Problem as problem:
        return Curve(pair.strategy, pair.stack.name, points, None, str(problem)), rows
    return Curve(pair.strategy, pair.stack.name, points, law), rows


def _closed_loop(scenario: Scenario, clients: int) -> Demand:
    """So many clients in as many processes as share them evenly, the scenario's at most."""
    most = min(scenario.demand.processes, clients)
    processes = next(count for count in range(most, 0, -1) if clients % count == 0)
    each = clients // processes
    return replace(scenario.demand, kind="closed", processes=processes, connections=each)


def _run(
    scenario: Scenario,
    pair: Pair,
    place: Place,
    crew: Crew,
    folder: RunFolder,
    number: int,
    *,
    finished: bool,
) -> Row:
    run = scenario.run
    question = Question(scenario, pair.strategy, run.seed * 10_000 + number, run.seconds, number)
    with kept_is_told(folder.path.parent, finished):
        row = run_once(question, place, crew, folder)
    refuse_partial(row, folder.path)
    return row
