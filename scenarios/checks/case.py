"""A run to be judged, and which units moved when, as far as anybody can know from outside.

Every move happened at one moment within its interval [sent, replied]. What the buyer was told
(`acknowledged`) and what only the books show (a reply was lost, the sweeper did it) are kept apart,
so that a check can lean to the side on which no true history is accused.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from inventory_core.domain import Cell, HoldState
from inventory_core.stores.audit import Audit, Book, BookedOrder
from inventory_core.strategy import Fault
from scenarios.checks.strike import Strike
from scenarios.operations import NEVER, Flags, History, Integers, least, one_column

HAD_UNITS = (
    HoldState.HELD,
    HoldState.PAID,
    HoldState.SHIPPED,
    HoldState.ROLLED_BACK,
    HoldState.EXPIRED,
)
"""States that an order reaches only by taking its units."""

_GIVE_BACKS = {"roll_back": ("rolled_back", "refunded"), "expire": ("expired",)}
_CLOSED_BY = {"roll_back": HoldState.ROLLED_BACK, "expire": HoldState.EXPIRED}
_MARGIN_NS = 2_000_000  # stores judge deadlines in milliseconds


@dataclass(frozen=True)
class Moves:
    """Moves of whole orders, as columns."""

    operation: Integers  # place in history.operations: whose units
    sign: Integers  # 1 taken, -1 given back
    sent_ns: Integers
    replied_ns: Integers  # NEVER if nobody was told
    acknowledged: Flags


@dataclass(frozen=True)
class Case:
    """A run to be judged: what was recorded, what the stores held, what was there to begin with."""

    history: History
    audit: Audit
    supply: Mapping[Cell, int]
    hold_s: float = 900.0
    ended_ns: int = 0  # when the stores were read
    refuses_for: str = ""  # the strategy's own word for refusals with stock left
    strikes: tuple[Strike, ...] = ()  # faults that struck at a moment, or for a time
    back_within_s: float = 5.0  # after a fault, goodput must be back
    unmended: Audit | None = None  # what the stores held before the last recovery
    loses: frozenset[Fault] = frozenset()  # under which the strategy says that it loses work
    whole: Case | None = None  # the run as it was, if declared losses were taken out of this one

    @cached_property
    def truth(self) -> Book | None:
        """The book that remembers orders: the rows where there are any, else the keys."""
        books = self.audit.books
        return self.audit.book("sql") or (books[0] if books else None)

    @cached_property
    def owned(self) -> tuple[Mapping[Cell, int], ...]:
        """For each book, the units that its orders own, by cell."""
        return tuple(_owned(book) for book in self.audit.books)

    @cached_property
    def owned_in_truth(self) -> Mapping[Cell, int]:
        """The units that orders own according to the book of truth."""
        books = zip(self.audit.books, self.owned, strict=True)
        return next((owned for book, owned in books if book is self.truth), {})

    @cached_property
    def booked(self) -> tuple[BookedOrder | None, ...]:
        """For each order number of the history, what the book of truth says of it."""
        known = self.truth.orders if self.truth else {}
        return tuple(known.get(number) for number in self.history.order.texts)

    @cached_property
    def effective(self) -> Flags:
        """For each order number: do the books say that it took its units at some time?"""
        return np.asarray(
            [order is not None and order.state in HAD_UNITS for order in self.booked], dtype=bool
        )

    def in_state(self, state: HoldState) -> Flags:
        """For each order number: is it in this state?"""
        return np.asarray([o is not None and o.state is state for o in self.booked], dtype=bool)

    @cached_property
    def reopened(self) -> Flags:
        """For each order number: was it expired and then paid late?"""
        return np.asarray(
            [o is not None and o.generation > 1 and o.state.owns_units for o in self.booked],
            dtype=bool,
        )

    @cached_property
    def owner(self) -> Integers:
        """For each order number, the operation whose body took effect; -1 if none could have.

        An accepted body; else one that may have been (unknown); else any.
        """
        operations = self.history.operations
        likely = np.where(operations.accepted > 0, 0, np.where(operations.unknown > 0, 1, 2))
        order = np.lexsort((operations.first_sent_ns, likely))[::-1]
        found = np.full(len(self.history.order.texts), -1, dtype=np.int64)
        found[operations.order[order]] = order  # the likeliest is written last
        return found

    @cached_property
    def moves(self) -> Moves:
        """Every move of the run."""
        parts = [self._deductions(), *map(self._given_back, _GIVE_BACKS), self._paid_late()]
        columns = [np.concatenate(column) for column in zip(*parts, strict=True)]
        return Moves(columns[0], columns[1], columns[2], columns[3], columns[4].astype(bool))

    def _deductions(self) -> tuple[Integers, ...]:
        operations = self.history.operations
        told = operations.accepted > 0
        silent = np.zeros(len(told), dtype=bool)
        taken = np.flatnonzero(self.effective & (self.owner >= 0))
        silent[self.owner[taken]] = True
        some = np.flatnonzero(told | silent)
        replied = np.where(told, operations.accepted_ns, NEVER)[some]
        first = operations.first_sent_ns[some]
        return some, np.ones(len(some), np.int64), first, replied, one_column(told[some])

    def _given_back(self, kind: str) -> tuple[Integers, ...]:
        """Give-backs of one kind: told to somebody, or only seen in the books."""
        history, orders = self.history, len(self.history.order.texts)
        mine = history.kind.are(kind)
        done = mine & history.outcome.are(*_GIVE_BACKS[kind])
        maybe = mine & history.outcome.are("unknown")
        told = least(orders, history.order.code[done], history.replied_ns[done])
        asked = done | maybe
        sent = least(orders, history.order.code[asked], history.sent_ns[asked])
        seen = self.in_state(_CLOSED_BY[kind])
        if kind == "expire":  # the sweeper may have done it, once the hold was over
            seen = seen | self.reopened
            sent = np.where(sent == NEVER, self._due_ns, sent)
        closed = (told < NEVER) | (seen & (sent < NEVER))
        some = np.flatnonzero(closed & (self.owner >= 0))
        sign = -np.ones(len(some), np.int64)
        return self.owner[some], sign, sent[some], told[some], one_column(told[some] < NEVER)

    @cached_property
    def _due_ns(self) -> Integers:
        """For each order number, before when its hold was certainly not over."""
        operations = self.history.operations
        hold_ns = int(self.hold_s * 1e9) - _MARGIN_NS
        first = np.full(len(self.booked), NEVER, dtype=np.int64)
        some = np.flatnonzero(self.owner >= 0)
        first[some] = operations.first_sent_ns[self.owner[some]] + hold_ns
        return first

    def _paid_late(self) -> tuple[Integers, ...]:
        """Units taken again by a payment that came after the hold was over."""
        history, orders = self.history, len(self.history.order.texts)
        mine = history.kind.are("pay")
        done = mine & history.outcome.are("paid_late")
        asked = done | (mine & history.outcome.are("unknown"))
        told = least(orders, history.order.code[done], history.replied_ns[done])
        sent = least(orders, history.order.code[asked], history.sent_ns[asked])
        late = (told < NEVER) | (self.reopened & (sent < NEVER))
        some = np.flatnonzero(late & (self.owner >= 0))
        sign = np.ones(len(some), np.int64)
        return self.owner[some], sign, sent[some], told[some], one_column(told[some] < NEVER)


def _owned(book: Book) -> Mapping[Cell, int]:
    owned: dict[Cell, int] = {}
    for order in book.orders.values():
        for cell, units in order.units().items():
            owned[cell] = owned.get(cell, 0) + units
    return owned
