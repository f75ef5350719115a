"""Sessions for an event loop: what the API stands on."""

from inventory_core.stores.asynchronous.clock import AsyncClockPart
from inventory_core.stores.asynchronous.pool import AsyncPool, Busy, PoolCounts
from inventory_core.stores.asynchronous.session import AsyncPart, AsyncSession

__all__ = ["AsyncClockPart", "AsyncPart", "AsyncPool", "AsyncSession", "Busy", "PoolCounts"]
