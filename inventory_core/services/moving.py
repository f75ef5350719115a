"""Moves: units go from one place to another, across engines, once, whoever dies in between.

    asked --take--> taken --give--> given
      +-- refused: the source has not so many units

A move is written down before an engine is asked; both ends are asked under keys of the move, so
anybody may go on with it, and several at once do no harm.

A refused take needs care. An engine keeps no refusal, so somebody else who carries the same move
might yet take under its key. Draining under that key settles it for everybody: it answers what was
taken under it, now or before, for ever. If that is not what was asked for, it goes back, and the
move is refused.
"""

from __future__ import annotations

from dataclasses import replace

from inventory_core.domain import Cell, Outcome
from inventory_core.problems import Problem
from inventory_core.records import (
    Activity,
    ActivityState,
    Channel,
    Kind,
    MoveState,
    StockMove,
    Unassigned,
    WarehouseStock,
)
from inventory_core.services import journal
from inventory_core.services.opening import open_cell
from inventory_core.services.parts import Engines
from inventory_core.steps import rows, sql
from inventory_core.steps.engine import on

UNASSIGNED = "unassigned"
"""The place of units that no channel was given."""

UNDER_WAY = (MoveState.ASKED, MoveState.TAKEN)
"""States of a move that somebody has still to finish."""


async def begin_move(move: StockMove) -> bool:
    """Write a move down; False if its key is known."""
    return await rows.Insert(move)


async def carry_move(engines: Engines, move_key: str) -> StockMove | None:
    """Go on with a move as far as it goes; None if there is none."""
    move = await rows.Get(StockMove, (move_key,))
    if move is not None and move.state is MoveState.ASKED:
        move = await _take(engines, move)
    if move is not None and move.state is MoveState.TAKEN:
        move = await _give(engines, move)
    return move


async def finish_moves(engines: Engines, before_ms: int, batch: int) -> bool:
    """Finish a batch of moves that were begun before; says whether one was.

    Any number of processes may: the ends of a move are asked under its keys.
    """
    left = (("state", "in", UNDER_WAY), ("at_ms", "<=", before_ms))
    finished = False
    for move in await rows.Select(StockMove, left, order_by=("at_ms",), limit=batch):
        after = await carry_move(engines, move.move_key)
        finished |= after is not None and after.state not in UNDER_WAY
    return finished


async def begun_to(place: str) -> bool:
    """Is a move to a place under way?"""
    where = (("target", "=", place), ("state", "in", UNDER_WAY))
    return bool(await rows.Select(StockMove, where, limit=1))


async def engine_of(place: str) -> str:
    """The engine that holds the units of a channel or an activity."""
    kind, _, code = place.partition(":")
    found: Channel | Activity | None = None
    if kind == "channel":
        found = await rows.Get(Channel, (code,))
    elif kind == "activity":
        found = await rows.Get(Activity, (code,))
    if found is None:
        raise Problem(f"there is no place {place!r}; name a channel or an activity that exists")
    return found.engine


# ------------------------------------------------------------------------------------------- take


async def _take(engines: Engines, move: StockMove) -> StockMove:
    if move.source == UNASSIGNED:
        return await _take_unassigned(move)
    quantity = await _take_from_cell(engines, move)
    if quantity is None:
        return move
    state = MoveState.TAKEN if move.everything or quantity == move.quantity else MoveState.REFUSED
    if state is MoveState.REFUSED:
        return await _decided(move, replace(move, state=state))
    return await _decided(move, replace(move, state=state, quantity=quantity))


async def _take_from_cell(engines: Engines, move: StockMove) -> int | None:
    """How many units were taken: all that were asked for, or none; None: ask again."""
    engine = await engine_of(move.source)
    strategy, cell = engines[engine], Cell(move.sku, move.source)
    key = f"{move.move_key}:take"
    await open_cell(engines, engine, cell)
    if move.everything:
        return await on(engine, strategy.drain(key, cell))
    outcome = await on(engine, strategy.adjust(key, cell, -move.quantity, move.reason))
    if outcome is Outcome.ADJUSTED:
        return move.quantity
    if outcome not in (Outcome.REFUSED, Outcome.ALREADY_ADJUSTED):
        return None
    taken = await on(engine, strategy.drain(key, cell))
    if taken in (0, move.quantity):
        return taken
    back = f"{move.move_key}:back"
    returned = await on(engine, strategy.adjust(back, cell, taken, move.reason))
    return 0 if returned in (Outcome.ADJUSTED, Outcome.ALREADY_ADJUSTED) else None


