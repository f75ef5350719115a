"""A run of a shop to be judged: what buyers were told, what sweepers did, what the books say."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np

from inventory_core.domain.law import Breach
from inventory_core.stores.audit import Audit, Book
from scenarios.checks.finding import Finding, Invariant
from scenarios.operations import NEVER
from scenarios.scenario import Shop
from scenarios.serving.books import ShopBooks
from scenarios.serving.buyers import Buyers, Order
from scenarios.serving.client import Served
from scenarios.serving.watching import Expiry


class Effect(NamedTuple):
    """Something that became of an order, some time from `sent_ns` to `replied_ns`."""

    what: str  # placed, held, paid, paid_late, refunded, refused_at_till, cancelled, expired
    sent_ns: int
    replied_ns: int


_EFFECTS: Mapping[tuple[str, str], str] = {
    ("place", "placed"): "placed",
    ("deduct", "deducted"): "held",
    ("pay", "paid"): "paid",
    ("pay", "paid_late"): "paid_late",
    ("pay", "refunded"): "refunded",
    ("roll_back", "rolled_back"): "cancelled",
}
"""What an answer says has become of the order."""

PLACING = ("deduct", "place")
"""What placing an order is recorded as, by the rule: with its deduction, or without."""

VAGUE = frozenset({"unknown", "contended", "error"})
"""After these nobody can say what became of the order, until somebody else is told."""


class Clock(NamedTuple):
    """The store's time when the run started, and how far it may be wrong."""

    zero_ms: float
    error_ms: float

    def ms(self, at_ns: int) -> float:
        """A time of the run as the store's clock had it."""
        return self.zero_ms + at_ns / 1e6


NO_CLOCK = Clock(0.0, 0.0)


@dataclass(frozen=True)
class ShopCase:
    """A run to be judged."""

    buyers: Buyers
    attempts: Sequence[Served]
    expiries: Sequence[Expiry]
    books: ShopBooks
    audit: Audit
    clock: Clock = NO_CLOCK
    window_ms: tuple[int, int] | None = None
    at_rest: bool = True
    breaches: Sequence[Breach] = ()  # what the shop's own audit says

    @property
    def shop(self) -> Shop:
        """The scenario's shop."""
        return self.buyers.shop

    @property
    def holds(self) -> bool:
        """Are units held from the order on?"""
        return self.shop.deduct_at == ("order",)

    @cached_property
    def orders(self) -> Mapping[int, Order]:
        """What buyers set out to do, by serial number."""
        return {order.serial: order for order in self.buyers.orders()}

    @cached_property
    def effects(self) -> Mapping[int, tuple[Effect, ...]]:
        """What became of each order, in the order of the replies."""
        found: dict[int, list[Effect]] = {}
        for one in self.attempts:
            what = _EFFECTS.get((one.kind, one.outcome))
            if one.kind == "pay" and not self.holds and one.outcome in TURNED_AWAY:
                what = "refused_at_till"
            if what is not None:
                found.setdefault(one.serial, []).append(Effect(what, one.sent_ns, one.replied_ns))
        for serial, replayed in self._only_replayed.items():
            if not any(effect.what in ("held", "placed") for effect in found.get(serial, ())):
                found.setdefault(serial, []).append(replayed)
        for expiry in self.expiries:
            effect = Effect("expired", expiry.sent_ns, expiry.replied_ns)
            found.setdefault(serial_of(expiry.order_id), []).append(effect)
        return {
            serial: tuple(sorted(some, key=lambda effect: effect.replied_ns))
            for serial, some in found.items()
        }

    @property
    def _only_replayed(self) -> Mapping[int, Effect]:
        """Orders by what the first replayed answer says: it was placed at some time before."""
        first: dict[int, int] = {}
        found: dict[int, Effect] = {}
        what = "held" if self.holds else "placed"
        for one in self.attempts:
            if one.kind in PLACING:
                first[one.serial] = min(first.get(one.serial, NEVER), one.sent_ns)
                if one.outcome == "replayed":
                    found.setdefault(one.serial, Effect(what, first[one.serial], one.replied_ns))
        return found

    @cached_property
    def vague(self) -> frozenset[int]:
        """Orders of which some request has no definite answer: placing by no delivery at all."""
        placed = {o.serial for o in self.attempts if o.kind in PLACING and o.outcome not in VAGUE}
        return frozenset(
            one.serial
            for one in self.attempts
            if one.outcome in VAGUE and not (one.kind in PLACING and one.serial in placed)
        )

    def when(self, serial: int, *what: str) -> Effect | None:
        """The first effect of these kinds on an order."""
        found = self.effects.get(serial, ())
        return next((effect for effect in found if effect.what in what), None)

    @property
    def truth(self) -> Book | None:
        """The book that remembers orders."""
        books = self.audit.books
        return self.audit.book("sql") or (books[0] if books else None)


TURNED_AWAY = frozenset({"refused", "no_warehouse", "limit_per_buyer", "activity_not_open"})
"""Answers to a payment that takes no money, where payment deducts."""


def serial_of(order_id: str) -> int:
    """The serial number behind `CHANNEL/oNUMBER` or `CHANNEL/oNUMBER#PART`."""
    return int(order_id.rpartition("/")[2].partition("#")[0][1:])


@dataclass(frozen=True, slots=True)
class ShopCheck(Invariant):
    """An invariant of the order flow, and how a run is examined for it."""

    examine: Callable[[ShopCheck, ShopCase], Finding]

    def told(
        self, found: Sequence[tuple[int, int, str]], figures: Mapping[str, int] | None = None
    ) -> Finding:
        """A finding of violations: when (-1: at rest), how many units, in words."""
        at_ns = np.asarray([min(at, NEVER) for at, _, _ in found], dtype=np.int64)
        size = np.asarray([size for _, size, _ in found], dtype=np.int64)
        return self.found(at_ns, size, lambda place: found[place][2], figures)
