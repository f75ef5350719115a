"""A shortfall is taken back from where its units were promised: channels in their turn, activities.

    unassigned -> channels, lowest `reclaim` first -> activities -> what is left stays the shortfall

Through the engines that hold them, conditionally: what was sold meanwhile is not there any more.
Moves that are under way count as made good, so that two who reclaim at once do not take twice.
"""

from __future__ import annotations

from collections.abc import Sequence

from inventory_core.domain import Cell
from inventory_core.records import (
    Activity,
    ActivityState,
    Channel,
    MoveState,
    StockMove,
    Unassigned,
    WarehouseStock,
)
from inventory_core.services.moving import UNASSIGNED, UNDER_WAY, carry_move
from inventory_core.services.parts import Engines
from inventory_core.steps import clock, rows, sql

TRIES = 5
"""How often a place is asked again that has sold what it was seen to have."""

ROWS_MOST = 10_000
"""Places, and shelves with a shortfall."""


async def shortfalls(sku: str | None = None) -> tuple[WarehouseStock, ...]:
    """Shelves that owe units which nobody could give back, by SKU and warehouse."""
    where: tuple[rows.Where, ...] = (("shortfall", ">", 0),)
    if sku is not None:
        where = (*where, ("sku", "=", sku))
    return await rows.Select(WarehouseStock, where, limit=ROWS_MOST)


async def reclaim(engines: Engines, sku: str, warehouse: str) -> int:
    """Take back what a shelf owes, as far as there is something; answers what it still owes."""
    if not await _owed(sku, warehouse):
        return 0
    for place, engine in await _places():
        for _ in range(TRIES):
            owed = await _owed(sku, warehouse)
            if not owed:
                return 0
            there = await _there(engines, sku, place, engine)
            move_key = await _begin(sku, warehouse, place, there)
            if move_key is None:
                break
            move = await carry_move(engines, move_key)
            if move is None or move.state is not MoveState.REFUSED:
                break
    return await _owed(sku, warehouse)


async def _places() -> Sequence[tuple[str, str]]:
    """Places and their engines in the order in which they are asked."""
    channels = await rows.Select(Channel, order_by=("reclaim",), limit=ROWS_MOST)
    running = (("state", "in", (ActivityState.OPEN, ActivityState.CLOSING)),)
    activities = await rows.Select(Activity, running, order_by=("code",), limit=ROWS_MOST)
    return (
        (UNASSIGNED, ""),
        *((one.place, one.engine) for one in channels),
        *((one.place, one.engine) for one in activities),
    )


async def _there(engines: Engines, sku: str, place: str, engine: str) -> int:
    """What a place has of an article."""
    if place == UNASSIGNED:
        row = await rows.Get(Unassigned, (sku,))
        return 0 if row is None else row.quantity
    return (await engines.read(engine, (Cell(sku, place),)))[0]


async def _owed(sku: str, warehouse: str) -> int:
    """What a shelf owes beyond the moves that are under way to it."""
    stock = await rows.Get(WarehouseStock, (sku, warehouse))
    return 0 if stock is None else stock.shortfall - await _on_the_way(sku, warehouse)


async def _on_the_way(sku: str, warehouse: str) -> int:
    where = (
        ("sku", "=", sku),
        ("target", "=", f"shortfall:{warehouse}"),
        ("state", "in", UNDER_WAY),
    )
    moves = await rows.Select(StockMove, where, limit=ROWS_MOST)
    return sum(move.quantity for move in moves)


async def _begin(sku: str, warehouse: str, place: str, there: int) -> str | None:
    """Write a move down of what is still owed and is there; None if there is nothing to move."""
    move_key = f"reclaim:{warehouse}:{sku}:{await clock.NewId()}"
    async with sql.transaction():
        stock = await rows.Lock(WarehouseStock, (sku, warehouse))
        assert stock is not None, f"{warehouse} owed {sku} a moment ago; rows are kept"
        owed = stock.shortfall - await _on_the_way(sku, warehouse)
        quantity = min(owed, there)
        if quantity < 1:
            return None
        await rows.Insert(
            StockMove(
                move_key,
                sku,
                place,
                f"shortfall:{warehouse}",
                quantity,
                everything=False,
                state=MoveState.ASKED,
                reason=f"{warehouse} is short of it",
                at_ms=await rows.StoreClock(),
            )
        )
    return move_key
