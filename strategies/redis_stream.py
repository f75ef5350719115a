"""A script decides and appends to a stream, in one step; consumers write the stream to the rows.

The idea: as `redis_then_database`, but what changed is a queue that survives its consumers: an
entry that one of them had and did not acknowledge is handed to another.

    buyer:      script: yes, appended -- "deducted"
    consumer 1:                            takes the entry ..... paused ....... writes: too late
    consumer 2:                                          takes it over, writes 1 -> 0, acknowledges

Two consumers may have the same entry, and entries of one order may be written out of order: the
hold's row carries the epoch, and drops what is not newer than itself. Without that, the paused
consumer writes the units off a second time.

What it costs: one round trip. The rows lag behind; those of a consumer that died, by the lease.
What breaks it: "deducted" is said before anything is safe: what Redis had answered and not yet
flushed is lost with its entry in the stream, and its units are sold again (oversold).
Source: the Redis manual, "Streams" (consumer groups); the outbox of event-driven shops.
"""

from __future__ import annotations

from typing import ClassVar

from inventory_core.domain import Order, Outcome
from inventory_core.steps import kv
from inventory_core.strategy import UNFLUSHED, Needs, Promises, StreamedHolds


class RedisStream(StreamedHolds):
    """The truth in Redis, the way to the rows a stream."""

    family: ClassVar = "redis"
    needs: ClassVar = Needs.SQL | Needs.KV
    promises: ClassVar = Promises(
        loses=UNFLUSHED,
        settles_within_s=3.0,
    )

    async def deduct(self, order: Order) -> Outcome:
        outcome: Outcome = await self.telling(kv.Deduct(order))
        return outcome
