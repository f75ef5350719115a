"""Watch, read, and write only if nobody has written meanwhile: Redis's own optimistic transaction.

The idea: no script on the server; the client decides, and EXEC carries out everything or nothing.

    A: watch, read 1 ---------- EXEC: 1 -> 0, "deducted"
    B:      watch, read 1 ------------ EXEC: dropped -- watch, read 0 -- EXEC: refused

What it costs: three round trips a try, on a connection of its own, and every collision costs three
more. Whatever touches a watched key collides, a unit that comes back as well.
What breaks it: a hot key (retry storm): of the buyers who read at once, one gets through; when the
tries are used up the others are sent away *contended*, with nothing stored. And the server, as
`redis_script`: what was not yet flushed is sold again.
Source: the Redis manual, "Transactions", optimistic locking using check-and-set.
"""

from __future__ import annotations

from typing import ClassVar

from inventory_core.domain import Order, Outcome
from inventory_core.steps import clock, watched
from inventory_core.strategy import UNFLUSHED, KeyHolds, Needs, Promises


class RedisWatch(KeyHolds):
    """WATCH, MULTI, EXEC with bounded retries."""

    family: ClassVar = "redis"
    needs: ClassVar = Needs.KV | Needs.KV_SESSION
    promises: ClassVar = Promises(loses=UNFLUSHED)

    async def deduct(self, order: Order) -> Outcome:
        limits = self.limits
        for attempt in range(limits.tries):
            await watched.Watch(order)
            seen = await watched.ReadOrder(order)
            if seen.answer is not None:
                await watched.Unwatch()
                return seen.answer
            enough = all(
                units >= take.quantity for units, take in zip(seen.units, order.takes, strict=True)
            )
            due_ms = seen.now_ms + int(order.hold_s * 1000)
            if await watched.BookIfUnchanged(order, due_ms, enough):
                return Outcome.DEDUCTED if enough else Outcome.REFUSED
            await clock.BackOff(attempt, limits.back_off_s, limits.back_off_most_s)
        return Outcome.CONTENDED
