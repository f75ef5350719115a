"""When a buyer has it: the next cut-off that the warehouse can make, and the days on the road.

    ordered Mon 16:59, cut-off 17:00, 2 days  ->  leaves Mon, promised Wed 21:00
    ordered Mon 17:00, cut-off 17:00, 2 days  ->  leaves Tue, promised Thu 21:00

Days are the warehouse's local days; a promise is for the end of one, 21:00 local time.
"""

from __future__ import annotations

from collections.abc import Sequence

from inventory_core.domain.restrictions import DAY_MIN, MINUTE_MS, minutes_of, next_allowed_ms
from inventory_core.records import Restriction, Warehouse

DELIVERED_BY = "21:00"
"""The local time by which a parcel is there on its promised day."""


def leaves_on(warehouse: Warehouse, ready_ms: int) -> int:
    """The local day (counted from 1970) on which something that is ready then leaves."""
    local_min = ready_ms // MINUTE_MS + warehouse.utc_offset_min
    day, minute = divmod(local_min, DAY_MIN)
    return day if minute < minutes_of(warehouse.cut_off) else day + 1


def promised_ms(
    warehouse: Warehouse,
    transit_days: int,
    sku: str,
    address: str,
    ordered_ms: int,
    restrictions: Sequence[Restriction] = (),
) -> int | None:
    """When the buyer has it, milliseconds UTC; None if it may never be shipped there."""
    offset_min = warehouse.utc_offset_min
    ready_ms = next_allowed_ms(restrictions, sku, address, ordered_ms, offset_min)
    if ready_ms is None:
        return None
    day = leaves_on(warehouse, ready_ms) + transit_days
    return (day * DAY_MIN + minutes_of(DELIVERED_BY) - offset_min) * MINUTE_MS
