"""What an actor of a case asks for: one verb of the strategy, with its arguments."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Any

from inventory_core.domain import Cell, Order
from inventory_core.steps.step import Plan
from inventory_core.strategy import Strategy


class Verb(Enum):
    """The verbs that a case may use."""

    DEDUCT = "deduct"
    ROLL_BACK = "roll_back"
    PAY = "pay"
    EXPIRE = "expire"
    SHIP = "ship"
    ADJUST = "adjust"
    SWEEP = "sweep"
    RECOVER = "recover"
    TURNS = "turns"  # one turn of every daemon, one after the other


_ANSWERS = frozenset({Verb.SWEEP, Verb.RECOVER, Verb.TURNS})


@dataclass(frozen=True, slots=True)
class Adjustment:
    """A change of a cell under its idempotency key."""

    key: str
    cell: Cell
    delta: int


@dataclass(frozen=True, slots=True)
class Operation:
    """One verb with its arguments; each delivery of it makes a fresh plan."""

    verb: Verb
    order: Order | None = None  # its whole body counts for deduct, its number for the other verbs
    adjustment: Adjustment | None = None

    @property
    def is_told(self) -> bool:
        """Does a client learn an outcome from it? (Housekeeping answers nobody.)"""
        return self.verb not in _ANSWERS

    @property
    def order_number(self) -> str:
        """The order that it is about; empty if none."""
        return self.order.number if self.order else ""

    def plan(self, strategy: Strategy) -> Plan[Any]:
        """A fresh plan of this operation."""
        if self.order is not None:
            if self.verb is Verb.DEDUCT:
                return strategy.deduct(self.order)
            verb: Plan[Any] = getattr(strategy, self.verb.value)(self.order.number)
            return verb
        if self.adjustment is not None:
            asked = self.adjustment
            return strategy.adjust(asked.key, asked.cell, asked.delta, "proof")
        if self.verb is Verb.TURNS:
            return _turns(strategy)
        return strategy.sweep() if self.verb is Verb.SWEEP else strategy.recover()

    def __str__(self) -> str:
        if self.adjustment is not None:
            return f"adjust {self.adjustment.cell} by {self.adjustment.delta:+d}"
        if self.order is None:
            return self.verb.value
        if self.verb is not Verb.DEDUCT:
            return f"{self.verb.value} {self.order.number}"
        lines = " and ".join(f"{line.quantity} of {line.cell}" for line in self.order.lines)
        return f"deduct {self.order.number} ({lines})"


async def _turns(strategy: Strategy) -> None:
    for daemon in strategy.daemons():
        await daemon.turn()
