"""What writing down every attempt costs the load driver: time, and memory.

Slices with and without a history take turns on the same connections, so that what the machine does
meanwhile happens to both.
"""

from __future__ import annotations

import tracemalloc
from dataclasses import dataclass
from statistics import median

from inventory_core.domain import Cell, Opening, Outcome
from inventory_core.drivers import carry_out
from inventory_core.stores.multiplexed import Width
from inventory_core.stores.servers import Place
from inventory_core.strategy.registry import make
from scenarios.measuring.client import Answer
from scenarios.measuring.columns import Columns
from scenarios.measuring.peers.ours import opened

ATTEMPTS = 1_000_000
SLICES, SLICE_S = 20, 0.1
UNITS = 1_000_000_000


class Counted(Columns):
    """No history: attempts are counted, and forgotten."""

    __slots__ = ()

    def note(
        self, client: int, position: int, attempt: int, sent_ns: int, replied_ns: int,
        answer: Answer,
    ) -> None:  # fmt: skip
        """One more."""
        self._count += 1


@dataclass(frozen=True, slots=True)
class HistoryCost:
    """Attempts a second with and without a history; the bytes of one attempt, of a million."""

    strategy: str
    clients: int
    with_per_s: float
    without_per_s: float
    ratio: float
    bytes_an_attempt: float


def history_cost(place: Place, name: str, clients: int, cells: int = 1_000) -> HistoryCost:
    """Measure on an open place; whatever is in the place is cleared."""
    strategy = make(name)
    some = tuple(Cell(f"{number}") for number in range(cells))
    place.clear()
    session = place.connect(strategy.limits)
    try:
        openings = [Opening(cell, UNITS) for cell in some]
        carry_out(strategy.load(openings), session.perform)
    finally:
        session.close()
    with opened(place.address, strategy, Width(clients), clients, some) as ours:
        ours.played(SLICE_S, Columns())
        taken = [
            (ours.played(SLICE_S, Columns()), ours.played(SLICE_S, Counted()))
            for _ in range(SLICES)
        ]
    return HistoryCost(
        name,
        clients,
        median(with_it for with_it, _ in taken),
        median(without for _, without in taken),
        median(with_it / without for with_it, without in taken),
        bytes_an_attempt(),
    )


def bytes_an_attempt(attempts: int = ATTEMPTS) -> float:
    """What so many attempts keep, each."""
    tracemalloc.start()
    try:
        before, _ = tracemalloc.get_traced_memory()
        columns = Columns()
        for number in range(attempts):
            columns.note(number % 256, number, 0, number * 1_000, number * 1_001, Outcome.DEDUCTED)
        kept, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert len(columns) == attempts, "an attempt got lost"
    return (kept - before) / attempts
