"""What the front door owes its buyers: checks of answers against what the service says at the end.

The engine's own checks know units; these know answers. Nobody is judged by what they might have
meant: only lasting answers (accepted, refused) count, and of `unknown` ones nothing follows.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from inventory_core.records import OrderState
from inventory_core.strategy import Promise
from scenarios.checks.finding import Finding, Invariant
from scenarios.loading.desk import Survey

ACCEPTED = frozenset({"deducted", "placed", "replayed"})
PLACING = frozenset({"deduct", "place"})
NEVER_SOLD = frozenset({OrderState.REFUSED.value, OrderState.TOMBSTONE.value})

Violation = tuple[int, int, str]
"""When (nanoseconds of the run; -1: at rest), how big, and in words."""


@dataclass(frozen=True, slots=True)
class Answered:
    """An answer to placing an order, as the buyer had it. `body` 1: another body was sent."""

    number: str
    body: int
    units: int
    outcome: str
    digest: int
    replied_ns: int


LAW = Invariant(2, "the service's own audit", Promise.LEAVES_NOTHING_BEHIND)
SAME = Invariant(5, "duplicates answered alike", Promise.EXACTLY_ONCE)
BOOKED = Invariant(3, "answers and books agree", Promise.ALL_OR_NOTHING)


def judge_front(answers: Sequence[Answered], survey: Survey, due: bool) -> tuple[Finding, ...]:
    """Examine what buyers were answered. `due`: payment deducts, and may refuse what was placed."""
    law = LAW.unknown("the service did not come to rest")
    if survey.at_rest:
        law = told(LAW, [(-1, 1, breach) for breach in survey.breaches])
    alike, booked = list(_unlike(answers)), list(_unbooked(answers, survey, due))
    return (
        law,
        told(SAME, alike, answers_changed=len(alike)),
        told(BOOKED, booked, lost_orders=sum("acknowledged" in what for *_, what in booked)),
    )


def told(check: Invariant, found: Sequence[Violation], **figures: int) -> Finding:
    """What a check has found, from violations in words."""
    at_ns = np.asarray([at for at, _, _ in found], dtype=np.int64)
    size = np.asarray([size for _, size, _ in found], dtype=np.int64)
    return check.found(at_ns, size, lambda place: found[place][2], figures)


def _unlike(answers: Sequence[Answered]) -> Iterator[Violation]:
    """Orders that were answered with other bytes the second time."""
    first: dict[tuple[str, int, bool], int] = {}
    told: set[str] = set()
    for one in answers:
        if not one.digest:
            continue
        key = (one.number, one.body, one.outcome in ACCEPTED)
        if first.setdefault(key, one.digest) != one.digest and one.number not in told:
            told.add(one.number)
            yield one.replied_ns, one.units, f"order {one.number} was answered with other bytes"


def _unbooked(answers: Sequence[Answered], survey: Survey, due: bool) -> Iterator[Violation]:
    """Who was acknowledged has a sold order; who was refused has none; nobody else has any."""
    accepted: dict[str, Answered] = {}
    vague: set[str] = set()
    last: dict[str, Answered] = {}
    for one in answers:
        last[one.number] = one
        if one.outcome in ACCEPTED:
            accepted.setdefault(one.number, one)
        elif one.outcome in ("unknown", "contended", "error", "dropped"):
            vague.add(one.number)
    for number, one in accepted.items():
        state = survey.states.get(number)
        if state is None or (state in NEVER_SOLD and not due):
            said = "is in no book" if state is None else f"is {state} in the books"
            yield one.replied_ns, one.units, f"order {number} was acknowledged, and {said}"
    for number, state in survey.states.items():
        if number in accepted or number in vague or state in NEVER_SOLD:
            continue
        why = "everybody was told no" if number in last else "nobody sent it"
        units = last[number].units if number in last else 1
        yield -1, units, f"order {number} is {state} in the books, and {why}"
