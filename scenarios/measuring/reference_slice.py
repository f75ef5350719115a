"""A fixed piece of work before and after every run, by which runs of two days can be compared.

One client, one row, one UPDATE after the other (or one script after the other, where there are no
rows): no strategy, nothing that a change of ours could make faster or slower. What differs between
two of these is the machine, and only what is left after dividing by it speaks of the strategy.
"""

from __future__ import annotations

import time

from inventory_core.domain import Cell, Limits, Opening
from inventory_core.drivers import carry_out
from inventory_core.steps import Step, kv, sql
from inventory_core.stores.servers import Place
from inventory_core.strategy.registry import make

REFERENCE_S = 0.1
"""Of each of the two slices of a run."""

_CELL = Cell("sku-reference", "nowhere")
_UNITS = 1_000_000_000


def reference_per_s(place: Place, seconds: float = REFERENCE_S) -> float | None:
    """How often the fixed work is done in a second; None: the stack has no stores.

    Whatever is in the place is cleared, before and after.
    """
    if not place.stores:
        return None
    opener, step = _work(place)
    place.clear()
    session = place.connect(Limits())
    try:
        carry_out(make(opener).load([Opening(_CELL, _UNITS)]), session.perform)
        session.perform(step)  # prepares the statement, loads the script
        done, began_s = 0, time.perf_counter()
        while time.perf_counter() - began_s < seconds:
            session.perform(step)
            done += 1
        return done / (time.perf_counter() - began_s)
    finally:
        session.close()
        place.clear()


def _work(place: Place) -> tuple[str, Step[object]]:
    """Who opens the row or the counter, and the step that is done again and again."""
    if "sql" in place.stores:
        return "conditional_update", sql.TakeIfEnough(_CELL, 1)
    return "redis_script", kv.ReadCells((_CELL,))
