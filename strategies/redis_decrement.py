"""Decrement first and look afterwards: `DECRBY`, and give back if it fell below zero.

The idea: no script that checks, no lock; the counter's own answer says whether there was enough.

    A: decrement 1 by 2 -> -1: too much -------------- give back 2 -> 1, refused
    B:                        decrement 1 -> -2: refused, although the unit is there

The decrements of a basket are several steps, so each leaves a mark in the same step: whoever finds
a delivery that died in the middle (`recover`) gives back exactly what it took.

What it costs: a round trip a line, one before and one after; no round trip waits for anybody.
What breaks it: between decrement and giving back the counter is too low, and whoever looks then is
refused falsely (undersold); a delivery that dies in between strands its units until `recover`. And
the server, as `redis_script`: what was not yet flushed is sold again.
Source: the usual "Redis DECR" recipe of flash sales, with the journal that it leaves out.
"""

from __future__ import annotations

from typing import ClassVar

from inventory_core.domain import Order, Outcome
from inventory_core.steps import clock, taking
from inventory_core.strategy import ALL, UNFLUSHED, MarkedTakings, Needs, Promise, Promises


class RedisDecrement(MarkedTakings):
    """Optimistic decrements with compensation."""

    family: ClassVar = "redis"
    needs: ClassVar = Needs.KV
    refuses_for: ClassVar = "in_other_hands"
    promises: ClassVar = Promises(
        kept=ALL - {Promise.NO_FALSE_SOLD_OUT, Promise.LINEARIZABLE},
        loses=UNFLUSHED,
    )

    async def deduct(self, order: Order) -> Outcome:
        token = await clock.NewId()
        begun = await self.begin(order, token)
        if begun is not Outcome.DEDUCTED:
            return begun
        enough = True
        for take in order.takes:
            if await taking.TakeMarked(order.number, token, take) < 0:
                enough = False
                break
        return await taking.BookTaken(order, token, enough)
