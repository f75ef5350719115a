r"""Steps of who takes an order's units from Redis one counter at a time, with notes on the way.

    claim:NUMBER             the token of the delivery that is taking
    marks:NUMBER\nTOKEN      a hash: what this delivery has taken, by cell
    takings                  sorted set of NUMBER\nTOKEN: whose marks there may be

A decrement and its mark are one step, so whoever comes later knows exactly what to give back. (The
line's end parts them, because neither can hold one.)
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from inventory_core.domain.orders import Line, Order
from inventory_core.domain.outcomes import Outcome
from inventory_core.steps.kv import Raw, Script, cell_key, order_key

CLAIM, MARKS, TAKINGS = "claim:", "marks:", "takings"


@dataclass(frozen=True, slots=True)
class Intend(Script[Outcome]):
    """Begin to take for an order: deducted means go on; contended, that another delivery is at it.

    Or as `kv.Deduct` answers a repetition.
    """

    order: Order
    token: str
    file: ClassVar[str] = "intend"

    def keys(self) -> tuple[str, ...]:
        number = self.order.number
        return (order_key(number), CLAIM + number, TAKINGS)

    def arguments(self) -> tuple[str | int, ...]:
        return (self.order.number, self.order.fingerprint, self.token)

    def decode(self, raw: Raw) -> Outcome:
        return Outcome(raw)


@dataclass(frozen=True, slots=True)
class TakeMarked(Script[int]):
    """`DECRBY`, and the mark; answers what the counter holds now: below zero, not enough."""

    order_number: str
    token: str
    take: Line
    file: ClassVar[str] = "take_marked"

    def keys(self) -> tuple[str, ...]:
        marks = f"{MARKS}{self.order_number}\n{self.token}"
        return (cell_key(self.take.cell), marks, TAKINGS)

    def arguments(self) -> tuple[str | int, ...]:
        return (self.order_number, self.token, self.take.quantity)

    def decode(self, raw: Raw) -> int:
        assert isinstance(raw, int)
        return raw


@dataclass(frozen=True, slots=True)
class BookTaken(Script[Outcome]):
    """Book what was taken, or refuse and give it back; what is not booked is given back as well.

    Answers deducted or refused, contended if a recovery came in between, or as `kv.Deduct` does to
    a repetition.
    """

    order: Order
    token: str
    enough: bool
    file: ClassVar[str] = "book_taken"

    def keys(self) -> tuple[str, ...]:
        number = self.order.number
        marks = f"{MARKS}{number}\n{self.token}"
        cells = [cell_key(take.cell) for take in self.order.takes]
        return (order_key(number), CLAIM + number, TAKINGS, marks, "holds", *cells)

    def arguments(self) -> tuple[str | int, ...]:
        order, become = self.order, "held" if self.enough else "refused"
        quantities = [take.quantity for take in order.takes]
        hold_ms = int(order.hold_s * 1000)
        return (order.number, self.token, order.fingerprint, hold_ms, become, *quantities)

    def decode(self, raw: Raw) -> Outcome:
        return Outcome(raw)


@dataclass(frozen=True, slots=True)
class GiveUpTakings(Script[int]):
    """Give back what is marked and not booked, of so many deliveries; answers of how many."""

    limit: int
    file: ClassVar[str] = "give_up_takings"

    def keys(self) -> tuple[str, ...]:
        return (TAKINGS, MARKS, CLAIM)

    def arguments(self) -> tuple[str | int, ...]:
        return (self.limit,)

    def decode(self, raw: Raw) -> int:
        assert isinstance(raw, int)
        return raw
