"""Two sides, slice by slice on open connections: is the new one slower than the base?

    found = measure_against((new, base), Extent(seconds=2.0), out=Path("runs/mine"))

A side is a strategy with its settings, in a schema and under a key prefix of its own. Both sides
meet the same demand on the same servers, and what the machine does meanwhile befalls both, because
they take turns of about 50 ms. Daemons work in their own side's slices only, so that nobody pays
for the other. Both sides are audited as in any other run: a side that is void has no speed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import asdict, dataclass, replace
from math import isfinite
from pathlib import Path
from typing import Any

from inventory_core.problems import Problem
from inventory_core.stores.servers import Place, Servers, Settings
from scenarios.combining import combine
from scenarios.history import FORMAT, RunFolder
from scenarios.measuring.bystanders import Taken
from scenarios.measuring.crew import Crew
from scenarios.measuring.driver_load import driver_load
from scenarios.measuring.job import Start
from scenarios.measuring.machine import machine, software
from scenarios.measuring.partial import kept_is_told
from scenarios.measuring.sides import NAMES, Player, Side
from scenarios.measuring.slices import A_ROUND, SLICE_MS, WARM_UP_ROUNDS, Slices, Speeds
from scenarios.measuring.taking_turns import TurnsJob, TurnsResult, TurnsWorker
from scenarios.statistics.paired import MATERIAL, Ratio, ratio_of_turns, unknown

SPILT_MOST = 0.05
"""Orders of one side may be under way in so much of the other's time, and no more."""

SEEDS_APART = 10_000
Row = dict[str, Any]
Sides = tuple[Side, Side]


@dataclass(frozen=True, slots=True)
class Extent:
    """How long, how often, from which seed, and from when on a difference counts."""

    seconds: float = 2.0
    repetitions: int = 1
    seed: int = 1
    slice_ms: float = SLICE_MS
    material: float = MATERIAL


@dataclass(frozen=True, slots=True)
class TurnsRun:
    """One run of both sides: their rows, and their speeds round by round."""

    rows: tuple[Row, Row]
    speeds: tuple[Speeds, Speeds]


@dataclass(frozen=True, slots=True)
class Against:
    """What was found: the speed of the new side as a share of the base's, and a row of each."""

    path: Path
    ratio: Ratio
    rows: list[Row]
    about: Row


def measure_against(
    sides: Sides,
    extent: Extent,
    *,
    out: Path,
    told: Mapping[str, Any] | None = None,
    progress: Callable[[int, TurnsRun | None], None] = lambda *_: None,
) -> Against:
    """Run both in turns, as often as wanted, and compare. What is finished by a stop is kept."""
    _refuse_what_cannot_take_turns(sides)
    if (out / "comparison.json").exists():
        raise Problem(f"{out} holds a comparison already; name another folder")
    runs: list[TurnsRun] = []
    with ExitStack() as life:
        crew = life.enter_context(Crew(sides[0].scenario.demand.processes))
        places = _places(sides, life)
        for repetition in range(extent.repetitions):
            progress(repetition, None)
            with kept_is_told(out, bool(runs)):
                runs.append(run_turns(sides, places, crew, extent, repetition, out))
            found = _found(sides, extent, runs, out, told or {})
            RunFolder(out).write_json("comparison", found.about)
            progress(repetition, runs[-1])
    return found


def run_turns(
    sides: Sides,
    places: tuple[Place, Place],
    crew: Crew,
    extent: Extent,
    repetition: int,
    out: Path,
) -> TurnsRun:
    """One run of both sides on open places."""
    seed = extent.seed * SEEDS_APART + repetition
    slices = Slices.for_seconds(extent.seconds, seed, extent.slice_ms)
    private = {server for place in places for server in place.private.values()}
    with ExitStack() as life:
        players = []
        for number, (side, place) in enumerate(zip(sides, places, strict=True)):
            players.append(Player(side, number, place, slices, seed))
            life.callback(players[-1].close)
        before: list[Taken] = []

        def started(start: Start) -> None:
            before.append(Taken.now(private))
            for player in players:
                player.start(start)

        results: list[TurnsResult] = crew.run(_job(players, slices), started)
        full = next((side.full for each in results for side in each.sides if side.full), "")
        if full:
            raise Problem(f"a store has no room left ({full}): make some, and start again")
        after = Taken.now(private)
        brought = [
            player.settle([result.sides[player.number] for result in results]) for player in players
        ]
    load = driver_load(results, after.machine.since(before[0].machine))
    load["others_cpu_share"] = after.by_others_since(before[0])
    rows, found = [], []
    for player, back in zip(players, brought, strict=True):
        folder = RunFolder(out / f"{NAMES[player.number]}-{repetition + 1}")
        row, speeds = player.judge(back, folder)
        rows.append(row | load)
        found.append(speeds)
    return TurnsRun((rows[0], rows[1]), (found[0], found[1]))


def _job(players: Sequence[Player], slices: Slices) -> TurnsJob:
    first, other = (player.job() for player in players)
    shared = {name: getattr(first, name) for name in first.__dataclass_fields__}
    return TurnsJob(**(shared | {"player": TurnsWorker}), other=other, slices=slices)


