"""Redis decides and remembers; a worker copies what it decided to the rows: vivo's scheme A.

The idea: the buyer waits for one script and for no database. The script leaves a note, in the same
step, of the order that it changed; the worker reads how that order stands now, and writes it.

    buyer:   script in Redis: yes, noted -- "deducted"
    worker:                                note -- how it stands -- hold, log, row 1 -> 0 -- commit

A copy says how an order stands, not what was done, so copying it twice, or late, or by two workers
at once (the hold's row decides) writes the same; a note goes when the order still stands so.

What it costs: one round trip. The rows lag behind, by the worker's pause at least.
What breaks it: Redis. What it had answered and not yet flushed is lost, whatever the rows say, and
its units are sold again (oversold). The rows are no help: those that were copied tell afterwards
how much was oversold, and those that were not have left no trace at all.
Source: vivo, "scheme A".
"""

from __future__ import annotations

from typing import ClassVar

from inventory_core.domain import Order, Outcome
from inventory_core.steps import kv
from inventory_core.strategy import UNFLUSHED, CopiedHolds, Needs, Promises


class RedisThenDatabase(CopiedHolds):
    """The truth in Redis, a copy in rows."""

    family: ClassVar = "redis"
    needs: ClassVar = Needs.SQL | Needs.KV
    promises: ClassVar = Promises(
        loses=UNFLUSHED,
        settles_within_s=1.0,
    )

    async def deduct(self, order: Order) -> Outcome:
        outcome: Outcome = await self.telling(kv.Deduct(order))
        return outcome
