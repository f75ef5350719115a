"""Steps of a gate in front of the stock: a token bucket, and a flag for what is sold out.

gate          a hash: thousandths of a token, and when they were counted (ms)
sold_out:SKU@PLACE    is there while an article counts as sold out; it goes by itself
at_the_gate:NUMBER    what an order was told there: deducted (come in) or refused
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from inventory_core.domain.orders import Order
from inventory_core.domain.outcomes import Outcome
from inventory_core.domain.stock import Cell
from inventory_core.steps.kv import Command, Raw, Script

SOLD_OUT, TOLD = "sold_out:", "at_the_gate:"


@dataclass(frozen=True, slots=True)
class Admit(Script[Outcome]):
    """May an order come in? Deducted: yes. Refused: it is sold out. Contended: not just now.

    The first two are remembered, and told again to whoever comes with the same number.
    """

    order: Order
    tokens_per_s: int
    bucket: int
    file: ClassVar[str] = "admit"

    def keys(self) -> tuple[str, ...]:
        flags = (f"{SOLD_OUT}{take.cell}" for take in self.order.takes)
        return ("gate", f"{TOLD}{self.order.number}", *flags)

    def arguments(self) -> tuple[str | int, ...]:
        return (self.tokens_per_s, self.bucket)

    def decode(self, raw: Raw) -> Outcome:
        return Outcome(raw)


@dataclass(frozen=True, slots=True)
class MarkSoldOut(Command[None]):
    """`SET sold_out:... PX`: nobody else need ask for so long."""

    cell: Cell
    for_ms: int
    name: ClassVar[str] = "SET"

    def keys(self) -> tuple[str, ...]:
        return (f"{SOLD_OUT}{self.cell}",)

    def arguments(self) -> tuple[str | int, ...]:
        return (1, "PX", self.for_ms)

    def decode(self, raw: Raw) -> None:
        return None


@dataclass(frozen=True, slots=True)
class Unmark(Command[None]):
    """`DEL sold_out:...`: units have come back."""

    cell: Cell
    name: ClassVar[str] = "DEL"

    def keys(self) -> tuple[str, ...]:
        return (f"{SOLD_OUT}{self.cell}",)

    def arguments(self) -> tuple[str | int, ...]:
        return ()

    def decode(self, raw: Raw) -> None:
        return None
