"""What a deduction strategy is: a frozen object whose verbs are plans.

A strategy owns its rows, keys and leases, so stock management goes through it too: nobody reaches
around it. It holds no memory between orders; what must be remembered lies in stores. To write one,
subclass `RowHolds` (truth in rows) or `KeyHolds` (truth in keys), which carry the life of a hold,
and write `deduct`.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar

from inventory_core.domain import Cell, Limits, Opening, Order, Outcome
from inventory_core.steps.step import Plan
from inventory_core.strategy.promises import Needs, Promise, Promises


@dataclass(frozen=True, slots=True)
class Daemon:
    """Work beside the buyers. `turn()` is a plan of one turn that says whether it did any work.

    The driver loops and sleeps `pause_s` seconds after a turn without work.
    """

    name: str
    turn: Callable[[], Plan[bool]]
    pause_s: float = 0.01


@dataclass(frozen=True)
class Strategy(ABC):
    """One way of deducting stock. Every verb is a plan of steps; none does I/O of its own."""

    family: ClassVar[str]
    needs: ClassVar[Needs]
    promises: ClassVar[Promises]
    control: ClassVar[bool] = False  # is meant to fail, and must be caught
    refuses_for: ClassVar[str] = ""  # why it may refuse with stock left, if it may: see CAUSES
    must_break: ClassVar[Promise] = Promise.NEVER_OVERSELLS  # what a control must be caught at
    limits: Limits = field(default_factory=Limits)

    @abstractmethod
    async def deduct(self, order: Order) -> Outcome:
        """Take the order's units, all or nothing, once for every order number.

        Answers deducted, replayed, refused, mismatched, contended, already_rolled_back or
        already_expired.
        """

    @abstractmethod
    async def load(self, openings: Sequence[Opening]) -> None:
        """Take over given quantities, in cells that do not exist yet."""

    @abstractmethod
    async def roll_back(self, order_number: str) -> Outcome:
        """Give an order's units back: cancel, or refund before shipment.

        Before its deduction came, it leaves a tombstone that refuses the deduction.
        """

    @abstractmethod
    async def pay(self, order_number: str) -> Outcome:
        """Confirm a hold. After expiry it deducts again (paid_late), or answers refunded."""

    @abstractmethod
    async def expire(self, order_number: str) -> Outcome:
        """Give back an unpaid hold whose deadline has passed on the store's clock."""

    @abstractmethod
    async def ship(self, order_number: str) -> Outcome:
        """Close a paid hold: its units have left."""

    @abstractmethod
    async def adjust(self, key: str, cell: Cell, delta: int, reason: str) -> Outcome:
        """Restock, withdraw or correct a cell by `delta` units, once for every key.

        Answers adjusted, already_adjusted, or refused (it would go below zero).
        """

    @abstractmethod
    async def read(self, cells: Sequence[Cell]) -> tuple[int, ...]:
        """The units that each cell may still promise, in the order asked."""

    @abstractmethod
    async def drain(self, key: str, cell: Cell) -> int:
        """Settle, take out exactly what is left in a cell, and say how much; once for every key."""

    @abstractmethod
    async def sweep(self) -> bool:
        """Expire a batch of due holds; says whether there were any."""

    async def recover(self) -> None:  # noqa: B027 - most strategies have nothing to mend
        """Mend what dead processes left. May run beside live buyers, and more than once."""

    def daemons(self) -> tuple[Daemon, ...]:
        """The helpers that this strategy wants running beside the buyers."""
        return (Daemon("sweeper", self.sweep, pause_s=0.25),)


def round_trips(strategy: Strategy, perform: Callable[[Any], Any], order: Order) -> int:
    """How many replies one deduction waits for, counted by carrying it out on `perform`."""
    plan, count = strategy.deduct(order), 0
    try:
        step = plan.send(None)
        while count < strategy.limits.steps:
            count += type(step).__name__ not in RIDES
            step = plan.send(perform(step))
    except StopIteration:
        return count
    raise AssertionError(f"{type(strategy).__name__}: a plan of {count} steps did not end")


RIDES = frozenset(
    {"Begin", "NewId", "Now", "Draw", "Node", "Sleep", "BackOff", "Join", "Reply", "Fail"}
)
"""Steps that wait for no reply of a store."""
