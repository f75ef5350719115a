"""Demand made up by the dice: so many cells, so many lines an order, so many units a line.

Unless they are to come evenly, arrivals are Poisson within each block: given how many orders fall
into a stretch of time, their times are independent and even over it. Fixing that number for every
block keeps each block computable by itself; over more than a block the arrivals are a little
smoother than Poisson.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from inventory_core.domain import Cell, Opening
from scenarios.demand import ORDERS, Demand, Integers, OrderLines
from scenarios.scenario import Scenario
from scenarios.shapes import shaped

MOST_BLOCKS = 50_000
"""A hundred million orders: more than any run sends."""


class MadeDemand(Demand):
    """An endless stream of orders for the cells that the scenario states."""

    def __init__(self, scenario: Scenario, seed: int, seconds: float) -> None:
        super().__init__(scenario, seed, seconds)
        stock = scenario.stock
        width = len(str(stock.cells))
        self._cells = tuple(
            Cell(f"sku-{number:0{width}d}", stock.place) for number in range(1, stock.cells + 1)
        )
        self._quantity = stock.quantity

    @property
    def cells(self) -> tuple[Cell, ...]:
        """Every stated cell."""
        return self._cells

    @property
    def openings(self) -> tuple[Opening, ...]:
        """The same quantity in each."""
        return tuple(Opening(cell, self._quantity) for cell in self._cells)

    @property
    def blocks(self) -> int:
        """Endless, for all that matters."""
        return MOST_BLOCKS

    def _lines(self, block: int) -> OrderLines:
        dice = np.random.default_rng([self.seed, block, 2])
        lengths = dice.choice(np.asarray(self.wishes.lines, dtype=np.int64), ORDERS)
        start = np.concatenate([[0], np.cumsum(lengths)])
        count = int(start[-1])
        cell = self._wanted(block, dice, count)
        quantity = dice.choice(np.asarray(self.wishes.quantities, dtype=np.int64), count)
        return OrderLines(start, cell, quantity)

    def _wanted(self, block: int, dice: np.random.Generator, count: int) -> Integers:
        """Which cell each line is for: one of the hot ones of this block, or one of the tail."""
        wishes, cells = self.wishes, len(self._cells)
        if wishes.tail:
            weights = 1 / np.arange(1, cells + 1) ** wishes.tail
            found = dice.choice(cells, count, p=weights / weights.sum())
        else:
            found = dice.integers(0, cells, count)
        if wishes.hot_share:
            moved = block // wishes.hot_moves if wishes.hot_moves else 0
            hot = (moved * wishes.hot_cells + dice.integers(0, wishes.hot_cells, count)) % cells
            found = np.where(dice.random(count) < wishes.hot_share, hot, found)
        return found

    def _arrivals(self, block: int) -> npt.NDArray[np.float64]:
        if self.wishes.arrivals == "even":
            return block * ORDERS + np.arange(ORDERS, dtype=np.float64)
        dice = np.random.default_rng([self.seed, block, 3])
        return (block + np.sort(dice.random(ORDERS))) * ORDERS

    def _nanoseconds(self, arrivals: npt.NDArray[np.float64]) -> Integers:
        wishes = self.wishes
        at_s = shaped(wishes.shape, arrivals / wishes.rate_per_s, wishes.period_s, wishes.peak)
        return (at_s * 1e9).astype(np.int64)
