"""Activities: units are set aside for a campaign, and what is left goes home, once and only once.

    planned --open--> open --close--> closing --(orders under way are settled)--> closed

Opening moves every quota from the channel, all of them or none. Closing first says so, so that no
new order is taken; waits until no order that names the activity is under way; says "closed"; and
then drains. Units that come back later find the activity closed and go on to the channel.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from inventory_core.domain import Cell
from inventory_core.records import (
    Activity,
    ActivityQuota,
    ActivityState,
    Intent,
    MoveState,
    OrderLine,
    ShopOrder,
    StockMove,
)
from inventory_core.services.moving import begin_move, carry_move, engine_of
from inventory_core.services.parts import Engines
from inventory_core.services.stock_answers import StockAnswer, StockSaid
from inventory_core.steps import rows, sql

ROWS_MOST = 10_000
"""Quotas of an activity, orders under way, attempts to open."""


@dataclass(frozen=True, slots=True)
class ActivityView:
    """An activity with its quotas, by SKU."""

    activity: Activity
    quotas: tuple[ActivityQuota, ...]


async def find(code: str) -> ActivityView | None:
    """An activity as it stands; None if there is none."""
    activity = await rows.Get(Activity, (code,))
    return None if activity is None else ActivityView(activity, await quotas_of(code))


async def quotas_of(code: str) -> tuple[ActivityQuota, ...]:
    """The quotas of an activity, by SKU."""
    where = (("activity", "=", code),)
    return await rows.Select(ActivityQuota, where, order_by=("sku",), limit=ROWS_MOST)


# ------------------------------------------------------------------------------------------- open


async def open_activity(engines: Engines, code: str) -> StockAnswer:
    """Move the quotas from the channel, and open; nothing is moved if one is not there whole."""
    view = await find(code)
    if view is None:
        return _not_found(code)
    if view.activity.state is not ActivityState.PLANNED:
        return _opened_before(view.activity)
    failed = [move for move in await _last_attempt(view) if move.state is MoveState.REFUSED]
    if failed:
        await _undo_attempt(engines, await _last_attempt(view))
    moves = await _attempt(engines, view)
    if isinstance(moves, StockAnswer):
        return moves
    carried = [await carry_move(engines, move.move_key) for move in moves]
    if any(move is None or move.state is MoveState.REFUSED for move in carried):
        await _undo_attempt(engines, moves)
        return StockAnswer(StockSaid.NOT_ENOUGH, f"{view.activity.channel} has not enough")
    if not all(move is not None and move.state is MoveState.GIVEN for move in carried):
        return StockAnswer(StockSaid.UNDER_WAY, f"{code} is being opened; ask again")
    return await _opened(view)


async def _opened(view: ActivityView) -> StockAnswer:
    """Every quota is there: take orders, unless it was closed meanwhile."""
    async with sql.transaction():
        current = await rows.Lock(Activity, (view.activity.code,))
        assert current is not None, f"activity {view.activity.code} has vanished; rows are kept"
        if current.state is not ActivityState.PLANNED:
            return _opened_before(current)
        await rows.Put(replace(current, state=ActivityState.OPEN))
    return StockAnswer(StockSaid.DONE, quantity=sum(quota.quota for quota in view.quotas))


def _opened_before(activity: Activity) -> StockAnswer:
    if activity.state is ActivityState.OPEN:
        return StockAnswer(StockSaid.ALREADY_DONE)
    said = f"activity {activity.code} is {activity.state.value}; plan another"
    return StockAnswer(StockSaid.TOO_LATE, said)


async def _attempt(engines: Engines, view: ActivityView) -> Sequence[StockMove] | StockAnswer:
    """The moves of the attempt to open that is under way, or of a new one."""
    short = await _short_of(engines, view)
    async with sql.transaction():
        current = await rows.Lock(Activity, (view.activity.code,))
        assert current is not None, f"activity {view.activity.code} has vanished; rows are kept"
        if current.state is not ActivityState.PLANNED:
            return _opened_before(current)
        last = await _last_attempt(view)
        if last and not any(move.state is MoveState.REFUSED for move in last):
            return last
        if short:
            return StockAnswer(StockSaid.NOT_ENOUGH, short)
        number, at_ms = _number_of(last) + 1, await rows.StoreClock()
        moves = tuple(_opening_move(view.activity, quota, number, at_ms) for quota in view.quotas)
        await rows.InsertAll(moves)
    return moves


async def _short_of(engines: Engines, view: ActivityView) -> str:
    """What the channel has too few of, in words; empty if it has enough."""
    home = f"channel:{view.activity.channel}"
    engine = await engine_of(home)
    cells = [Cell(quota.sku, home) for quota in view.quotas]
    for quota, left in zip(view.quotas, await engines.read(engine, cells), strict=True):
        if left < quota.quota:
            return f"{home} has {left} of {quota.sku}, and {quota.quota} are to be set aside"
    return ""


async def _last_attempt(view: ActivityView) -> tuple[StockMove, ...]:
    """The moves of the last attempt to open."""
    activity = view.activity
    where = (
        ("target", "=", activity.place),
        ("source", "=", f"channel:{activity.channel}"),
        ("reason", "=", _opening_reason(activity)),
    )
    moves = await rows.Select(StockMove, where, limit=ROWS_MOST)
    last = _number_of(moves)
    return tuple(move for move in moves if _number_of((move,)) == last)


def _number_of(moves: Sequence[StockMove]) -> int:
    """The highest number in `open:NUMBER:...`; 0 if there is none."""
    return max((int(move.move_key.split(":")[1]) for move in moves), default=0)


def _opening_reason(activity: Activity) -> str:
    return f"activity {activity.code} opens"


def _opening_move(activity: Activity, quota: ActivityQuota, number: int, at_ms: int) -> StockMove:
    return StockMove(
        f"open:{number}:{activity.code}:{quota.sku}",
        quota.sku,
        f"channel:{activity.channel}",
        activity.place,
        quota.quota,
        everything=False,
        state=MoveState.ASKED,
        reason=_opening_reason(activity),
        at_ms=at_ms,
    )


async def _undo_attempt(engines: Engines, moves: Sequence[StockMove]) -> None:
    """Give back what an attempt has moved; nothing of it can have been sold."""
    for move in moves:
        current = await carry_move(engines, move.move_key)
        if current is not None and current.state is MoveState.GIVEN:
            back = replace(
                current,
                move_key=f"un{move.move_key}",
                source=move.target,
                target=move.source,
                state=MoveState.ASKED,
                reason="not enough to open",
            )
            await begin_move(back)
            await carry_move(engines, back.move_key)


# ------------------------------------------------------------------------------------------ close


async def close_activity(engines: Engines, code: str) -> StockAnswer:
    """Take no new orders; once those under way are settled, give the remainder to the channel.

    Answers done, already_done, closing (ask again) or under_way (ask again).
    """
    async with sql.transaction():
        activity = await rows.Lock(Activity, (code,))
        if activity is None:
            return _not_found(code)
        before = activity.state
        if before in (ActivityState.PLANNED, ActivityState.OPEN):
            activity = replace(activity, state=ActivityState.CLOSING)
            await rows.Put(activity)
    if activity.state is ActivityState.CLOSING:
        waits_for = await _order_under_way(activity)
        if waits_for:
            return StockAnswer(StockSaid.CLOSING, f"order {waits_for} is under way; ask again")
        await _begin_drains(activity)
    return await _drain(engines, activity, before)


async def _order_under_way(activity: Activity) -> str:
    """An order that names the activity and has an intent; empty if there is none.

    Orders are few while they are under way, so they are looked through, not the activity's lines.
    """
    under_way = await rows.Select(ShopOrder, (("intent", "!=", Intent.NONE),), limit=ROWS_MOST)
    for order in under_way:
        lines = await rows.Select(OrderLine, (("order_id", "=", order.order_id),))
        if any(line.activity == activity.code for line in lines):
            return order.order_id
    return ""


async def _begin_drains(activity: Activity) -> None:
    """Say that it is closed, and write down the moves of its remainder, in one transaction."""
    at_ms = await rows.StoreClock()
    async with sql.transaction():
        current = await rows.Lock(Activity, (activity.code,))
        assert current is not None, f"activity {activity.code} has vanished; rows are kept"
        if current.state is ActivityState.CLOSED:
            return
        for quota in await quotas_of(activity.code):
            await rows.Insert(_drain_of(activity, quota.sku, at_ms))
        await rows.Put(replace(current, state=ActivityState.CLOSED))


def _drain_of(activity: Activity, sku: str, at_ms: int) -> StockMove:
    return StockMove(
        f"close:{activity.code}:{sku}",
        sku,
        activity.place,
        f"channel:{activity.channel}",
        0,
        everything=True,
        state=MoveState.ASKED,
        reason=f"activity {activity.code} closed",
        at_ms=at_ms,
    )


async def _drain(engines: Engines, activity: Activity, before: ActivityState) -> StockAnswer:
    """Carry the moves of the remainder; `quantity` of the answer is what went home."""
    home = 0
    for quota in await quotas_of(activity.code):
        move = await carry_move(engines, f"close:{activity.code}:{quota.sku}")
        if move is None or move.state is not MoveState.GIVEN:
            return StockAnswer(StockSaid.UNDER_WAY, f"{activity.code} is being drained; ask again")
        home += move.quantity
    closed_before = before is ActivityState.CLOSED
    return StockAnswer(StockSaid.ALREADY_DONE if closed_before else StockSaid.DONE, quantity=home)


# ------------------------------------------------------------------------------------------- tick


async def tick(engines: Engines, batch: int) -> bool:
    """Open and close what is due by the store's clock; says whether anything was done.

    Any number of processes may run it.
    """
    now_ms = await rows.StoreClock()
    due = (("state", "=", ActivityState.PLANNED), ("opens_ms", "<=", now_ms))
    over = (("state", "in", (ActivityState.PLANNED, ActivityState.OPEN, ActivityState.CLOSING)),)
    worked = False
    for activity in await rows.Select(Activity, due, limit=batch):
        if now_ms < activity.closes_ms:
            worked |= (await open_activity(engines, activity.code)).said is StockSaid.DONE
    for activity in await rows.Select(Activity, (*over, ("closes_ms", "<=", now_ms)), limit=batch):
        worked |= (await close_activity(engines, activity.code)).done
    return worked


def _not_found(code: str) -> StockAnswer:
    return StockAnswer(StockSaid.NOT_FOUND, f"there is no activity {code}; see the list")
