"""What each strategy would do in a situation: by simulation, corrected; or by figures measured.

Simulating(profile, evidence, executor)     the situation itself, in virtual time
LookingUp(evidence)                         the measured situation that is most alike
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, field, replace
from math import exp
from typing import Any, Protocol

from scenarios.predicting.profile import Profile
from scenarios.predicting.run import Asked, predict_once
from scenarios.predicting.side_by_side import side_by_side
from scenarios.predicting.sweep import ORDERS, SHORTEST_S
from scenarios.recommending.evidence import HOLDS, Evidence
from scenarios.recommending.question import Question, crowd_of, stream_of
from scenarios.scenario import Scenario

CROWD_S = 0.6
"""Of virtual time: a crowd is watched for so long."""

SEED = 1
Figures = Mapping[str, "Figure"]


@dataclass(frozen=True, slots=True)
class Figure:
    """A strategy in a situation.

    per_s      orders a second at most, with so many buyers; `low` and `high`: two times in three
    p99_ms     of accepted orders, at the rate that is wanted, or in the crowd if none is
    measured   the situation it was measured in; empty if it was simulated
    model_off  by what factor the simulation was corrected; 1 if nothing is known
    verdict    of the run, and of the measurements most alike: who did not hold is not recommended
    """

    strategy: str
    per_s: float
    low: float
    high: float
    p99_ms: float | None
    measured: str = ""
    model_off: float = 1.0
    verdict: str = HOLDS

    @property
    def held(self) -> bool:
        """May it be recommended by this figure?"""
        return self.verdict == HOLDS


class Estimator(Protocol):
    """Whoever can say what strategies would do."""

    def figures(self, question: Question, names: Sequence[str]) -> Figures:
        """A figure for each of these strategies of which something is known."""


@dataclass(frozen=True)
class Simulating:
    """Simulates each strategy in the situation that was asked about.

    `usual`: the costs are those with which the evidence was simulated, so that its corrections are
    taken whole; of other costs only what sets one strategy apart from the others.
    """

    profile: Profile
    evidence: Evidence
    executor: Executor
    seen: Callable[[str], None] = field(default=lambda _: None)
    seconds: float = CROWD_S

    def figures(self, question: Question, names: Sequence[str]) -> Figures:
        """The crowd first; then, of those who can carry the rate, the tail at that rate."""
        spread, profile = exp(self.evidence.spread), _at(self.profile, question)
        crowd, found = crowd_of(question), {}
        for row in self._rows(profile, crowd, names, self.seconds):
            name = row["strategy"]
            off = self.evidence.off(name, question, relative=not self.usual)
            per_s = row["goodput_per_s"] * off
            tail = row["accepted_latency_ms_p99"]
            near = (per_s / spread, per_s * spread)
            held = row["verdict"] == HOLDS
            verdict = self.evidence.verdict(name, question) if held else row["verdict"]
            found[name] = Figure(name, per_s, *near, tail, "", off, verdict)
        return found | self._at_rate(question, found, profile)

    @property
    def usual(self) -> bool:
        """Are the costs those of the evidence?"""
        return self.profile.name == self.evidence.about.profile

    def _at_rate(self, question: Question, found: Figures, profile: Profile) -> dict[str, Figure]:
        wanted = question.wanted_per_s
        able = [name for name, each in found.items() if wanted and each.per_s >= wanted]
        if not able:
            return {}
        seconds = min(self.seconds, max(SHORTEST_S, ORDERS / wanted))
        rows = self._rows(profile, stream_of(question), able, seconds)
        return {
            row["strategy"]: replace(found[row["strategy"]], p99_ms=row["accepted_latency_ms_p99"])
            for row in rows
        }

    def _rows(
        self, profile: Profile, scenario: Scenario, names: Sequence[str], seconds: float
    ) -> Iterator[dict[str, Any]]:
        work = [Asked(scenario, name, profile, SEED, seconds) for name in names]
        for name, row in side_by_side(self.executor, _simulated, work):
            self.seen(name)
            if row is not None:
                yield row


@dataclass(frozen=True)
class LookingUp:
    """Simulates nothing: what was measured in the situation most alike, if one is near enough."""

    evidence: Evidence

    def figures(self, question: Question, names: Sequence[str]) -> Figures:
        """Of those strategies that were measured there."""
        there = self.evidence.nearest(question)
        measured = self.evidence.situations[there].measured if there else {}
        return {
            name: Figure(
                name, row.per_s, row.low, row.high, row.p99_ms or None, there, 1.0, row.verdict
            )
            for name, row in measured.items()
            if name in names
        }


def _simulated(asked: Asked) -> tuple[str, dict[str, Any] | None]:
    """The strategy's row; None if its run has more in it than the model has room for."""
    try:
        return asked.strategy, predict_once(asked)
    except MemoryError:  # of the interpreter of scripts, too: thousands of keys in one
        return asked.strategy, None


def _at(profile: Profile, question: Question) -> Profile:
    """The same costs, with servers that are so far away."""
    if not question.rtt_ms:
        return profile
    return replace(profile, network=replace(profile.network, one_way_us=question.rtt_ms * 500))
