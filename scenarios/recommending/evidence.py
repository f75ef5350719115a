"""What was measured, live, in the situations that recommendations are drawn from, beside what the
simulation had said of the same: `evidence.toml`, which `workbench.published evidence` writes.

From it come the corrections (how far the simulation is off for a strategy in situations alike), how
sure an answer is (how far off it is after that, in situations held back one by one), and what to
say "not measured" of.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from math import exp, log
from pathlib import Path
from statistics import median
from typing import Any

from scenarios.reading_toml import Place, check_keys, fill, read_toml
from scenarios.recommending.likeness import distance, nearest, outside
from scenarios.recommending.question import Question, read_question

FILE = Path(__file__).parent / "evidence.toml"
KEYS = ("about", "situation")
HOLDS = "holds"


@dataclass(frozen=True, slots=True)
class About:
    """Where the figures come from."""

    measured_at: str = ""
    machine: str = ""
    commit: str = ""
    repetitions: int = 0
    seconds: float = 0.0
    profile: str = ""  # by which the same was simulated


@dataclass(frozen=True, slots=True)
class Measured:
    """A strategy in a situation: orders a second, of its repetitions the middle, least and most."""

    per_s: float = 0.0
    low: float = 0.0
    high: float = 0.0
    p99_ms: float = 0.0  # of accepted orders; 0: too few for one
    predicted_per_s: float = 0.0
    verdict: str = HOLDS

    @property
    def off(self) -> float:
        """What was measured over what was predicted, as a logarithm."""
        return log(self.per_s / self.predicted_per_s)

    @property
    def known(self) -> bool:
        """Can the two be compared?"""
        return self.per_s > 0 and self.predicted_per_s > 0 and self.verdict == HOLDS


@dataclass(frozen=True, slots=True)
class Situation:
    """A situation, and every strategy that was measured in it."""

    question: Question
    measured: Mapping[str, Measured]


@dataclass(frozen=True)
class Evidence:
    """All that was measured, by the name of the situation."""

    about: About = field(default_factory=About)
    situations: Mapping[str, Situation] = field(default_factory=dict)

    @property
    def questions(self) -> dict[str, Question]:
        """The situations, as they were asked."""
        return {name: each.question for name, each in self.situations.items()}

    def without(self, name: str) -> Evidence:
        """The same, as if this situation had never been measured."""
        rest = {key: each for key, each in self.situations.items() if key != name}
        return Evidence(self.about, rest)

    def nearest(self, question: Question) -> str:
        """The situation that speaks for this one; empty if none is near enough."""
        return nearest(question, self.questions)

    def not_measured(self, question: Question) -> list[str]:
        """What there is no measurement of; empty if one speaks for this situation."""
        if not self.situations:
            return ["nothing was measured yet"]
        far = outside(question, self.questions.values())
        if not far and not self.nearest(question):
            far = ["this combination: every situation that was measured is unlike it"]
        return far

    def off(self, strategy: str, question: Question, *, relative: bool = False) -> float:
        """By what factor the simulation of a strategy is too slow, in situations alike.

        `relative`: only what sets it apart from the others, for costs of another machine.
        """
        parts = [
            (exp(-distance(question, each.question)), measured.off - common)
            for each in self.situations.values()
            if (measured := each.measured.get(strategy)) and measured.known
            for common in (_common(each) if relative else 0.0,)
        ]
        weight = sum(part for part, _ in parts)
        return exp(sum(part * value for part, value in parts) / weight) if weight else 1.0

    def verdict(self, strategy: str, question: Question) -> str:
        """What became of a strategy in situations alike, each by how alike it is.

        A simulation does not see everything that may go wrong: a store that takes orders in faster
        than its rows learn of them does not come to rest, here and now, on this machine.
        """
        weights: dict[str, float] = {}
        for each in self.situations.values():
            if measured := each.measured.get(strategy):
                near = exp(-distance(question, each.question))
                weights[measured.verdict] = weights.get(measured.verdict, 0.0) + near
        return max(weights, key=lambda each: weights[each]) if weights else HOLDS

    @property
    def spread(self) -> float:
        """How far off the corrected simulation is, usually: as a logarithm, like a deviation.

        Of each strategy in a situation held back, less what all of that situation have in common,
        which changes no ranking.
        """
        rests = [abs(rest) for name in self.situations for rest in self._rests(name)]
        return median(rests) / _MEDIAN_OF_NORMAL if rests else UNKNOWN_SPREAD

    def _rests(self, name: str) -> Iterator[float]:
        here, others = self.situations[name], self.without(name)
        rests = [
            measured.off - log(others.off(strategy, here.question))
            for strategy, measured in here.measured.items()
            if measured.known
        ]
        return (rest - median(rests) for rest in rests)


UNKNOWN_SPREAD = 0.25
"""Without evidence: what the published validation found, and some more."""

_MEDIAN_OF_NORMAL = 0.6745


def _common(situation: Situation) -> float:
    """What all strategies of a situation have in common: mostly the pace of the machine."""
    return median(each.off for each in situation.measured.values() if each.known)


@cache
def shipped() -> Evidence:
    """The evidence that comes with the project."""
    return read_evidence(FILE)


def read_evidence(path: Path) -> Evidence:
    """The evidence of a file, whose every mistake is one sentence."""
    if not path.exists():
        return Evidence()
    tables = read_toml(path)
    check_keys(Place(path.name), tables, KEYS)
    about = fill(About, tables.get("about", {}), Place(path.name, "about"))
    return Evidence(about, dict(_situations(tables.get("situation", {}), path.name)))


def _situations(tables: Mapping[str, Any], file: str) -> Iterator[tuple[str, Situation]]:
    for name, table in tables.items():
        asked, rows = table.get("asked", {}), table.get("measured", {})
        place = Place(file, f"situation.{name}")
        check_keys(place, table, ("asked", "measured"))
        measured = {
            strategy: fill(Measured, row, Place(file, f"situation.{name}.{strategy}"))
            for strategy, row in rows.items()
        }
        yield name, Situation(read_question(asked, place), measured)
