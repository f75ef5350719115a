"""Steps on keys that tell, in the same step, of what they changed, so that rows can follow.

What is told is a note in a set (`noted`) or an entry in a stream (`stream`). The order's hold also
keeps what the buyer asked for, as the rows want it, in its field `body`.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any, ClassVar, NamedTuple

from inventory_core.domain import Cell, HoldState, Line, Order
from inventory_core.steps import kv
from inventory_core.steps.kv import Raw, Script

ORDER, ENTRY = "order ", "entry "
"""What is told of begins so; the order's number or the entry's key follows."""


@dataclass(frozen=True, slots=True)
class Telling(Script[Any]):
    """Another script inside one that tells of it, in one step; answers as that script."""

    step: kv.Deduct | kv.Resolve | kv.Adjust | kv.Drain
    outer: ClassVar[str] = ""
    told_in: ClassVar[str] = ""

    @property
    def file(self) -> str:  # type: ignore[override]
        """The other script inside the outer one."""
        return f"{self.outer}/{self.step.file}"

    def keys(self) -> tuple[str, ...]:
        return (*self.step.keys(), self.told_in)

    def arguments(self) -> tuple[str | int, ...]:
        match self.step:
            case kv.Deduct(order):
                about, body = ORDER + order.number, written(order)
            case kv.Resolve(order_number, _):
                about, body = ORDER + order_number, ""
            case kv.Adjust(key) | kv.Drain(key):
                about, body = ENTRY + key, ""
        return (*self.step.arguments(), about, body)

    def decode(self, raw: Raw) -> Any:
        return self.step.decode(raw)


def written(order: Order) -> str:
    """All of an order but its number."""
    lines = [[line.cell.sku, line.cell.place, line.quantity] for line in order.lines]
    return json.dumps([order.buyer, order.hold_s, lines])


def read(number: str, body: str) -> Order:
    """The order that was written so."""
    buyer, hold_s, lines = json.loads(body)
    placed = tuple(Line(Cell(sku, place), quantity) for sku, place, quantity in lines)
    return Order(number, placed, buyer, hold_s)


class Stand(NamedTuple):
    """How an order stands; a tombstone was never asked for."""

    state: HoldState
    generation: int
    order: Order | None


def stand(number: str, state: str, generation: str, body: str) -> Stand:
    """How an order stands, from the fields of its hold."""
    return Stand(HoldState(state), int(generation), read(number, body) if body else None)
