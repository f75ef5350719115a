"""What was set aside: kept as messages in the database, named by the engine and the piece of work.

    message(queue = "aside ENGINE", message_key = PIECE, body, answer = why, done)

They are kept when they are done with: who looks later sees what was tried again.
"""

from __future__ import annotations

from collections.abc import Collection

from inventory_core.problems import Problem
from inventory_core.records.engines import Message
from inventory_core.steps import rows
from inventory_core.sync.workers.queues import Piece, Queue

PAGE = 500
PAGES_MOST = 10_000


def queue_name(engine: str) -> str:
    """Where an engine's are."""
    return f"aside {engine}"


async def set_aside(queue: Queue, engine: str, piece: Piece) -> bool:
    """Set a piece of work aside, once; False: it is not late any more."""
    now_ms = await rows.StoreClock()
    return await queue.set_aside(
        piece, Message(queue_name(engine), piece.key, now_ms, answer=piece.why)
    )


async def set_aside_of(engine: str, most: int) -> tuple[Message, ...]:
    """So many of what is aside, the oldest first."""
    waiting = (("queue", "=", queue_name(engine)), ("done", "=", False))
    return await rows.Select(Message, waiting, order_by=("at_ms",), limit=most)


async def retry(queue: Queue, engine: str, keys: Collection[str] = ()) -> tuple[int, int]:
    """Try these again, or all: how many are no longer aside, and how many are.

    A `Problem` if one of the keys is not aside.
    """
    wanted = {key: await _named(engine, key) for key in keys} if keys else await _all(engine)
    done = 0
    for message in wanted.values():
        done += await queue.retry(message)
    return done, len(wanted) - done


async def _named(engine: str, key: str) -> Message:
    found = await rows.Get(Message, (queue_name(engine), key))
    if found is None or found.done:
        raise Problem(f"{key!r} of {engine} is not aside: see stockproof worker status")
    return found


async def _all(engine: str) -> dict[str, Message]:
    found: dict[str, Message] = {}
    after: tuple[object, ...] | None = None
    where = (("queue", "=", queue_name(engine)), ("done", "=", False))
    for _ in range(PAGES_MOST):
        page = await rows.Select(Message, where, ("at_ms",), after, PAGE)
        found |= {one.message_key: one for one in page}
        if len(page) < PAGE:
            break
        after = (page[-1].at_ms, page[-1].queue, page[-1].message_key)
    return found
