"""What a worker's clients have to do next: arrivals, and what buyers do after their answers.

Open loop: an act is due at its time, whoever is busy. Arrivals stop at the end of the run; what
follows from an answer is still done until the last buyer has gone.
"""

from __future__ import annotations

import heapq
import threading
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import Enum

from scenarios.scenario import Shop
from scenarios.serving.buyers import Life, Order


class Kind(Enum):
    """What a buyer does."""

    PLACE = "place"
    PAY = "pay"
    CANCEL = "roll_back"


def kinds_of(shop: Shop) -> Mapping[Kind, str]:
    """How the records call what buyers do: placing deducts only where the rule says so."""
    holds = shop.deduct_at == ("order",)
    return {kind: kind.value for kind in Kind} | {Kind.PLACE: "deduct" if holds else "place"}


@dataclass(frozen=True, slots=True, order=True)
class Act:
    """One thing that a buyer does at a time (nanoseconds of the clock)."""

    due_ns: int
    serial: int
    delivery: int = field(compare=False)
    kind: Kind = field(compare=False)
    order: Order = field(compare=False)


def arrivals_of(orders: Iterable[Order], starts_ns: int) -> list[Act]:
    """Every delivery of these orders, in a run that starts then."""
    acts = []
    for order in orders:
        acts.append(Act(starts_ns + order.arrives_ns, order.serial, 0, Kind.PLACE, order))
        if order.again_ns:
            acts.append(Act(starts_ns + order.again_ns, order.serial, 1, Kind.PLACE, order))
    return acts


def what_follows(act: Act, outcome: str, now_ns: int) -> Act | None:
    """What the buyer does after this answer, if anything."""
    first = act.kind is Kind.PLACE and act.delivery == 0
    if not first or outcome not in ("deducted", "replayed", "placed"):
        return None
    if act.order.life is Life.ABANDON:
        return None
    follows = Kind.CANCEL if act.order.life is Life.CANCEL else Kind.PAY
    return Act(now_ns + round(act.order.waits_s * 1e9), act.serial, 0, follows, act.order)


class Agenda:
    """Acts by their time, for all clients of a worker."""

    def __init__(self, acts: Iterable[Act]) -> None:
        self._acts = sorted(acts)
        self._under_way = 0
        self._changed = threading.Condition()

    def next(self, now_ns: int) -> Act | float | None:
        """The act that is due; or how many seconds to wait; or None: nothing more will come."""
        with self._changed:
            if not self._acts:
                return None if not self._under_way else 0.05
            if self._acts[0].due_ns > now_ns:
                return (self._acts[0].due_ns - now_ns) / 1e9
            self._under_way += 1
            return heapq.heappop(self._acts)

    def wait(self, seconds: float) -> None:
        """Until an act may be due: so long at most, or until a new one is added."""
        with self._changed:
            self._changed.wait(seconds)

    def done(self, follows: Act | None = None) -> None:
        """An act is over; what follows from it, if anything."""
        with self._changed:
            self._under_way -= 1
            if follows is not None:
                heapq.heappush(self._acts, follows)
            self._changed.notify_all()
