"""One of two sides that are compared: its strategy, settings and place, and its part in a run."""

from __future__ import annotations

import time
from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from inventory_core.domain import Limits
from inventory_core.stores.audit import Audit
from inventory_core.stores.servers import Place, Settings
from inventory_core.stores.stacks import Stack, connect
from inventory_core.strategy.registry import make
from scenarios.demand import Share, make_demand
from scenarios.history import FORMAT, RunFolder
from scenarios.measuring import records
from scenarios.measuring.daemons import Daemons, Expiry
from scenarios.measuring.job import Connect, FaultEvent, Job, Result, Start
from scenarios.measuring.judging import judge_run
from scenarios.measuring.machine import machine, software
from scenarios.measuring.playing import load, recovered, session_on
from scenarios.measuring.slices import Slices, Speeds, Turn, speeds
from scenarios.scenario import Scenario

NAMES = ("new", "base")
"""Side 0 is the one that is asked about, side 1 what it is compared with."""


@dataclass(frozen=True, slots=True)
class Side:
    """One of the two. `told`: how it differs from the other, in words."""

    strategy: str
    scenario: Scenario
    stack: Stack
    settings: Settings = field(default_factory=Settings)
    limits: Limits = field(default_factory=Limits)
    connect: Connect = connect
    told: str = ""


@dataclass(frozen=True, slots=True)
class Brought:
    """What one side brought back, before anything is judged."""

    results: list[Result]
    expiries: list[Expiry]
    starts_ns: int
    audit: Audit
    ended_ns: int
    events: tuple[FaultEvent, ...] = ()
    unmended: Audit | None = None

    @property
    def timeline(self) -> Mapping[str, Any]:
        """Nobody watched the stock: looking at one side would have cost the other."""
        return records.timeline_columns((), self.starts_ns)


class Player:
    """A side's part in one run: loaded, played, settled, judged. Close it."""

    def __init__(self, side: Side, number: int, place: Place, slices: Slices, seed: int) -> None:
        self.side, self.number, self.place = side, number, place
        self._slices, self._seed = slices, seed
        self._strategy = make(side.strategy, side.limits)
        self._demand = make_demand(side.scenario, seed, slices.seconds)
        place.clear()
        with session_on(place, seed) as session:
            load(self._strategy, self._demand, session)
        self._turns = tuple(slices.turns(number))
        self._starts_ns = 0
        self._daemons = Daemons(
            self._strategy, lambda: place.connect(side.limits, seed), rest_s=self._rest_s
        )
        self._notes: list[str] = []

    def job(self) -> Job:
        """What the workers are to do for this side."""
        return Job(
            strategy=self.side.strategy,
            limits=self.side.limits,
            connect=self.side.connect,
            address=self.place.address,
            scenario=self.side.scenario,
            seed=self._seed,
            seconds=self._slices.seconds,
            share=Share(0, 0, 0),  # the crew gives each worker its own
        )

    def start(self, start: Start) -> None:
        """The run begins: the daemons work whenever it is this side's turn."""
        self._starts_ns = start.starts_ns
        self._daemons.start()

    def _rest_s(self) -> float:
        return rest_s(self._turns, time.monotonic_ns() - self._starts_ns, self._slices.slice_ns)

    def settle(self, results: list[Result]) -> Brought:
        """Let it come to rest, and read the stores back."""
        settled = self._daemons.settle()
        with session_on(self.place, self._seed) as session:
            settled = settled and recovered(self._strategy, session) and self._daemons.settle()
        if not settled:
            self._notes.append("the strategy did not come to rest after the run")
        audit = self.place.audit()
        ended_ns = time.monotonic_ns() - self._starts_ns
        return Brought(results, self._daemons.expiries, self._starts_ns, audit, ended_ns)

    def judge(self, brought: Brought, folder: RunFolder) -> tuple[dict[str, Any], Speeds]:
        """Write down and judge; its speed is that of its own slices, and not of the whole run."""
        side = self.side
        nothing = self.place.stack.name == "null"
        scenario = replace(side.scenario, run=replace(side.scenario.run, warm_up="none"))
        judged = judge_run(
            scenario, self._slices.seconds, self._strategy, self._demand, brought, folder, nothing
        )
        found = speeds(judged.table, self._slices, self.number)
        row = self._row(folder) | judged.row
        goodput = sum(found.per_s) / len(found.per_s)
        row |= dict.fromkeys(("goodput_per_s", "goodput_per_s_low", "goodput_per_s_high"), goodput)
        row["note"] = "; ".join(filter(None, [row["note"], *self._notes]))
        folder.write_json("run", self._about())
        findings = [finding.as_json() for finding in judged.findings]
        folder.write_json("verdict", {"row": row, "findings": findings})
        return row, found

    def close(self) -> None:
        """Hang up."""
        self._daemons.close()

    def _row(self, folder: RunFolder) -> dict[str, Any]:
        return {
            "side": NAMES[self.number],
            "told": self.side.told,
            "strategy": self.side.strategy,
            "stack": self.place.stack.name,
            "world": "measured",
            "durability": self.place.durability.get("words") or "",
            "fsync_us": self.place.durability.get("fsync_us"),
            "repetitions": 1,
            "runs": [folder.path.name],
        }

    def _about(self) -> dict[str, Any]:
        return {
            "format": FORMAT,
            "world": "measured",
            "strategy": self.side.strategy,
            "stack": self.place.stack.name,
            "seed": self._seed,
            "seconds": self._slices.seconds,
            "scenario": asdict(self.side.scenario),
            "limits": asdict(self.side.limits),
            "durability": dict(self.place.durability),
            "embedded": self.place.address.embedded,
            "machine": machine(),
            "software": software(),
            "notes": self._notes,
            "turns": {
                "slices": self._slices.as_json(),
                "side": self.number,
                "starts_ns": self._starts_ns,  # both sides of one run have the same
            },
        }


def rest_s(turns: tuple[Turn, ...], now_ns: int, slice_ns: int) -> float:
    """How long a side still has to rest; 0: it is its turn, or the run is over."""
    place = bisect_right(turns, now_ns, key=lambda turn: turn.starts_ns) - 1
    if place >= 0 and now_ns < turns[place].starts_ns + slice_ns:
        return 0.0
    if place + 1 >= len(turns):
        return 0.0
    return (turns[place + 1].starts_ns - now_ns) / 1e9
