"""Looks for the costs with which a simulated probe is as fast as the real one.

Costs are searched for by factors (Nelder-Mead over their logarithms), those of one mechanism at a
time, from the probes that show it, which are simulated side by side.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import exp, fsum, log

from scipy.optimize import minimize

from scenarios.predicting.observing import Probe, scenario_of
from scenarios.predicting.profile import Profile
from scenarios.predicting.run import Asked, simulate
from scenarios.predicting.side_by_side import Everywhere

SIMULATED_S = 0.12
LEAST, MOST = 0.1, 10.0
"""Times as long as otherwise that work may take in a crowd."""


@dataclass(frozen=True, slots=True)
class Search:
    """Which costs of a profile's section, where to begin, and how many simulations at most."""

    section: str
    names: tuple[str, ...]
    start: tuple[float, ...]
    tries: int

    def with_costs(self, profile: Profile, values: Sequence[float]) -> Profile:
        """The profile with these costs, in the order of their names."""
        costs = {
            name: round(min(max(value, LEAST), MOST), 3) if name == "crowded" else round(value, 2)
            for name, value in zip(self.names, values, strict=True)
        }
        return replace(profile, **{self.section: replace(getattr(profile, self.section), **costs)})


IN_A_CROWD = Search("sql", ("crowded", "commit_crowded_us", "flush_next_us"), (1.0, 10.0, 20.0), 60)
"""Statements and durable commits where no processor is idle, and one flush after the other."""

AWAKE_KEYS = Search("kv", ("awake_saves_us",), (6.0,), 16)
HAND_OVER = Search("sql", ("hand_over_us", "hand_over_waiter_us"), (20.0, 2.0), 50)
HELD = Search("sql", ("held_us", "held_waiter_us"), (20.0, 2.0), 50)

Sought = tuple[Search, Sequence[Probe]]


def found_by(searches: Sequence[Sought], profile: Profile, everywhere: Everywhere = map) -> Profile:
    """The profile with the costs that each search finds from its probes, one after the other."""
    for search, probes in searches:
        profile = search.with_costs(profile, best_of(search, profile, probes, everywhere))
    return profile


def best_of(
    search: Search, profile: Profile, probes: Sequence[Probe], everywhere: Everywhere = map
) -> tuple[float, ...]:
    """The costs that explain these probes best."""
    first = [log(value) for value in search.start]
    corners = [first]
    corners += [
        [x + (1.2 if at == place else 0.0) for at, x in enumerate(first)]
        for place in range(len(first))
    ]
    best = minimize(
        lambda logs: _off(search.with_costs(profile, [exp(x) for x in logs]), probes, everywhere),
        first,
        method="Nelder-Mead",
        options={
            "maxfev": search.tries,
            "xatol": 0.03,
            "fatol": 1e-4,
            "initial_simplex": corners,
        },
    )
    return tuple(exp(x) for x in best.x)


def simulated(profile: Profile, probe: Probe) -> Probe:
    """The probe with what the simulation makes of it."""
    asked = Asked(scenario_of(probe.cells, probe.clients), probe.name, profile, 1, SIMULATED_S)
    played = simulate(asked)
    in_time = played.results[0].replied_ns <= SIMULATED_S * 1e9
    return replace(probe, simulated_per_s=int(in_time.sum()) / SIMULATED_S)


def _off(profile: Profile, probes: Sequence[Probe], everywhere: Everywhere) -> float:
    """The squared logarithms of the errors: twice too fast is as bad as twice too slow."""
    work = [(profile, probe) for probe in probes]
    return fsum(everywhere(_square_off, work))  # the same sum in whatever order they are done


def _square_off(work: tuple[Profile, Probe]) -> float:
    one = simulated(*work)
    return log(max(one.simulated_per_s, 1.0) / one.orders_per_s) ** 2
