"""The engines of the order flow, and the parts of an order that each of them holds.

An order is divided into parts, one for each engine that its lines come from (one for each line when
the buyer takes what there is). An engine knows a part as an order of its own, `ORDER_ID#PART`, and
every verb on it may be asked twice.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from inventory_core.domain import Cell, Line, Order, Outcome
from inventory_core.problems import Problem
from inventory_core.records import OrderLine
from inventory_core.steps.engine import on
from inventory_core.strategy import Strategy

TOOK = frozenset({Outcome.DEDUCTED, Outcome.REPLAYED})
"""Answers after which a part's units are held."""


@dataclass(frozen=True, slots=True)
class Part:
    """The lines of an order that one engine holds."""

    order_id: str
    number: int
    engine: str
    lines: tuple[OrderLine, ...]

    @property
    def key(self) -> str:
        """What the engine knows it by."""
        return f"{self.order_id}#{self.number}"

    def as_order(self, buyer: str, hold_s: float) -> Order:
        """What the engine is asked to deduct."""
        lines = tuple(Line(Cell(one.sku, one.place), one.quantity) for one in self.lines)
        return Order(self.key, lines, buyer, hold_s)


def parts_of(lines: Sequence[OrderLine]) -> tuple[Part, ...]:
    """The parts of an order, in the order of their numbers."""
    numbers = sorted({line.part for line in lines})
    groups = [tuple(line for line in lines if line.part == number) for number in numbers]
    return tuple(Part(group[0].order_id, group[0].part, group[0].engine, group) for group in groups)


@dataclass(frozen=True)
class Engines:
    """The strategies that this shop deducts with, by the names that channels give them."""

    by_name: Mapping[str, Strategy]

    def __getitem__(self, name: str) -> Strategy:
        """An engine; a `Problem` if the service runs without it."""
        try:
            return self.by_name[name]
        except KeyError:
            known = ", ".join(self.by_name) or "none"
            raise Problem(
                f"the engine {name} does not run here (there is: {known}): start with it, or give"
                " the channel another engine."
            ) from None

    async def deduct(self, part: Part, buyer: str, hold_s: float) -> Outcome:
        """Hold a part's units."""
        order = part.as_order(buyer, hold_s)
        return await on(part.engine, self[part.engine].deduct(order))

    async def pay(self, part: Part) -> Outcome:
        """Confirm a part's hold; after its expiry, deduct it again."""
        return await on(part.engine, self[part.engine].pay(part.key))

    async def roll_back(self, part: Part) -> Outcome:
        """Give a part's units back."""
        return await on(part.engine, self[part.engine].roll_back(part.key))

    async def expire(self, part: Part) -> Outcome:
        """Give a part's units back, if its deadline has passed on the engine's clock."""
        return await on(part.engine, self[part.engine].expire(part.key))

    async def close(self, part: Part) -> Outcome:
        """Close a paid hold whose units have left, or were given back one by one."""
        return await on(part.engine, self[part.engine].ship(part.key))

    async def read(self, engine: str, cells: Sequence[Cell]) -> tuple[int, ...]:
        """The units that cells of an engine may still promise."""
        return await on(engine, self[engine].read(cells))
