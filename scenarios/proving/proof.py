"""What was proved about one strategy: which promises held in every schedule of every case."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from inventory_core.strategy import Promise
from scenarios.proving.counterexample import Counterexample


@dataclass(frozen=True, slots=True)
class CaseResult:
    """One strategy in one case. `broken`: by promise, the number of moves to the nearest breach."""

    strategy: str
    case: str
    states: int
    schedules: int
    seconds: float  # of exploration
    bounded: bool
    broken: tuple[tuple[Promise, int], ...]

    def row(self) -> dict[str, Any]:
        """For tables and JSON."""
        return {
            "case": self.case,
            "states": self.states,
            "schedules": self.schedules,
            "seconds": round(self.seconds, 4),
            "bounded": self.bounded,
            "broken": [promise.value for promise, _ in self.broken],
        }


@dataclass(frozen=True, slots=True)
class Proof:
    """The verdict on one strategy.

    kept             the promises that it makes
    skipped          why there was nothing to prove; empty if there was
    counterexamples  the shortest for every promise that was broken, made or not
    """

    strategy: str
    control: bool
    kept: frozenset[Promise]
    cases: tuple[CaseResult, ...]
    counterexamples: tuple[Counterexample, ...]
    skipped: str = ""
    must_break: Promise = Promise.NEVER_OVERSELLS

    @property
    def promises_broken(self) -> list[str]:
        """The promises it makes and does not keep; of a control, all that fell."""
        return [p.value for p in Promise if p in self._broken and (self.control or p in self.kept)]

    @property
    def under_promised(self) -> list[str]:
        """Promises that it does not make, and which nothing here breaks."""
        if self.skipped:
            return []
        return [p.value for p in Promise if p not in self.kept and p not in self._broken]

    @property
    def over_promised(self) -> list[str]:
        """Promises that it makes and does not keep."""
        return [p.value for p in Promise if p in self.kept and p in self._broken]

    @property
    def holds(self) -> bool:
        """Was no promise broken?"""
        return not self.promises_broken

    @property
    def stands(self) -> bool:
        """Is it as it should be? A control must be caught at what it is known for, others hold."""
        if self.control:
            return self.must_break in self._broken and not self.over_promised
        return self.holds

    @property
    def bounded(self) -> bool:
        """Did a bound cut any case short?"""
        return any(case.bounded for case in self.cases)

    @property
    def counterexample(self) -> Counterexample | None:
        """The one to show: what a control is known for, else the shortest of a broken promise."""
        broken = [each for each in self.counterexamples if each.promise in self.promises_broken]
        known_for = [each for each in broken if each.promise == self.must_break.value]
        chosen = known_for if self.control and known_for else broken
        return min(chosen, key=lambda each: len(each.moves), default=None)

    @property
    def timeline(self) -> str:
        """The counterexample to show, as text; empty if there is none."""
        return self.counterexample.timeline if self.counterexample else ""

    @property
    def _broken(self) -> frozenset[Promise]:
        return frozenset(promise for case in self.cases for promise, _ in case.broken)

    def row(self) -> dict[str, Any]:
        """One row of `prove --json`."""
        states = sum(case.states for case in self.cases)
        seconds = sum(case.seconds for case in self.cases)
        shown = self.counterexample
        return {
            "strategy": self.strategy,
            "control": self.control,
            "holds": self.holds,
            "promises_broken": self.promises_broken,
            "schedules": sum(case.schedules for case in self.cases),
            "states": states,
            "states_per_s": round(states / seconds) if seconds else 0,
            "bounded": self.bounded,
            "counterexample": list(shown.steps) if shown else None,
            "counterexample_of": shown.record() if shown else None,
            "stands": self.stands,
            "skipped": self.skipped,
            "under_promised": self.under_promised,
            "over_promised": self.over_promised,
            "cases": [case.row() for case in self.cases],
            "timeline": self.timeline,
        }


def nearest(results: Sequence[CaseResult]) -> dict[Promise, CaseResult]:
    """For every promise that was broken: the case that breaks it in the fewest moves."""
    found: dict[Promise, tuple[int, CaseResult]] = {}
    for result in results:
        for promise, moves in result.broken:
            if promise not in found or moves < found[promise][0]:
                found[promise] = (moves, result)
    return {promise: result for promise, (_, result) in found.items()}
