"""The scheduler: a full count of every warehouse once a period, and their feeds in between.

Any number of processes may run it. A period's count has a name (`daily-WAREHOUSE-PERIOD-ATTEMPT`),
and whoever writes that name first does it; the others only finish what its process left.
"""

from __future__ import annotations

from dataclasses import dataclass

from inventory_core.records import SyncRun, SyncState, Warehouse
from inventory_core.steps import rows
from inventory_core.sync.contract import with_systems
from inventory_core.sync.questions import WarehouseTrouble
from inventory_core.sync.synchronisation import Synchronisation

DAY_S = 86_400


@dataclass(frozen=True, slots=True)
class Turn:
    """What one turn has done: movements recorded, runs ended, warehouses in trouble and why."""

    movements: int = 0
    runs: tuple[SyncRun, ...] = ()
    troubles: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Daily:
    """Counts every warehouse that has a system once in `period_s`, at its beginning."""

    sync: Synchronisation
    period_s: int = DAY_S
    again_after_s: int = 600  # an abandoned count of this period is tried again

    async def turn(self) -> Turn:
        """Finish what was left, read the feeds, count whoever is due. Ends by itself."""
        movements, troubles = 0, []
        runs = [*await self.sync.resume()]
        for warehouse in await with_systems(self.sync.limits.runs):
            try:
                movements += await self.sync.read_feed(warehouse.code)
                run = await self._count_if_due(warehouse)
            except WarehouseTrouble as trouble:
                troubles.append((warehouse.code, str(trouble)))
                continue
            if run is not None:
                runs.append(run)
                if run.state is SyncState.ABANDONED:
                    troubles.append((warehouse.code, run.reason))
        return Turn(movements, tuple(runs), tuple(troubles))

    async def _count_if_due(self, warehouse: Warehouse) -> SyncRun | None:
        now_ms = await rows.StoreClock()
        period = now_ms // (self.period_s * 1_000)
        for attempt in range(1, self.sync.limits.attempts + 1):
            name = f"daily-{warehouse.code}-{period}-{attempt}"
            known = await rows.Get(SyncRun, (name,))
            if known is None:
                return await self.sync.full(warehouse.code, name)
            again_ms = known.ended_ms + self.again_after_s * 1_000
            if known.state is not SyncState.ABANDONED or now_ms < again_ms:
                return None
        return None
