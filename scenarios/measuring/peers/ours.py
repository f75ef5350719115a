"""Our side: buyers of a registered strategy on the multiplexed driver, history and all."""

from __future__ import annotations

import gc
import time
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import cycle
from typing import Protocol

from inventory_core.domain import Cell, Line, Order
from inventory_core.drivers.multiplexed import Multiplexer
from inventory_core.stores.addresses import Address
from inventory_core.stores.multiplexed import Width, connected
from inventory_core.strategy import Strategy
from scenarios.demand import Delivery
from scenarios.measuring.awake import stays_awake
from scenarios.measuring.buyers import ClosedBuyer, Shop
from scenarios.measuring.columns import Columns
from scenarios.measuring.multiplexed import LOOK_EVERY_S

AHEAD_PER_S = 40_000
"""Orders for which deliveries are made before a turn; a faster one makes the rest on the way."""

ROOM_PER_S = 250_000


class Turns(Protocol):
    """Whoever carries out turns of so many seconds; answers attempts a second."""

    def turn(self, seconds: float) -> float:
        """One turn."""


class Ours:
    """So many buyers on the stores at an address, for turn after turn."""

    def __init__(
        self, loop: Multiplexer, strategy: Strategy, buyers: int, cells: tuple[Cell, ...]
    ) -> None:
        self._loop = loop
        self._strategy = strategy
        self._buyers = buyers
        self._lines = [(Line(cell, 1),) for cell in cells]
        self._serial = 0

    def turn(self, seconds: float) -> float:
        """Attempts a second, of those that were answered, over one turn."""
        columns = Columns(int(ROOM_PER_S * seconds))
        return self.played(seconds, columns)

    def played(self, seconds: float, columns: Columns) -> float:
        """The same, written down in these columns."""
        streams = [self._stream(number) for number in range(self._buyers)]
        ahead = [self._ahead(stream, seconds) for stream in streams]
        with _undisturbed():
            began_ns = time.monotonic_ns()
            ends_ns = began_ns + int(seconds * 1e9)
            shop = Shop(self._loop, self._strategy, columns, [], ends_ns)
            buyers = [ClosedBuyer(shop, n, each) for n, each in enumerate(ahead)]
            for buyer in buyers:
                buyer.come()
            while any(not buyer.gone for buyer in buyers):
                self._loop.turn(LOOK_EVERY_S)
            took_s = (time.monotonic_ns() - began_ns) / 1e9
        return len(columns) / took_s

    def _stream(self, buyer: int) -> Iterator[Delivery]:
        """Orders that nobody has placed yet, over all cells in turn."""
        self._serial += 1
        turn, cells = self._serial, len(self._lines)
        start = buyer * cells // self._buyers
        lines = cycle(self._lines[start:] + self._lines[:start])
        for number, some in enumerate(lines):
            yield Delivery(number, 0, f"o{turn}-{number}", some, 0)

    def _ahead(self, stream: Iterator[Delivery], seconds: float) -> Iterator[Delivery]:
        made = [next(stream) for _ in range(int(AHEAD_PER_S * seconds / self._buyers))]
        yield from made
        yield from stream


@contextmanager
def opened(
    address: Address, strategy: Strategy, width: Width, buyers: int, cells: tuple[Cell, ...]
) -> Iterator[Ours]:
    """Our buyers, connected."""
    loop = Multiplexer(stays_awake(strategy, buyers))
    try:
        with connected(loop, address, strategy.limits, width):
            yield Ours(loop, strategy, buyers, cells)
    finally:
        loop.close()


@contextmanager
def _undisturbed() -> Iterator[None]:
    """Without the garbage collector, as in a worker process."""
    gc.collect()
    gc.freeze()
    gc.disable()
    try:
        yield
    finally:
        gc.enable()
        gc.unfreeze()


def an_order(cell: Cell) -> Order:
    """An order of one unit, to show what is asked."""
    return Order("1", (Line(cell, 1),), "1")
