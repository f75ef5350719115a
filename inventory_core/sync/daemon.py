"""The turns that keep step with the warehouses, each of one warehouse: so none waits for another.

    watch:              which warehouses need turns
    of each warehouse:  tell it of paid orders  |  finish, read its feed, count it if it is due

Every turn is a plan that begins from what the store says, so any number of processes may take
turns, and any may be killed. Whoever carries one out has `alternating` ask the questions in it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from inventory_core.records import SyncState
from inventory_core.services.contract import Said
from inventory_core.sync.contract import with_systems
from inventory_core.sync.daily import Daily, Turn
from inventory_core.sync.dispatching import FRONT, SHIPPED, Dispatching, Told
from inventory_core.sync.questions import WarehouseDisagrees
from inventory_core.sync.synchronisation import Synchronisation

STUCK = frozenset({None, Said.TOO_MANY, Said.UNDISPATCHABLE})
"""What a warehouse was told of and will be told of again, because nothing came of it."""


async def in_need(sync: Synchronisation) -> frozenset[str]:
    """The warehouses that need turns: those with a system, and those with a run under way."""
    there = await with_systems(sync.limits.warehouses)
    left = await sync.under_way()
    return frozenset((*(one.code for one in there), *(run.warehouse for run in left)))


class Turns:
    """The turns of one warehouse in one process: each says whether anything came of it.

    A turn raises `WarehouseTrouble` if nothing could, so that the next comes later. What this
    remembers only saves work; a process that has forgotten it does the same.
    """

    def __init__(self, code: str, daily: Daily, dispatching: Dispatching) -> None:
        self._code = code
        self._daily = daily
        self._dispatching = dispatching
        self._place = FRONT
        self._before = Turn()

    async def count(self) -> bool:
        """Finish what was left, read the feed, count if it is due."""
        self._before = await self._daily.turn(self._code, self._before)
        for run in self._before.runs:
            if run.state is SyncState.ABANDONED:
                raise WarehouseDisagrees(f"{self._code} was not counted: {run.reason}")
        return self._before.worked

    async def dispatch(self) -> bool:
        """Tell it of some paid orders; there are more if the next turn begins behind them."""
        told, self._place = await self._dispatching.turn(self._code, self._place)
        stuck = tuple(_stuck(told))
        if stuck and len(stuck) == len(told):
            raise WarehouseDisagrees(stuck[0])
        return self._place != FRONT or any(_moved(one) for one in told)


def _moved(told: Told) -> bool:
    return told.said in SHIPPED or told.said is Said.REDISPATCHED


def _stuck(told: Sequence[Told]) -> Iterator[str]:
    for one in told:
        if one.said in STUCK:
            yield f"{one.reference} at {one.warehouse}: {one.reason}"
