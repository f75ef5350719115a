"""Back-pressure: an engine whose rows are too far behind its cache takes no new orders for a while.

    message(queue = "held back", message_key = ENGINE, at_ms = until when, answer = why)

Whoever runs the engine's worker says so, again and again while it lasts; what nobody repeats is
forgotten, so a worker that died holds nobody back for ever. A buyer is told `contended`: nothing is
stored, and the same order may come again. Orders that are held are paid, shipped and cancelled as
ever. Engines whose rows are written at once are not looked for.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

from inventory_core.records.engines import Message
from inventory_core.services.parts import Engines
from inventory_core.steps import rows, sql
from inventory_core.strategy import CopiedHolds, CountedHolds, Strategy, StreamedHolds

QUEUE = "held back"


def is_queued(strategy: Strategy) -> bool:
    """Does it leave its rows to a worker?"""
    return isinstance(strategy, CountedHolds | CopiedHolds | StreamedHolds)


async def why_held_back(engines: Engines, names: Collection[str], now_ms: int) -> str:
    """Why one of these engines takes no orders now; empty if all do."""
    for name in sorted(names):
        if is_queued(engines[name]):
            said = await rows.Get(Message, (QUEUE, name))
            if said is not None and said.at_ms > now_ms:
                return f"{name} takes no new orders just now ({said.answer}); come again"
    return ""


async def hold_back(engine: str, why: str, for_ms: int) -> None:
    """New orders of an engine are told to come again, for so long from now."""
    until_ms = await rows.StoreClock() + for_ms
    message = Message(QUEUE, engine, until_ms, answer=why)
    if not await rows.Insert(message):
        async with sql.transaction():
            await rows.Put(message)


async def let_go(engine: str) -> None:
    """New orders are taken again."""
    async with sql.transaction():
        said = await rows.Lock(Message, (QUEUE, engine))
        if said is not None:
            await rows.Put(replace(said, at_ms=0))


async def held_back(engine: str) -> str:
    """Why an engine takes no orders now; empty if it does."""
    said = await rows.Get(Message, (QUEUE, engine))
    now_ms = await rows.StoreClock()
    return said.answer if said is not None and said.at_ms > now_ms else ""
