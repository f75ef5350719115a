"""Loads that a calibration never saw, measured live: what predictions are held to.

A few cells at a time are measured with a *reference slice* among them, a statement that belongs
to no strategy. Where it went slower or faster than beside the other cells of the load, the machine
did, and these cells are corrected by as much.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import median

from inventory_core.stores.servers import Settings
from scenarios.history import RunFolder
from scenarios.measuring.campaign import measure
from scenarios.predicting.observing import UPDATE, sale_of
from scenarios.scenario import Scenario

SATURATED = "saturated"
"""An open loop whose rate is a fifth more than what so many clients get through by themselves.

Nobody's latency is compared there: it says how long the run was.
"""
BEYOND, CROWD = 1.2, 16

Repetitions = list[tuple[float, float | None]]
"""Goodput and p99 of each."""
Rates = dict[str, Repetitions]
"""By strategy."""
REFERENCE = UPDATE
BESIDE = 4
"""Cells that share a reference slice."""


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

    settings: Settings
    repetitions: int
    seconds: float
    seen: Callable[[str], None]

    def corrected(self, scenarios: Mapping[str, Scenario]) -> Rates:
        """Every strategy in its scenario, a few at a time, by the reference slice among them."""
        names = list(scenarios)
        parts = [names[at : at + BESIDE] for at in range(0, len(names), BESIDE)]
        found = [self._part({name: scenarios[name] for name in part}) for part in parts]
        level_per_s = median(_usual(rates) for rates in found)
        return {
            name: rows for rates in found for name, rows in at_level(rates, level_per_s).items()
        }

    def _part(self, scenarios: Mapping[str, Scenario]) -> Rates:
        """A reference slice in a closed loop, and these: together where they are asked the same."""
        first = next(iter(scenarios.values()))
        if not first.demand.open_loop:
            return self._measured(first, [REFERENCE, *scenarios])
        rates = self._measured(sale_of(CROWD), [REFERENCE])
        for name, scenario in scenarios.items():
            rates |= self._measured(scenario, [name])
        return rates

    def _measured(self, scenario: Scenario, names: Sequence[str]) -> Rates:
        found: Rates = {name: [] for name in names}
        with tempfile.TemporaryDirectory(prefix="stockproof-") as place:
            out = Path(place) / "runs"
            measure(
                scenario,
                names,
                seconds=self.seconds,
                repetitions=self.repetitions,
                out=out,
                settings=self.settings,
                progress=lambda at: (
                    self.seen(f"{at.strategy}, {load_of(scenario)}") if at.row else None
                ),
            )
            for folder in RunFolder(out).runs():
                row = folder.json("verdict")["row"]
                rate_per_s, p99_ms = row["goodput_per_s"], row["accepted_latency_ms_p99"]
                found[row["strategy"]].append((rate_per_s, p99_ms))
        return found


def at_level(rates: Rates, level_per_s: float) -> Rates:
    """What strategies would have done on a machine at its usual pace, by their reference slice."""
    faster = level_per_s / _usual(rates)
    return {
        name: [(rate * faster, None if p99 is None else p99 / faster) for rate, p99 in rows]
        for name, rows in rates.items()
        if name != REFERENCE
    }


def _usual(rates: Rates) -> float:
    return median(rate for rate, _ in rates[REFERENCE])
