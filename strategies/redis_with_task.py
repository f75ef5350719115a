"""Redis counts, inside a database transaction that keeps the order and a task: vivo's scheme B.

The idea: Redis is fast at counting, the database is safe at remembering. The order's claim, its log
and a *stock task* commit together; a worker later applies the tasks to the counter row.

    buyer:   claim -- script in Redis: yes -- tasks -- commit -- "deducted"
    worker:                                                     task -- row 1 -> 0 -- commit

What it costs: a round trip to Redis while the transaction is open; but the hot row is written by
the worker alone, so buyers do not queue for it.
What breaks it: a client that dies between script and commit leaves units in Redis that no order
owns, until `recover` finds them (how: see `CountedHolds`). If Redis loses its data, it must be
rebuilt from the rows before it serves.
Source: vivo, "scheme B".
"""

from __future__ import annotations

from types import MappingProxyType
from typing import ClassVar

from inventory_core.domain import HoldState, Order, Outcome
from inventory_core.steps import kv, sql
from inventory_core.strategy import CountedHolds, Fault, Needs, Promises


class RedisWithTask(CountedHolds):
    """Counter in Redis, truth in rows, a worker between them."""

    family: ClassVar = "redis"
    needs: ClassVar = Needs.SQL | Needs.KV
    counts_within: ClassVar = True
    promises: ClassVar = Promises(
        loses=MappingProxyType(
            {Fault.POWER_LOST: "no order; the counter in Redis must be rebuilt from the rows"}
        ),
        settles_within_s=1.0,
    )

    async def deduct(self, order: Order) -> Outcome:
        async with sql.transaction() as here:
            claim = await sql.ClaimOrder(order)
            if not claim.fresh:
                await self.make_sure_returned(order.number, claim)
                return claim.answer_to(order)
            counted = await kv.Deduct(order)
            if counted in (Outcome.DEDUCTED, Outcome.REPLAYED):
                await self.leave_tasks(order.number, 1, order.takes, -1)
                return Outcome.DEDUCTED
            if counted is Outcome.REFUSED:
                await sql.Settle(order.number, HoldState.REFUSED)
            elif counted is Outcome.MISMATCHED:
                await here.give_up()
            else:  # a recovery closed it before this transaction could claim it
                await sql.Settle(order.number, HoldState.ROLLED_BACK)
        return counted
