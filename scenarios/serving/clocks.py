"""The store's clock beside ours: holds run out by the store's, buyers are timed by ours."""

from __future__ import annotations

import time
from statistics import median

from inventory_core.drivers import carry_out
from inventory_core.steps import rows
from inventory_core.stores.session import Session
from scenarios.serving.checks.case import Clock

READINGS = 5


async def store_clock() -> int:
    """The store's time in milliseconds (a plan)."""
    return await rows.StoreClock()


def compared(session: Session, zero_ns: int) -> Clock:
    """The store's time at an instant of ours, and how far that may be wrong."""
    offsets = []
    for _ in range(READINGS):
        before = time.monotonic_ns()
        store_ms = carry_out(store_clock(), session.perform)
        after = time.monotonic_ns()
        offsets.append((store_ms + 0.5 - ((before + after) / 2 - zero_ns) / 1e6, after - before))
    zero_ms = median(offset for offset, _ in offsets)
    return Clock(zero_ms, 2.0 + min(took for _, took in offsets) / 1e6)
