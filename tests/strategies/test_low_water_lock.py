"""Plenty is what covers all that can be sold unseen; below that, the row is locked and counted."""

from typing import NamedTuple

import pytest

from inventory_core.domain import Cell, Limits, Line, Opening, Order, Outcome
from inventory_core.drivers import carry_out
from inventory_core.steps import sql
from inventory_core.strategy import Promise
from scenarios.model import model_place
from scenarios.proving.cases import CASES
from scenarios.proving.explorer import Bounds
from scenarios.proving.trial import try_out
from scenarios.proving.world import LIMITS
from strategies.low_water_lock import LowWaterLock

A = Cell("a")
MARK = 4 * 3


class Sold(NamedTuple):
    outcomes: list[Outcome]
    row_writes: int
    left: int


def sold(units: int, quantities: list[int]) -> Sold:
    """One order after the other, and no merger."""
    strategy, perform = LowWaterLock(Limits(parts=4, few=3)), model_place().connect().perform
    carry_out(strategy.load([Opening(A, units)]), perform)
    before = perform(sql.ReadCell(A)).version
    orders = [Order(str(n), (Line(A, quantity),)) for n, quantity in enumerate(quantities)]
    outcomes = [carry_out(strategy.deduct(order), perform) for order in orders]
    writes = perform(sql.ReadCell(A)).version - before
    (left,) = carry_out(strategy.read([A]), perform)
    return Sold(outcomes, writes, left)


def test_in_plenty_nobody_writes_the_hot_row() -> None:
    assert sold(100, [1, 2, 3] * 10) == ([Outcome.DEDUCTED] * 30, 0, 40)


@pytest.mark.parametrize("units, writes", [(MARK + 1, 1), (MARK, 2), (MARK - 1, 3)])
def test_below_the_mark_everybody_does(units: int, writes: int) -> None:
    assert sold(units, [1, 1, 1]) == ([Outcome.DEDUCTED] * 3, writes, units - 3)


def test_a_large_order_counts_exactly_even_in_plenty() -> None:
    assert sold(100, [50, 51]) == ([Outcome.DEDUCTED, Outcome.REFUSED], 1, 50)


class MarkTooLow(LowWaterLock):
    """It forgets that others sell unseen at the same time."""

    @property
    def mark(self) -> int:
        return self.limits.few


class NobodyAlone(LowWaterLock):
    """Who counts exactly keeps nobody out."""

    async def _alone(self, cell: Cell) -> tuple[int, int]:
        counter = (await sql.ReadCell(cell)).sellable
        (left,) = await sql.ReadUnmerged((cell,))
        return counter, left


@pytest.mark.parametrize("kind", [MarkTooLow, NobodyAlone])
def test_a_mark_that_is_too_low_oversells(kind: type[LowWaterLock]) -> None:
    trial, _, _ = try_out(kind(LIMITS), CASES["last unit, 1 line"], Bounds())
    assert Promise.NEVER_OVERSELLS in trial.breaches
