"""Reference data: one row put in the place of another, by its key (plans)."""

from __future__ import annotations

from typing import TypeVar

from inventory_core.api.problems import Refusal
from inventory_core.domain import Cell
from inventory_core.records import Channel, Unassigned, Warehouse
from inventory_core.services.parts import Engines
from inventory_core.steps import rows, sql

R = TypeVar("R", bound=rows.Record)
BATCH = 200
ARTICLES_MOST = 1_000_000


async def put(row: R) -> tuple[R, bool]:
    """Write a row, new or in the place of another; the row, and whether it is new."""
    if await rows.Insert(row):
        return row, True
    await rows.Put(row)
    return row, False


async def put_channel(engines: Engines, channel: Channel) -> tuple[Channel, bool]:
    """Write a channel. Its engine may be another only while it sells nothing."""
    async with sql.transaction():
        before = await rows.Lock(Channel, (channel.code,))
        if before is not None and before.engine != channel.engine:
            await _must_be_empty(engines, before)
        if before is not None:
            await rows.Put(channel)
            return channel, False
    return await put(channel)


async def _must_be_empty(engines: Engines, channel: Channel) -> None:
    after: tuple[object, ...] | None = None
    for _ in range(ARTICLES_MOST // BATCH):
        known = await rows.Select(Unassigned, (), (), after, BATCH)
        if not known:
            return
        cells = [Cell(row.sku, channel.place) for row in known]
        left = sum(await engines.read(channel.engine, cells))
        if left:
            raise Refusal(
                409,
                f"{channel.engine} holds {left} units of channel {channel.code} or more: withdraw "
                "them before another engine takes over",
                outcome="refused",
                reason="channel_not_empty",
            )
        after = (known[-1].sku,)


async def put_for_warehouse(warehouse: str, row: R) -> tuple[R, bool] | None:
    """Write a row that belongs to a warehouse; None if there is no such warehouse."""
    if await rows.Get(Warehouse, (warehouse,)) is None:
        return None
    return await put(row)


async def found(kind: type[R], *key: str | int) -> R | None:
    """A row by its key; None if there is none."""
    return await rows.Get(kind, key)


async def remove(kind: type[rows.Record], *key: str | int) -> bool:
    """Remove a row; False if there was none."""
    return await rows.Remove(kind, key)
