"""Steps of an optimistic transaction on keys: watch them, read, write if nobody else has written.

The server drops the whole transaction if anything watched was written meanwhile. What is watched
belongs to the connection, so these steps need one of their own (`Needs.KV_SESSION`).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar, NamedTuple

from inventory_core.domain import HoldState, Order, Outcome
from inventory_core.domain.outcomes import DELIVERED_AGAIN
from inventory_core.steps.kv import Command, Raw, Script, Transaction, cell_key, order_key


@dataclass(frozen=True, slots=True)
class Watch(Command[None]):
    """`WATCH`: the order's key and those of its cells, beside what is watched already."""

    order: Order
    name: ClassVar[str] = "WATCH"

    def keys(self) -> tuple[str, ...]:
        return (order_key(self.order.number), *(cell_key(take.cell) for take in self.order.takes))

    def arguments(self) -> tuple[str | int, ...]:
        return ()

    def decode(self, raw: Raw) -> None:
        return None


@dataclass(frozen=True, slots=True)
class Unwatch(Command[None]):
    """`UNWATCH`: nothing is watched any more."""

    name: ClassVar[str] = "UNWATCH"

    def keys(self) -> tuple[str, ...]:
        return ()

    def arguments(self) -> tuple[str | int, ...]:
        return ()

    def decode(self, raw: Raw) -> None:
        return None


class Seen(NamedTuple):
    """What there is of an order and its cells. `answer`: what a delivery of it had been told."""

    answer: Outcome | None
    units: tuple[int, ...]  # of each take's cell
    now_ms: int  # on the clock of the store


@dataclass(frozen=True, slots=True)
class ReadOrder(Script[Seen]):
    """An order, its cells and the time, as they are at one moment."""

    order: Order
    file: ClassVar[str] = "read_order"

    def keys(self) -> tuple[str, ...]:
        return (order_key(self.order.number), *(cell_key(take.cell) for take in self.order.takes))

    def arguments(self) -> tuple[str | int, ...]:
        return ()

    def decode(self, raw: Raw) -> Seen:
        assert isinstance(raw, list)
        fingerprint, state, now_ms, *units = raw
        answer = None
        if state:
            known = fingerprint in ("", self.order.fingerprint)
            answer = DELIVERED_AGAIN[HoldState(state)] if known else Outcome.MISMATCHED
        return Seen(answer, tuple(int(each) for each in units), int(now_ms))


@dataclass(frozen=True, slots=True)
class BookIfUnchanged(Transaction[bool]):
    """Take an order's units and write its hold, or write that it is refused; false: lost the race.

    The same keys as `kv.Deduct` writes.
    """

    order: Order
    due_ms: int
    enough: bool

    def commands(self, prefix: str) -> tuple[tuple[str | int, ...], ...]:
        order, cells = self.order, [prefix + cell_key(take.cell) for take in self.order.takes]
        quantities = [take.quantity for take in order.takes]
        pairs = list(zip(cells, quantities, strict=True))
        lines = "".join(f"{cell} {quantity}\n" for cell, quantity in pairs)
        state = HoldState.HELD if self.enough else HoldState.REFUSED
        told = ("fp", order.fingerprint, "gen", 1, "state", state.value)
        hold = ("HSET", prefix + order_key(order.number), *told, "lines", lines, "due", self.due_ms)
        if not self.enough:
            return (hold,)
        taken = [("DECRBY", cell, quantity) for cell, quantity in pairs]
        return (*taken, ("ZADD", f"{prefix}holds", self.due_ms, order.number), hold)

    def decode(self, replies: list[Any] | None) -> bool:
        return replies is not None
