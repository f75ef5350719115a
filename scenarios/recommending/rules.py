"""Who may not be chosen: the rules, each with its reason as a sentence, and what would lift it.

A rule reads only what the catalogue declares and what was asked. Those without `lifts` hold for
everybody; the others follow from what is tolerated, so that a question can be put more freely
(`lifts`, for a certain candidate) or more strictly (`stricter`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

from inventory_core.strategy import Needs, Promise
from scenarios.recommending.candidate import Candidate
from scenarios.recommending.question import Question
from scenarios.verdict import FLOOR

MOST_ROWS = 100_000
"""Rows of single units that a database should hold for a sale."""


@dataclass(frozen=True, slots=True)
class Rule:
    """Why a candidate is left out.

    reason       a sentence about the candidate `c` and the question `q`
    lifts        the question under which the rule lets this candidate pass
    if_lifted    the condition in words
    stricter     the question that tolerates nothing in this respect
    if_stricter  that in words
    """

    name: str
    excludes: Callable[[Candidate, Question], bool]
    reason: str
    lifts: Callable[[Candidate, Question], Question] | None = None
    if_lifted: str = ""
    stricter: Callable[[Question], Question] | None = None
    if_stricter: str = ""

    def says(self, c: Candidate, q: Question) -> str:
        """The reason, with names and figures."""
        lacking = ", ".join(each.value for each in Promise if each not in c.kind.promises.kept)
        return self.reason.format(
            c=c, q=q, lacking=lacking, allowed=", ".join(q.stacks), helpers=", ".join(c.daemons)
        )


RULES = (
    Rule(
        "floor",
        lambda c, _: c.kind.needs is Needs.NOTHING,
        "{c.name} asks nothing of any store, so it keeps no stock",
    ),
    Rule(
        "control",
        lambda c, _: c.kind.control,
        "{c.name} is a control: it is meant to break a promise, and it does",
    ),
    Rule(
        "promises",
        lambda c, _: not c.kind.promises.kept >= FLOOR,
        "{c.name} does not promise what everybody owes: {lacking}",
    ),
    Rule(
        "rows",
        lambda c, q: c.unit_rows > 0 and q.articles * min(q.stock, c.unit_rows) > MOST_ROWS,
        "{c.name} keeps a row for each unit, up to {c.unit_rows:,} an article: too many for"
        " {q.articles:,} articles",
    ),
    Rule(
        "stacks",
        lambda c, q: c.stack not in q.stacks,
        "{c.name} needs {c.needs}, that is {c.stack}, and allowed is {allowed}",
        lifts=lambda c, q: replace(q, stacks=(*q.stacks, c.stack)),
        if_lifted="if {c.stack} were allowed",
        stricter=lambda q: replace(q, stacks=tuple(s for s in q.stacks if "redis" not in s)),
        if_stricter="without Redis",
    ),
    Rule(
        "loss",
        lambda c, q: c.loss_s > q.loss_s,
        "{c.name} may lose {c.loss_s:g} s of acknowledged orders with a server, and tolerated are"
        " {q.loss_s:g} s",
        lifts=lambda c, q: replace(q, loss_s=max(q.loss_s, c.loss_s)),
        if_lifted="if {c.loss_s:g} s of acknowledged orders might be lost with a server",
        stricter=lambda q: replace(q, loss_s=0.0),
        if_stricter="if no acknowledged order may be lost",
    ),
    Rule(
        "lag",
        lambda c, q: c.lag_s > q.lag_s,
        "the stores of {c.name} agree only after {c.lag_s:g} s, and tolerated are {q.lag_s:g} s",
        lifts=lambda c, q: replace(q, lag_s=max(q.lag_s, c.lag_s)),
        if_lifted="if the stores might disagree for {c.lag_s:g} s",
        stricter=lambda q: replace(q, lag_s=0.0),
        if_stricter="if all stores must be right at once",
    ),
    Rule(
        "undersell",
        lambda c, q: not q.undersell and Promise.NO_FALSE_SOLD_OUT not in c.kind.promises.kept,
        "{c.name} may turn buyers away while there is stock, which is not tolerated",
        lifts=lambda _, q: replace(q, undersell=True),
        if_lifted="if buyers might be turned away with stock left",
        stricter=lambda q: replace(q, undersell=False),
        if_stricter="if nobody may be turned away with stock left",
    ),
    Rule(
        "daemons",
        lambda c, q: not q.daemons and bool(c.daemons),
        "{c.name} needs a helper beside the buyers ({helpers}), and none is allowed",
        lifts=lambda _, q: replace(q, daemons=True),
        if_lifted="if a helper might run beside the buyers",
        stricter=lambda q: replace(q, daemons=False),
        if_stricter="without helpers beside the buyers",
    ),
)


@dataclass(frozen=True, slots=True)
class Excluded:
    """A candidate that was left out, and by which rules."""

    candidate: Candidate
    rules: tuple[Rule, ...]

    @property
    def only_rule(self) -> Rule | None:
        """The one rule in its way, if there is one alone and what is tolerated could lift it."""
        return self.rules[0] if len(self.rules) == 1 and self.rules[0].lifts else None

    def as_json(self, question: Question) -> dict[str, str]:
        """Its name, the first rule, and the reason as a sentence."""
        first = self.rules[0]
        return {
            "strategy": self.candidate.name,
            "rule": first.name,
            "reason": first.says(self.candidate, question),
        }


def sifted(
    among: Iterable[Candidate], question: Question
) -> tuple[tuple[Candidate, ...], tuple[Excluded, ...]]:
    """Those who may be chosen, and those who may not."""
    passed, excluded = [], []
    for each in among:
        against = tuple(rule for rule in RULES if rule.excludes(each, question))
        if against:
            excluded.append(Excluded(each, against))
        else:
            passed.append(each)
    return tuple(passed), tuple(excluded)