async def _take_unassigned(move: StockMove) -> StockMove:
    async with sql.transaction():
        current = await rows.Lock(StockMove, (move.move_key,))
        assert current is not None, f"move {move.move_key} has vanished; rows are kept"
        if current.state is not MoveState.ASKED:
            return current
        there = await rows.Lock(Unassigned, (move.sku,))
        quantity = current.quantity
        if current.everything:
            quantity = there.quantity if there else 0
        enough = there is not None and there.quantity >= quantity
        state = MoveState.TAKEN if enough else MoveState.REFUSED
        after = replace(current, state=state, quantity=quantity)
        if enough and quantity:
            at_ms = await rows.StoreClock()
            await journal.unassign(f"move:{move.move_key}:take", move.sku, -quantity, at_ms)
        await rows.Put(after)
    return after


# ------------------------------------------------------------------------------------------- give


async def _give(engines: Engines, move: StockMove) -> StockMove:
    given = replace(move, state=MoveState.GIVEN)
    if move.target == UNASSIGNED or move.target.startswith("shortfall:"):
        return await _give_to_rows(move, given)
    if move.quantity:
        engine = await engine_of(move.target)
        cell = Cell(move.sku, move.target)
        await open_cell(engines, engine, cell)
        adjust = engines[engine].adjust(f"{move.move_key}:give", cell, move.quantity, move.reason)
        outcome = await on(engine, adjust)
        if outcome not in (Outcome.ADJUSTED, Outcome.ALREADY_ADJUSTED):
            return move
        await _send_home(engines, move)
    return await _decided(move, given)


async def _send_home(engines: Engines, move: StockMove) -> None:
    """Units that came to an activity that is closed by now go on to its channel.

    Who closes it says so before draining it, so either the drain finds these units or we see here
    that it is closed.
    """
    kind, _, code = move.target.partition(":")
    if kind != "activity":
        return
    activity = await rows.Get(Activity, (code,))
    if activity is None or activity.state is not ActivityState.CLOSED:
        return
    key = f"late:{move.move_key}"
    onward = replace(
        move,
        move_key=key,
        source=activity.place,
        target=f"channel:{activity.channel}",
        quantity=0,
        everything=True,
        state=MoveState.ASKED,
        reason=f"{code} had closed",
    )
    await begin_move(onward)
    await carry_move(engines, key)


async def _give_to_rows(move: StockMove, given: StockMove) -> StockMove:
    """Both the move's state and the stored quantity change in one transaction."""
    cause = f"move:{move.move_key}:give"
    async with sql.transaction():
        current = await rows.Lock(StockMove, (move.move_key,))
        assert current is not None, f"move {move.move_key} has vanished; rows are kept"
        if current.state is not MoveState.TAKEN:
            return current
        at_ms, rest = await rows.StoreClock(), move.quantity
        if move.target != UNASSIGNED:
            rest -= await _make_good(cause, move, at_ms)
        if rest:
            await journal.unassign(cause, move.sku, rest, at_ms)
        await rows.Put(given)
    return given


async def _make_good(cause: str, move: StockMove, at_ms: int) -> int:
    """Shrink a warehouse's shortfall by a move's units; how many it still needed."""
    warehouse = move.target.partition(":")[2]
    stock = await rows.Lock(WarehouseStock, (move.sku, warehouse))
    assert stock is not None, f"{move.move_key} makes a shortfall good that {warehouse} never had"
    needed = min(stock.shortfall, move.quantity)
    if needed:
        await rows.Put(replace(stock, shortfall=stock.shortfall - needed))
        await journal.post(cause, move.sku, Kind.SHORTFALL, warehouse, -needed, move.reason, at_ms)
    return needed


async def _decided(seen: StockMove, after: StockMove) -> StockMove:
    """Write how far a move is, unless somebody else was faster."""
    async with sql.transaction():
        current = await rows.Lock(StockMove, (seen.move_key,))
        assert current is not None, f"move {seen.move_key} has vanished; rows are kept"
        if current.state is not seen.state:
            return current
        await rows.Put(after)
    return after
