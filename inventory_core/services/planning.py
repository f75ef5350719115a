"""What is asked for is looked at before anything is written: names, places, windows, quotas."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from inventory_core.domain.stock import Cell
from inventory_core.problems import Problem
from inventory_core.records import Activity, ActivityQuota, ActivityState, Channel
from inventory_core.services import moving
from inventory_core.services.activities import quotas_of
from inventory_core.services.parts import Engines
from inventory_core.services.stock_answers import StockAnswer, StockSaid
from inventory_core.steps import rows, sql


async def check_move(sku: str, source: str, target: str, quantity: int) -> None:
    """A `Problem` if units cannot be moved like that."""
    if not sku:
        raise Problem("a move names no article; give its SKU")
    if quantity < 1:
        raise Problem(f"a move of {quantity} units of {sku} is none; say 1 or more")
    if source == target:
        raise Problem(f"{sku} is to be moved from {source} to itself; name another place")
    for place in (source, target):
        if place != moving.UNASSIGNED:
            check_cell(sku, place)
            await moving.engine_of(place)


def check_cell(sku: str, place: str) -> None:
    """A `Problem` if no engine can have such a cell."""
    try:
        Cell(sku, place)
    except ValueError as error:
        raise Problem(f"{error}.") from None


async def plan_activity(
    engines: Engines, activity: Activity, quotas: Sequence[tuple[str, int]]
) -> StockAnswer:
    """Write an activity and its quotas; it must not have been opened."""
    channel = await rows.Get(Channel, (activity.channel,))
    if channel is None:
        raise Problem(f"there is no channel {activity.channel!r}; add it first")
    planned = replace(activity, engine=activity.engine or channel.engine)
    _check(engines, planned, quotas)
    wanted = [ActivityQuota(planned.code, sku, quota) for sku, quota in sorted(quotas)]
    async with sql.transaction():
        if await rows.Insert(replace(planned, state=ActivityState.PLANNED)):
            await rows.InsertAll(tuple(wanted))
            return StockAnswer(StockSaid.DONE)
        known = await rows.Lock(Activity, (planned.code,))
        assert known is not None, f"activity {planned.code} was there and is gone; rows are kept"
        before = list(await quotas_of(planned.code))
        if replace(planned, state=known.state) == known and before == wanted:
            return StockAnswer(StockSaid.ALREADY_DONE)
        if known.state is not ActivityState.PLANNED or await moving.begun_to(known.place):
            said = f"activity {known.code} is {known.state.value}; plan another"
            return StockAnswer(StockSaid.TOO_LATE, said)
        await rows.Put(replace(planned, state=ActivityState.PLANNED))
        for quota in before:
            await rows.Remove(ActivityQuota, (quota.activity, quota.sku))
        await rows.InsertAll(tuple(wanted))
    return StockAnswer(StockSaid.DONE)


def _check(engines: Engines, activity: Activity, quotas: Sequence[tuple[str, int]]) -> None:
    """A `Problem` if there can be no such activity."""
    engines[activity.engine]
    if not activity.code:
        raise Problem("an activity has no code; give it one")
    if activity.opens_ms >= activity.closes_ms:
        raise Problem(f"activity {activity.code} closes before it opens; give a later closes_ms")
    if len({sku for sku, _ in quotas}) < len(quotas):
        raise Problem(f"activity {activity.code} names an SKU twice; add its quotas up")
    for sku, quota in quotas:
        check_cell(sku, activity.place)
        if quota < 1:
            raise Problem(f"activity {activity.code} sets {quota} of {sku} aside; say 1 or more")
