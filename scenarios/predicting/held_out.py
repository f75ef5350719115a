"""Loads that a calibration never saw, measured live: what predictions are held to.

Cells are told as of a machine at the pace that it had while it was calibrated, by the reference
slices beside both (`levelling.py`).
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import median

from scenarios.history import RunFolder
from scenarios.measuring.campaign import measure
from scenarios.measuring.hands import Hands
from scenarios.predicting.levelling import Beside, Level, faster
from scenarios.predicting.observing import sale_of
from scenarios.scenario import Scenario

SATURATED = "saturated"
"""An open loop whose rate is a fifth more than what so many clients get through by themselves.

Nobody's latency is compared there: it says how long the run was.
"""
BEYOND, CROWD = 1.2, 16

Repetitions = list[tuple[float, float | None]]
"""Goodput and p99 of each."""


@dataclass(frozen=True, slots=True)
class Live:
    """A cell as it was measured, and how fast the machine was beside it."""

    repetitions: Repetitions
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
    """Measures live, so many repetitions of so many seconds, interleaved."""

    hands: Hands
    repetitions: int
    seconds: float
    seen: Callable[[str], None]

    def corrected(self, scenarios: Mapping[str, Scenario], level: Level) -> dict[str, Repetitions]:
        """Every strategy in its scenario, by the reference slices beside it."""
        live: dict[str, Live] = {}
        for scenario in dict.fromkeys(scenarios.values()):
            live |= self._measured(scenario, [n for n in scenarios if scenarios[n] == scenario])
        return cells_at_level(live, level)

    def _measured(self, scenario: Scenario, names: Sequence[str]) -> dict[str, Live]:
        with tempfile.TemporaryDirectory(prefix="stockproof-") as place:
            out = Path(place) / "runs"
            measure(
                scenario,
                names,
                seconds=self.seconds,
                repetitions=self.repetitions,
                out=out,
                hands=self.hands,
                progress=lambda at: (
                    self.seen(f"{at.strategy}, {load_of(scenario)}") if at.row else None
                ),
            )
            runs = tuple(RunFolder(out).runs())
            return {name: _live([r for r in runs if r.json("run")["strategy"] == name])
                    for name in names}  # fmt: skip


def cells_at_level(live: Mapping[str, Live], level: Level) -> dict[str, Repetitions]:
    """What strategies would have done on a machine at its usual pace."""
    found = {}
    for name, one in live.items():
        times = faster(one.beside, level)
        found[name] = [
            (rate * times, None if p99 is None else p99 / times) for rate, p99 in one.repetitions
        ]
    return found


def _live(runs: Sequence[RunFolder]) -> Live:
    rows = [run.json("verdict")["row"] for run in runs]
    slices = [per_s for run in runs for per_s in run.json("run")["reference_per_s"]]
    return Live(
        [(row["goodput_per_s"], row["accepted_latency_ms_p99"]) for row in rows],
        Beside(median(slices), "postgresql" in rows[0]["stack"]),
    )
