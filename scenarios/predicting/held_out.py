"""Loads that a calibration never saw, measured live: what predictions are held to.

Runs are told as of a machine at the pace that it had while it was calibrated, by the reference
slices beside both (`levelling.py`).
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from scenarios.history import RunFolder
from scenarios.measuring.campaign import Progress, measure
from scenarios.measuring.hands import Hands
from scenarios.predicting.levelling import Beside, Level, faster_each
from scenarios.predicting.looking import beside_run
from scenarios.predicting.observing import sale_of
from scenarios.scenario import Scenario
from scenarios.verdict import waited_ms

SATURATED = "saturated"
"""An open loop whose rate is a fifth more than what so many clients get through by themselves.

Nobody's latency is compared there: it says how long the run was.
"""
BEYOND, CROWD = 1.2, 16

Milliseconds = npt.NDArray[np.float64]


class Repetition(NamedTuple):
    """Goodput a second, and how long each accepted order waited."""

    per_s: float
    waited_ms: Milliseconds


class Ran(NamedTuple):
    """A run as it was measured, and how fast the machine was beside it."""

    strategy: str
    told: Repetition
    beside: Beside


def saturated(per_s: float) -> Scenario:
    """The same, with more buyers than can be served."""
    sale = sale_of(CROWD)
    return replace(sale, demand=replace(sale.demand, kind="open", rate_per_s=BEYOND * per_s))


def load_of(scenario: Scenario) -> str:
    """What a load is called: so many clients, or saturated."""
    return SATURATED if scenario.demand.open_loop else f"{scenario.demand.clients}"


@dataclass(frozen=True, slots=True)
class Campaign:
    """Measures live, so many repetitions of so many seconds."""

    hands: Hands
    repetitions: int
    seconds: float
    seen: Callable[[str], None]

    def once(
        self, scenarios: Mapping[str, Scenario], repetition: int, level: Level
    ) -> dict[str, Repetition]:
        """Every strategy in its scenario, once, as if the machine had been at its usual pace."""
        ran: list[Ran] = []
        for scenario in dict.fromkeys(scenarios.values()):
            names = [name for name in scenarios if scenarios[name] == scenario]
            ran += self._measured(scenario, names, repetition)
        return at_usual_pace(ran, level)

    def _measured(self, scenario: Scenario, names: Sequence[str], repetition: int) -> list[Ran]:
        rows: list[Mapping[str, Any]] = []

        def ended(progress: Progress) -> None:
            if progress.row:
                rows.append(progress.row)
                self.seen(f"{progress.strategy}, {load_of(scenario)}, {repetition + 1}")

        with tempfile.TemporaryDirectory(prefix="stockproof-") as place:
            out = Path(place) / "runs"
            measure(
                scenario,
                names,
                seconds=self.seconds,
                repetitions=1,
                seed=repetition + 1,
                out=out,
                hands=self.hands,
                progress=ended,
            )
            return [
                Ran(row["strategy"], _told(row, folder), beside_run(row, folder))
                for row, folder in ((row, RunFolder(out / row["runs"][0])) for row in rows)
            ]


def _told(row: Mapping[str, Any], folder: RunFolder) -> Repetition:
    from_ns = round(row["warm_up_s"] * 1e9)
    waited = waited_ms(folder.table("attempts"), from_ns, "deducted")
    return Repetition(row["goodput_per_s"], waited)


def at_usual_pace(ran: Sequence[Ran], level: Level) -> dict[str, Repetition]:
    """What strategies would have done on a machine at its usual pace; runs in their order."""
    found = {}
    for one, times in zip(ran, faster_each([run.beside for run in ran], level), strict=True):
        found[one.strategy] = Repetition(one.told.per_s * times, one.told.waited_ms / times)
    return found
