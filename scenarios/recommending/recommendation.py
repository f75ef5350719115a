"""The answer: who fits, in order, why, how sure that is, and what would change it.

    sift by the rules -> a figure each -> rank -> prove who is to be named -> turn what may turn

Nobody is named whose promises were not proved: the first are proved here and now, by the code that
is here; who breaks one is left out, and the next one is proved.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from math import hypot, log
from statistics import NormalDist
from typing import Any

from scenarios.recommending.candidate import Candidate, candidates
from scenarios.recommending.estimating import Estimator, Figure
from scenarios.recommending.evidence import Evidence
from scenarios.recommending.judging import NEAR_ENOUGH
from scenarios.recommending.question import Question
from scenarios.recommending.ranking import Placed, ranked
from scenarios.recommending.rules import Excluded, sifted
from scenarios.recommending.sensitivity import Answered, Turn, turns_of

SHOWN = 3
"""So many are named, and proved."""

SURE, LIKELY = 0.9, 0.7

Prover = Callable[[Sequence[str]], Mapping[str, bool]]
"""Proves strategies by name: does each keep, on every schedule of every case, what it promises?"""


@dataclass(frozen=True)
class Recommendation:
    """An answer. `named`: who may be recommended, proved, the first first.

    also         who fits too, and was not proved here
    broken       who would have been named, and breaks a promise
    failed       who would fit, and did not hold: in the simulation, or where it was measured
    unknown      who fits, and of whom there is no figure
    probability  that the first is right: that it carries the rate, or is among the best; None if
                 that was not measured
    not_measured what no measurement speaks for; empty if one does
    like         the measured situation that is most alike; empty if none is near
    """

    question: Question
    named: tuple[Placed, ...]
    also: tuple[Placed, ...]
    broken: tuple[str, ...]
    failed: tuple[str, ...]
    unknown: tuple[str, ...]
    excluded: tuple[Excluded, ...]
    turns: tuple[Turn, ...]
    probability: float | None
    not_measured: tuple[str, ...]
    like: str

    @property
    def first(self) -> Placed | None:
        """Who is recommended; None if nobody fits, or nothing is known of anybody."""
        return self.named[0] if self.named else None

    @property
    def sure(self) -> str:
        """How sure it is, in a word or two."""
        if self.probability is None:
            return "not measured"
        if self.probability >= SURE:
            return "sure"
        return "likely" if self.probability >= LIKELY else "close"

    def as_json(self) -> dict[str, Any]:
        """What a script reads."""
        return {
            "question": asdict(self.question),
            "recommended": self.first.name if self.first else None,
            "sure": self.sure,
            "probability": self.probability,
            "like": self.like or None,
            "not_measured": list(self.not_measured),
            "rows": [_row(rank, each) for rank, each in enumerate(self.named, 1)],
            "also": [each.name for each in self.also],
            "broken": list(self.broken),
            "failed": list(self.failed),
            "unknown": list(self.unknown),
            "excluded": [each.as_json(self.question) for each in self.excluded],
            "sensitivity": [each.as_json() for each in self.turns],
        }


def _row(rank: int, placed: Placed) -> dict[str, Any]:
    figure, candidate, wanted = placed.figure, placed.candidate, placed.wanted_per_s
    return {
        "rank": rank,
        "strategy": placed.name,
        "fits": placed.fits,
        "goodput_per_s": figure.per_s,
        "goodput_per_s_low": figure.low,
        "goodput_per_s_high": figure.high,
        "head_room": figure.per_s / wanted if wanted else None,
        "accepted_latency_ms_p99": figure.p99_ms,
        "measured": figure.measured or None,
        "stack": candidate.stack,
        "daemons": list(candidate.daemons),
        "loss_s": candidate.loss_s,
        "lag_s": candidate.lag_s,
        "proved": True,
        "reasons": list(placed.reasons()),
        "cautions": list(placed.cautions()),
    }


def recommend(
    question: Question,
    estimator: Estimator,
    prover: Prover,
    evidence: Evidence,
    *,
    among: Sequence[Candidate] | None = None,
    shown: int = SHOWN,
) -> Recommendation:
    """Answer a question."""
    everybody = candidates() if among is None else tuple(among)
    passed, excluded = sifted(everybody, question)
    # Who would be let in if one thing more were tolerated may change the answer.
    almost = [each.candidate for each in excluded if each.only_rule]
    figures = estimator.figures(question, [each.name for each in (*passed, *almost)])
    named, also, broken = _proved(ranked(passed, figures, question), prover, shown)
    answered = Answered(question, everybody, excluded, figures, (*named, *also)).without(broken)
    not_measured = tuple(evidence.not_measured(question))
    return Recommendation(
        question,
        named,
        also,
        broken,
        tuple(n for each in passed if (n := each.name) in figures and not figures[n].held),
        tuple(each.name for each in passed if each.name not in figures),
        excluded,
        _turns(answered, estimator, prover),
        None if not_measured else probability(answered.placed),
        not_measured,
        evidence.nearest(question),
    )


def _proved(
    placed: Sequence[Placed], prover: Prover, shown: int
) -> tuple[tuple[Placed, ...], tuple[Placed, ...], tuple[str, ...]]:
    """The first whose proofs stand; who comes after them; and whose proofs do not stand."""
    named: list[Placed] = []
    broken: list[str] = []
    rest = list(placed)
    while rest and len(named) < shown:
        many = shown - len(named)
        here, rest = rest[:many], rest[many:]
        holds = prover([each.name for each in here])
        named += [each for each in here if holds[each.name]]
        broken += [each.name for each in here if not holds[each.name]]
    return tuple(named), tuple(rest), tuple(broken)


def _turns(answered: Answered, estimator: Estimator, prover: Prover) -> tuple[Turn, ...]:
    """What would change the answer; nobody is named there either without a proof."""
    while True:
        turns = turns_of(answered, estimator)
        holds = prover(list(dict.fromkeys(each.first for each in turns if each.first)))
        broken = [name for name, stands in holds.items() if not stands]
        if not broken:
            return turns
        answered = answered.without(broken)


def probability(placed: Sequence[Placed]) -> float | None:
    """That the first carries the rate that is wanted; or that it is as good as the best of them.

    By how far figures are off as a rule, as if that were normal in logarithms.
    """
    if not placed:
        return None
    first, others = placed[0], [each.figure for each in placed[1:]]
    if first.wanted_per_s:
        return _normal(log(first.figure.per_s / first.wanted_per_s), _spread(first.figure))
    if not others:
        return 1.0
    other = max(others, key=lambda each: each.per_s)
    gap = log(first.figure.per_s / other.per_s / NEAR_ENOUGH)
    return _normal(gap, hypot(_spread(first.figure), _spread(other)))


def _normal(gap: float, spread: float) -> float:
    return NormalDist().cdf(gap / max(spread, 1e-9))


def _spread(figure: Figure) -> float:
    return log(figure.high / figure.low) / 2
