"""Demand that was: orders replayed in their sequence, each with the lines that it really had.

Where the orders come from is the subclass's concern (`real_baskets.py`, `orders_csv.py`); how they
are cut into blocks, and how places between two orders (of a duplicate, of a cancellation) become
times, is the same for all.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from inventory_core.domain import Cell, Opening
from scenarios.demand import ORDERS, Demand, Integers, OrderLines


@dataclass(frozen=True, slots=True)
class Replay:
    """Orders in their sequence: order i has lines `start[i]` to `start[i + 1]`, and comes then."""

    start: Integers  # one more than there are orders
    cell: Integers  # of each line, its place in `cells`
    quantity: Integers
    at_s: npt.NDArray[np.float64]  # from the start of the run; never falls
    cells: tuple[Cell, ...]
    openings: tuple[Opening, ...]


class ReplayedDemand(Demand):
    """A stream that ends with its last order."""

    replay: Replay

    @property
    def cells(self) -> tuple[Cell, ...]:
        """One for each article."""
        return self.replay.cells

    @property
    def openings(self) -> tuple[Opening, ...]:
        """The stock that the run starts with."""
        return self.replay.openings

    @property
    def blocks(self) -> int:
        """Until the last order, and one more for what comes late."""
        return -(-len(self.replay.at_s) // ORDERS) + 1

    def _lines(self, block: int) -> OrderLines:
        replay = self.replay
        start = replay.start[block * ORDERS : (block + 1) * ORDERS + 1]
        inside = slice(int(start[0]), int(start[-1]))
        return OrderLines(start - start[0], replay.cell[inside], replay.quantity[inside])

    def _arrivals(self, block: int) -> npt.NDArray[np.float64]:
        last = min((block + 1) * ORDERS, len(self.replay.at_s))
        return np.arange(block * ORDERS, max(last, block * ORDERS), dtype=np.float64)

    def _nanoseconds(self, arrivals: npt.NDArray[np.float64]) -> Integers:
        """The order's place in the stream says which order's time it has; in between, linearly."""
        places = np.arange(len(self.replay.at_s), dtype=np.float64)
        return (np.interp(arrivals, places, self.replay.at_s) * 1e9).astype(np.int64)


def pressed(second: npt.NDArray[np.float64], seconds: float) -> npt.NDArray[np.float64]:
    """Times pressed into the seconds of the run; their rhythm stays."""
    since: npt.NDArray[np.float64] = second - second[0]
    return np.asarray(since * (seconds / max(float(since[-1]), 1.0)))
