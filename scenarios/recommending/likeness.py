"""How alike two situations are, in doublings: what a measurement of one says of the other.

Each trait is on a scale on which one step is a doubling (or, of how scarce the stock is, a factor
of ten), so that the distance of two situations can be said: 16 buyers and 64 are two steps apart.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from math import log2, log10, sqrt

from scenarios.recommending.question import Question

NEAR = 2.0
"""Steps: a situation that was measured speaks for those that are no further away."""

BEYOND = 1.0
"""Steps that a trait may be outside of what was measured."""

LEAST_RTT_MS = 0.1
"""Less than this is one machine."""

PLENTY = 1_000_000
"""Orders for which there is stock: more of it changes nothing."""


@dataclass(frozen=True, slots=True)
class Trait:
    """Something by which situations differ. `says`: a question's value of it, in words."""

    name: str
    of: Callable[[Question], float]
    says: Callable[[Question], str]


def rows_wanted(question: Question) -> float:
    """Among how many articles the lines are spread, as if each were wanted equally often."""
    tail = (1 - question.heat) / question.articles
    hot = question.heat / question.hot + tail
    return 1 / (question.hot * hot**2 + (question.articles - question.hot) * tail**2)


def orders_in_stock(question: Question) -> float:
    """How many orders the stock is enough for, at most."""
    return min(PLENTY, question.stock * question.articles / question.lines)


TRAITS = (
    Trait("buyers", lambda q: log2(q.buyers), lambda q: f"{q.buyers} buyers at the same time"),
    Trait(
        "connections",
        lambda q: log2(q.pool or q.buyers),
        lambda q: f"{q.pool or q.buyers} database connections",
    ),
    Trait(
        "heat",
        lambda q: log2(rows_wanted(q)),
        lambda q: f"demand for {rows_wanted(q):,.1f} articles alike",
    ),
    Trait("lines", lambda q: log2(q.lines), lambda q: f"{q.lines:g} lines an order"),
    Trait(
        "stock",
        lambda q: log10(max(1.0, orders_in_stock(q))),
        lambda q: f"stock for {orders_in_stock(q):,.0f} orders",
    ),
    Trait(
        "round trip",
        lambda q: log2(max(LEAST_RTT_MS, q.rtt_ms) / LEAST_RTT_MS),
        lambda q: f"a round trip of {q.rtt_ms:g} ms",
    ),
)


def distance(one: Question, other: Question) -> float:
    """How many steps apart two situations are, over all traits."""
    return sqrt(sum((trait.of(one) - trait.of(other)) ** 2 for trait in TRAITS))


def nearest(question: Question, among: Mapping[str, Question]) -> str:
    """The name of the situation that is most alike; empty if there is none, or all are too far."""
    name = min(among, key=lambda each: distance(question, among[each]), default="")
    return name if name and distance(question, among[name]) <= NEAR else ""


def outside(question: Question, among: Iterable[Question]) -> list[str]:
    """What was not measured: the traits that lie outside of all situations, each in words."""
    known = list(among)
    found = []
    for trait in TRAITS:
        values = [trait.of(each) for each in known]
        here = trait.of(question)
        if not values or not min(values) - BEYOND <= here <= max(values) + BEYOND:
            found.append(trait.says(question))
    return found
