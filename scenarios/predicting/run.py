"""One simulated run: its records, its verdict, its row, as of a live one."""

from __future__ import annotations

import time
from dataclasses import asdict, dataclass, replace
from typing import Any

from inventory_core.stores.stacks import Stack, stack_for
from inventory_core.strategy import Needs
from inventory_core.strategy.registry import find_strategy, make
from scenarios.demand import make_demand
from scenarios.history import FORMAT, RunFolder
from scenarios.measuring.judging import judge_run, limits_of
from scenarios.measuring.machine import software
from scenarios.measuring.settling import in_time, judged_settling
from scenarios.predicting.playing import Play, Played
from scenarios.predicting.profile import Profile
from scenarios.scenario import Scenario


@dataclass(frozen=True, slots=True)
class Asked:
    """What one simulated run is to find out. `seed` is this replication's own."""

    scenario: Scenario
    strategy: str
    profile: Profile
    seed: int
    seconds: float
    repetition: int = 0
    parts: int = 0  # of a split counter; 0: as many as usual


def simulate(asked: Asked) -> Played:
    """Simulate a run, and judge nothing."""
    return play_of(asked).run()


def predict_once(asked: Asked, folder: RunFolder | None = None) -> dict[str, Any]:
    """Simulate one run and answer its row; with a folder, its records are written there."""
    play = play_of(asked)
    began_s = time.monotonic()
    played = play.run()
    took_s = time.monotonic() - began_s
    row = judged_row(asked, play, played, folder)
    return row | {"orders_per_wall_s": row["operations"] / max(took_s, 1e-9)}


def judged_row(
    asked: Asked, play: Play, played: Played, folder: RunFolder | None = None
) -> dict[str, Any]:
    """The row of a run that was simulated; with a folder, its records are written there."""
    strategy, nothing = play.strategy, play.strategy.needs is Needs.NOTHING
    judged = judge_run(
        asked.scenario, asked.seconds, strategy, play.demand, played, folder, nothing
    )
    row = {
        **world_of(asked, play.stack, folder),
        **judged.row,
        **played.usage,
        "driver_bound": False,
        "operations": len(judged.case.history.operations.order),
    }
    if not asked.scenario.faults and played.settled_after_s is not None:
        after_s = in_time(strategy.promises, played.settled_after_s)
        row |= judged_settling(row, strategy.promises, after_s)
    row["note"] = "; ".join(filter(None, [row["note"], *played.notes]))
    if folder is not None:
        folder.write_json("run", about(asked))
        findings = [finding.as_json() for finding in judged.findings]
        folder.write_json("verdict", {"row": row, "findings": findings})
    return row


def play_of(asked: Asked) -> Play:
    """A run, ready to be simulated."""
    scenario = asked.scenario
    limits = limits_of(scenario)
    if asked.parts:
        limits = replace(limits, parts=asked.parts)
    demand = make_demand(scenario, asked.seed, asked.seconds)
    strategy = make(asked.strategy, limits)
    stack = stack_for(find_strategy(asked.strategy))
    profile = asked.profile.of_strategy(asked.strategy)
    return Play(scenario, strategy, demand, profile, stack, asked.seed, asked.seconds)


def world_of(asked: Asked, stack: Stack, folder: RunFolder | None) -> dict[str, Any]:
    """The part of a row that says what was simulated, and where its records are."""
    return {
        "strategy": asked.strategy,
        "stack": stack.name,
        "world": "predicted",
        "profile": asked.profile.name,
        "durability": f"flush {asked.profile.sql.flush_us:g} µs",
        "fsync_us": asked.profile.sql.flush_us,
        "repetitions": 1,
        "repetition": asked.repetition,
        "runs": [folder.path.name] if folder is not None else [],
    }


def about(asked: Asked) -> dict[str, Any]:
    """The content of `run.json`: what was simulated, with which costs."""
    return {
        "format": FORMAT,
        "world": "predicted",
        "strategy": asked.strategy,
        "seed": asked.seed,
        "repetition": asked.repetition,
        "seconds": asked.seconds,
        "scenario": asdict(asked.scenario),
        "profile": asdict(asked.profile),
        "software": software(),
    }
