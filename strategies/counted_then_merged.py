"""Redis counts first, the rows remember, and a worker writes the counter rows in merged updates.

The idea: no transaction is open while Redis counts, and the hot row is written once for a batch of
orders, by one worker, instead of once an order.

    buyer:   script in Redis: yes -- claim, log, tasks, commit -- "deducted"
    worker:                                              tasks of 50 orders: row 120 -> 63, commit

What it costs: one round trip to Redis and one short transaction that touches no counter.
What breaks it: units that are counted for an order which the rows then do not take (it was rolled
back first, or its client died) look sold meanwhile (undersold). Those of the dead are found by
`recover`, which closes their generation, so that a late write is told (the fence; how: see
`CountedHolds`). If Redis loses its data, it is rebuilt from the rows.
Source: vivo, "stock in Redis, details in the database, merged updates".
"""

from __future__ import annotations

from types import MappingProxyType
from typing import ClassVar

from inventory_core.domain import HoldState, Order, Outcome
from inventory_core.steps import kv, sql
from inventory_core.strategy import ALL, CountedHolds, Fault, Needs, Promise, Promises
from inventory_core.strategy.merging_tasks import Applied, merge_tasks


class CountedThenMerged(CountedHolds):
    """Count, then remember; the counter rows follow in batches."""

    family: ClassVar = "merged"
    needs: ClassVar = Needs.SQL | Needs.KV
    refuses_for: ClassVar = "in_other_hands"
    promises: ClassVar = Promises(
        kept=ALL - {Promise.NO_FALSE_SOLD_OUT, Promise.LINEARIZABLE},
        loses=MappingProxyType(
            {Fault.POWER_LOST: "no order; the counter in Redis must be rebuilt from the rows"}
        ),
        settles_within_s=1.0,
    )

    async def deduct(self, order: Order) -> Outcome:
        counted = await kv.Deduct(order)
        async with sql.transaction() as here:
            claim = await sql.ClaimOrder(order)
            if not claim.fresh:
                await self.make_sure_returned(order.number, claim)
                return claim.answer_to(order)
            if counted in (Outcome.DEDUCTED, Outcome.REPLAYED):
                await self.leave_tasks(order.number, 1, order.takes, -1)
                return Outcome.DEDUCTED
            if counted is Outcome.MISMATCHED:
                await here.give_up()
            elif counted is Outcome.REFUSED:
                await sql.Settle(order.number, HoldState.REFUSED)
            else:  # a rollback or a recovery came before the rows knew of the order
                await sql.Settle(order.number, HoldState.ROLLED_BACK)
        return counted

    async def apply_some(self) -> Applied:
        return await merge_tasks(self.limits.batch)