def _places(sides: Sides, life: ExitStack) -> tuple[Place, Place]:
    """A place of its own for each, on the same servers unless they ask for different ones."""
    servers: dict[Settings, Servers] = {}
    places = []
    for side in sides:
        shared = replace(side.settings, name="")  # a side has its own schema, and no server
        if shared not in servers:
            servers[shared] = life.enter_context(Servers(shared))
        own = servers[shared]
        own.settings = side.settings
        places.append(life.enter_context(own.open(side.stack)))
    return places[0], places[1]


def compare_turns(
    runs: Sequence[TurnsRun], material: float = MATERIAL, slice_ms: float = SLICE_MS
) -> Ratio:
    """The speed of the new side as a share of the base's, over the rounds of all runs."""
    new: list[float] = []
    base: list[float] = []
    for run in runs:
        for row, name in zip(run.rows, NAMES, strict=True):
            if row["verdict"] != "holds":
                why = ", ".join(row["promises_broken"]) or row["note"]
                said = f"the {name} side is {row['verdict']} ({why}), so its speed means nothing"
                return unknown(said, material)
        if max(speeds.spilt for speeds in run.speeds) > SPILT_MOST:
            return unknown(
                f"orders took longer than a slice of {slice_ms:g} ms leaves them, and ran on in the"
                " other side's turn: make the slices longer with --slice-ms",
                material,
            )
        until = _rounds_in_stock(run.rows, slice_ms)
        new += run.speeds[0].per_s[:until]
        base += run.speeds[1].per_s[:until]
    found = ratio_of_turns(new, base, material)
    sold_out = any(row["sold_out_after_s"] is not None for run in runs for row in run.rows)
    if found.verdict == "unknown" and sold_out:
        why = "the stock sold out, and turns want a steady state: raise stock.quantity with --set"
        return replace(found, why=f"{why} ({found.why})")
    return found


def _rounds_in_stock(rows: Sequence[Mapping[str, Any]], slice_ms: float) -> int | None:
    """How many rounds had ended before one of the two sold out; None: neither did."""
    ends = [row["sold_out_after_s"] for row in rows if row["sold_out_after_s"] is not None]
    if not ends:
        return None
    rounds = int(min(ends) * 1e3 / (A_ROUND * slice_ms))
    return max(0, rounds - WARM_UP_ROUNDS)


def _found(
    sides: Sides, extent: Extent, runs: Sequence[TurnsRun], out: Path, told: Mapping[str, Any]
) -> Against:
    ratio = compare_turns(runs, extent.material, extent.slice_ms)
    rows = [combine([run.rows[side] for run in runs], extent.seed) for side in range(2)]
    for number, row in enumerate(rows):
        row["runs"] = [f"{NAMES[number]}-{each + 1}" for each in range(len(runs))]
    scenario = sides[0].scenario
    about = {
        "format": FORMAT,
        "scenario": scenario.name,
        "title": scenario.title,
        "description": scenario.description,
        "question": asdict(scenario),
        "seed": extent.seed,
        "seconds": extent.seconds,
        "repetitions": len(runs),
        "grade": "turns",
        "machine": machine(),
        "software": software(),
        "skipped": [],
        "rows": rows,
        "floor": None,
        "proved": [],
        "against": as_json(ratio, sides, extent, runs),
        **told,
    }
    return Against(out, ratio, rows, about)


def as_json(ratio: Ratio, sides: Sides, extent: Extent, runs: Sequence[TurnsRun]) -> Row:
    """The field `against` of a record."""
    return {
        "new": {"strategy": sides[0].strategy, "told": sides[0].told},
        "base": {"strategy": sides[1].strategy, "told": sides[1].told},
        **ratio_as_json(ratio),
        "slice_ms": extent.slice_ms,
        "spilt": max(speeds.spilt for run in runs for speeds in run.speeds),
        "others_cpu_share": max(run.rows[0]["others_cpu_share"] for run in runs),
    }


def ratio_as_json(ratio: Ratio) -> Row:
    """A comparison as scripts read it."""
    return {
        "verdict": ratio.verdict,
        "ratio": ratio.ratio,
        "ratio_low": ratio.low,
        "ratio_high": ratio.high if isfinite(ratio.high) else None,
        "p": ratio.p,
        "rounds": ratio.rounds,
        "material": ratio.material,
        "why": ratio.why,
    }


def _refuse_what_cannot_take_turns(sides: Sides) -> None:
    demands = [side.scenario.demand for side in sides]
    for side in sides:
        if side.scenario.shop is not None:
            raise Problem("turns compare strategies, and this scenario is a shop: take another")
        if side.scenario.faults:
            raise Problem("turns compare a steady state: leave the faults out")
        if side.scenario.demand.kind != "closed":
            raise Problem(
                "turns compare how much two sides get done, and an open loop asks the same of both:"
                " add --set demand.kind=closed"
            )
    if demands[0].processes != demands[1].processes:
        raise Problem("both sides share the worker processes: leave demand.processes the same")
