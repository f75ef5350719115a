"""The scheduler: a full count of a warehouse once a period, and its feed in between.

Any number of processes may run it. A period's count has a name (`daily-WAREHOUSE-PERIOD-ATTEMPT`),
and whoever writes that name first does it; the others only finish what its process left. Days are
the warehouse's own: its count is due at its midnight.
"""

from __future__ import annotations

from dataclasses import dataclass

from inventory_core.records import SyncRun, SyncState, Warehouse
from inventory_core.steps import rows
from inventory_core.sync.synchronisation import Synchronisation

DAY_S = 86_400


@dataclass(frozen=True, slots=True)
class Turn:
    """What one turn has done: movements recorded, runs ended; and the runs that go on."""

    movements: int = 0
    runs: tuple[SyncRun, ...] = ()
    under_way: tuple[SyncRun, ...] = ()

    @property
    def worked(self) -> bool:
        """Has anything come of it?"""
        return bool(self.movements or self.runs)


@dataclass(frozen=True)
class Daily:
    """Counts a warehouse once in `period_s`, at its beginning."""

    sync: Synchronisation
    period_s: int = DAY_S
    again_after_s: int = 600  # an abandoned count of this period is tried again

    async def turn(self, code: str, before: Turn | None = None) -> Turn:
        """Finish what was left, read the feed, count if it is due. Ends by itself.

        A run is finished if it stands as it did after the turn `before`: else somebody is at it.
        Raises `WarehouseTrouble` if the warehouse system does not answer as it should.
        """
        going = await self.sync.under_way(code)
        left = going if before is None else [run for run in going if run in before.under_way]
        runs = [*await self.sync.resume(left)]
        movements = 0
        warehouse = await rows.Get(Warehouse, (code,))
        if warehouse is not None and warehouse.system_url:
            movements = await self.sync.read_feed(code)
            counted = await self._count_if_due(warehouse)
            runs += [] if counted is None else [counted]
        return Turn(movements, tuple(runs), await self.sync.under_way(code))

    async def _count_if_due(self, warehouse: Warehouse) -> SyncRun | None:
        now_ms = await rows.StoreClock()
        local_ms = now_ms + warehouse.utc_offset_min * 60_000
        period = local_ms // (self.period_s * 1_000)
        for attempt in range(1, self.sync.limits.attempts + 1):
            name = f"daily-{warehouse.code}-{period}-{attempt}"
            known = await rows.Get(SyncRun, (name,))
            if known is None:
                return await self.sync.full(warehouse.code, name)
            again_ms = known.ended_ms + self.again_after_s * 1_000
            if known.state is not SyncState.ABANDONED or now_ms < again_ms:
                return None
        return None
