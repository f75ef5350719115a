"""Who comes first among those who may be chosen, and the reasons, as sentences.

With a rate that is wanted: who carries it with head-room, then the shorter p99 at that rate, then
what is less to operate. Without one: who gets most through; of those who are level, what is less to
operate, then the shorter p99.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from math import inf, log

from inventory_core.strategy import Promise
from scenarios.recommending.candidate import Candidate
from scenarios.recommending.estimating import Figure, Figures
from scenarios.recommending.question import Question

HEAD_ROOM = 1.25
"""So many times the wanted rate: at less than that a queue grows whenever the dice are unkind."""

LEVEL = 0.97
"""Who reaches this share of the most is level with it."""

ALIKE = 1.25
"""Tails are told apart in steps of this factor."""

WORTH_SAYING = 0.1
"""A correction of less is not worth a sentence."""


@dataclass(frozen=True, slots=True)
class Placed:
    """A candidate with its figure, in the order in which they are recommended."""

    candidate: Candidate
    figure: Figure
    wanted_per_s: float

    @property
    def name(self) -> str:
        """The strategy's name."""
        return self.candidate.name

    @property
    def fits(self) -> bool:
        """Does it carry the wanted rate with head-room? If none is wanted, everybody does."""
        return self.figure.per_s >= self.wanted_per_s * HEAD_ROOM

    def reasons(self) -> Iterator[str]:
        """Why it stands where it stands."""
        figure = self.figure
        yield self._capacity()
        if figure.p99_ms is not None:
            where = "at that rate" if self.wanted_per_s and not figure.measured else "in the crowd"
            yield f"p99 of accepted orders {where}: {figure.p99_ms:.3g} ms"
        yield f"to operate: {', '.join(self.candidate.parts)}"
        if abs(figure.model_off - 1) >= WORTH_SAYING:
            way = "slow" if figure.model_off > 1 else "fast"
            times = max(figure.model_off, 1 / figure.model_off)
            yield f"corrected: where it was measured, the simulation is {times:.2g} times too {way}"

    def cautions(self) -> Iterator[str]:
        """What it does not do, as its file declares."""
        promises = self.candidate.kind.promises
        for fault, words in promises.loses.items():
            yield f"{fault.value}: it loses {words}"
        if promises.settles_within_s:
            yield f"its stores agree only after up to {promises.settles_within_s:g} s"
        lacking = [each.value for each in Promise if each not in promises.kept]
        if lacking:
            yield f"it does not promise: {', '.join(lacking)}"

    def _capacity(self) -> str:
        how = "measured" if self.figure.measured else "expected"
        most = f"{self.figure.per_s:,.0f} orders a second {how}"
        if not self.wanted_per_s:
            return most
        wanted = f"the {self.wanted_per_s:,.0f} that are wanted at the peak"
        times = self.figure.per_s / self.wanted_per_s
        if self.fits:
            return f"{most}, {times:.2g} times {wanted}"
        return f"{most}, {'less than' if times < 1 else 'no head-room above'} {wanted}"


def ranked(among: Iterable[Candidate], figures: Figures, question: Question) -> tuple[Placed, ...]:
    """Those of whom something is known, the best first; who broke a promise in its run is out."""
    found = [
        Placed(each, figure, question.wanted_per_s)
        for each in among
        if (figure := figures.get(each.name)) and figure.held and figure.per_s > 0
    ]
    most = max((each.figure.per_s for each in found), default=0.0)
    return tuple(sorted(found, key=_by_rate if question.wanted_per_s else _by_most(most)))


Key = tuple[bool, float, float, float]


def _by_rate(placed: Placed) -> Key:
    if not placed.fits:
        return (True, 0.0, 0.0, -placed.figure.per_s)
    return (False, _tail(placed), len(placed.candidate.parts), -placed.figure.per_s)


def _by_most(most: float) -> Callable[[Placed], Key]:
    def key(placed: Placed) -> Key:
        if placed.figure.per_s < most * LEVEL:
            return (True, 0.0, 0.0, -placed.figure.per_s)
        return (False, len(placed.candidate.parts), _tail(placed), -placed.figure.per_s)

    return key


def _tail(placed: Placed) -> float:
    """Its p99 in steps; one that nobody knows counts as the longest."""
    p99_ms = placed.figure.p99_ms
    return inf if not p99_ms else round(log(p99_ms) / log(ALIKE))
