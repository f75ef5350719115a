"""How often the first was right in situations that were held back one by one.

Each situation that was measured is asked again, by several houses that tolerate more or less, as if
it had never been measured: the simulation's figures of then, corrected by the other situations.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from scenarios.recommending.candidate import Candidate, candidates
from scenarios.recommending.estimating import Figure
from scenarios.recommending.evidence import HOLDS, Evidence, Situation
from scenarios.recommending.judging import Judged, judged
from scenarios.recommending.question import Question
from scenarios.recommending.ranking import ranked
from scenarios.recommending.rules import sifted


@dataclass(frozen=True, slots=True)
class House:
    """A shop, and what it tolerates."""

    name: str
    stacks: tuple[str, ...]
    loss_s: float
    lag_s: float
    undersell: bool
    daemons: bool

    def asks(self, question: Question) -> Question:
        """The same situation, asked by this house."""
        return replace(
            question,
            stacks=self.stacks,
            loss_s=self.loss_s,
            lag_s=self.lag_s,
            undersell=self.undersell,
            daemons=self.daemons,
        )


_ALL = ("postgresql", "redis", "postgresql+redis")
HOUSES = (
    House("anything", _ALL, 60, 60, undersell=True, daemons=True),
    House("nothing lost", _ALL, 0, 1, undersell=False, daemons=True),
    House("rows alone", ("postgresql",), 0, 0, undersell=False, daemons=True),
    House("rows that may fragment", ("postgresql",), 0, 0, undersell=True, daemons=False),
    House("rows and keys", ("postgresql+redis",), 60, 60, undersell=False, daemons=True),
)


@dataclass(frozen=True, slots=True)
class Record:
    """So many were right, of so many."""

    hits: int
    of: int


def record_of(evidence: Evidence) -> Record:
    """How often the first was right."""
    found = list(backtested(evidence))
    return Record(sum(each.hit for each in found), len(found))


def backtested(evidence: Evidence) -> Iterator[Judged]:
    """Every house in every situation."""
    everybody = candidates()
    for name, situation in evidence.situations.items():
        others = evidence.without(name)
        for house in HOUSES:
            question = house.asks(situation.question)
            passed, _ = sifted(everybody, question)
            here = [each for each in passed if each.name in situation.measured]
            if any(situation.measured[each.name].verdict == HOLDS for each in here):
                yield _again(f"{name}, {house.name}", question, here, situation, others)


def _again(
    title: str,
    question: Question,
    among: Sequence[Candidate],
    situation: Situation,
    others: Evidence,
) -> Judged:
    measured = {each.name: situation.measured[each.name] for each in among}
    figures = {}
    for name, row in measured.items():
        per_s = row.predicted_per_s * others.off(name, question)
        verdict = others.verdict(name, question)
        figures[name] = Figure(name, per_s, per_s, per_s, None, verdict=verdict)
    placed = ranked(among, figures, question)
    return judged(title, placed[0].name if placed else None, measured)
