"""What would change the answer: what is tolerated, the rate, and the load itself.

Tolerances and rates are turned without simulating anything again; loads are simulated for those who
came first. Every turn has a sentence, also one that changes nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

from scenarios.recommending.candidate import Candidate
from scenarios.recommending.estimating import Estimator, Figures
from scenarios.recommending.question import Question
from scenarios.recommending.ranking import HEAD_ROOM, Placed, ranked
from scenarios.recommending.rules import RULES, Excluded, sifted

NOBODY = ""
FEW = 5
"""So many of the first are simulated again under another load."""

MOST_BUYERS, MOST_ARTICLES, MOST_RATE, MOST_LINES = 256, 100_000, 1e6, 200


@dataclass(frozen=True, slots=True)
class Turn:
    """Something that is turned, and who would come first then (nobody: an empty text).

    kind    a tolerance, a rate, or a load
    change  the condition, in words
    flips   is the answer another one?
    """

    kind: str
    change: str
    first: str
    flips: bool
    says: str

    def as_json(self) -> dict[str, Any]:
        """For `--json`; nobody is null there."""
        return asdict(self) | {"first": self.first or None}


@dataclass(frozen=True, slots=True)
class Load:
    """Another load: in words, and as a question (None: it is at its end already)."""

    change: str
    turned: Callable[[Question], Question | None]


def _buyers(question: Question, times: float) -> Question | None:
    buyers = min(MOST_BUYERS, max(1, round(question.buyers * times)))
    return None if buyers == question.buyers else replace(question, buyers=buyers)


def _hot(question: Question) -> Question | None:
    hot = min(MOST_ARTICLES, question.hot * 10)
    if not question.heat or hot == question.hot:
        return None
    return replace(question, hot=hot, articles=max(question.articles, hot))


LOADS = (
    Load("with four times as many buyers at the same time", lambda q: _buyers(q, 4)),
    Load("with a quarter of the buyers", lambda q: _buyers(q, 0.25)),
    Load("with ten times as many hot articles", _hot),
    Load("with a round trip 1 ms longer", lambda q: replace(q, rtt_ms=q.rtt_ms + 1)),
    Load(
        "with three more lines an order",
        lambda q: replace(q, lines=q.lines + 3) if q.lines + 3 <= MOST_LINES else None,
    ),
)


@dataclass(frozen=True, slots=True)
class Answered:
    """What is known when an answer stands: the question, everybody's figures, and the order."""

    question: Question
    everybody: Sequence[Candidate]
    excluded: Sequence[Excluded]
    figures: Figures
    placed: Sequence[Placed]

    @property
    def first(self) -> str:
        """Who comes first; nobody if nobody is left."""
        return self.placed[0].name if self.placed else NOBODY

    def without(self, names: Sequence[str]) -> Answered:
        """The same, as if there were no such strategies."""
        return replace(
            self,
            everybody=[each for each in self.everybody if each.name not in names],
            excluded=[each for each in self.excluded if each.candidate.name not in names],
            placed=[each for each in self.placed if each.name not in names],
        )


def turns_of(answered: Answered, estimator: Estimator) -> tuple[Turn, ...]:
    """Everything that is turned, in the order of those above."""
    return (*tolerances(answered), *rates(answered), *loads(answered, estimator))


def tolerances(answered: Answered) -> Iterator[Turn]:
    """What if more were tolerated, or nothing? Each rule that stands in somebody's way alone."""
    for excluded in answered.excluded:
        rule, candidate = excluded.only_rule, excluded.candidate
        if rule is None or rule.lifts is None:
            continue
        change = rule.if_lifted.format(c=candidate)
        turn = _asked_again(answered, rule.lifts(candidate, answered.question), change)
        if turn.first == candidate.name:  # who else would gain has a sentence of its own
            yield turn
    for rule in RULES:
        stricter = rule.stricter and rule.stricter(answered.question)
        if stricter and stricter != answered.question:
            turn = _asked_again(answered, stricter, rule.if_stricter)
            if turn.flips:
                yield turn


def _asked_again(answered: Answered, question: Question, change: str) -> Turn:
    passed, _ = sifted(answered.everybody, question)
    return _turn(answered, "tolerance", change, ranked(passed, answered.figures, question))


def rates(answered: Answered) -> Iterator[Turn]:
    """How far the wanted rate can rise until the answer is another one."""
    question = answered.question
    if not question.wanted_per_s or not answered.placed or not answered.placed[0].fits:
        return
    most_per_s = answered.placed[0].figure.per_s / HEAD_ROOM
    above = replace(question, rate_per_s=min(MOST_RATE, 1.001 * most_per_s), peak=1.0)
    among = [each.candidate for each in answered.placed]
    change = f"above {most_per_s:,.0f} orders a second at the peak"
    yield _turn(answered, "rate", change, ranked(among, answered.figures, above))


def loads(answered: Answered, estimator: Estimator) -> Iterator[Turn]:
    """Who of the first would come first under another load."""
    few = [each.candidate for each in answered.placed[:FEW]]
    for load in LOADS:
        question = load.turned(answered.question)
        if question is None or len(few) < 2:
            continue
        figures = estimator.figures(question, [each.name for each in few])
        if figures:  # else nothing is known of that load
            yield _turn(answered, "load", load.change, ranked(few, figures, question))


def _turn(answered: Answered, kind: str, change: str, placed: Sequence[Placed]) -> Turn:
    first = placed[0].name if placed else NOBODY
    flips = first != answered.first
    return Turn(kind, change, first, flips, _said(change, placed, flips, answered))


def _said(change: str, placed: Sequence[Placed], flips: bool, answered: Answered) -> str:
    if not placed:
        return f"{change}: nobody is left"
    there = f"{placed[0].name} ({placed[0].figure.per_s:,.0f} a second"
    if not flips:
        return f"{change}: still {there})"
    before = next((each for each in placed if each.name == answered.first), None)
    beside = f", and {before.name} {before.figure.per_s:,.0f}" if before else ""
    return f"{change}: {there}{beside})"
