"""Deduct, and leave a message about it in the same transaction; a relay publishes it.

The idea: whoever must hear of a deduction (the warehouse, the mail) is told from a table, not from
the code after the commit, so no deduction goes unheard and none is announced that never was.

    buyer:  claim -- take -- message "deducted 1" -- commit
    relay:                                             message -- publish -- mark it as done

What it costs: a row more an order, and a relay. What breaks it: nothing; but others hear of it as
late as the relay comes by (its lag), and twice if the relay dies between publishing and marking, so
whoever listens must know what he has heard: here he keeps the message's key.
Source: C. Richardson, "Transactional outbox"; P. Helland, "Life beyond Distributed Transactions".
"""

from __future__ import annotations

from dataclasses import replace
from typing import ClassVar

from inventory_core.domain import Order, Outcome
from inventory_core.records.engines import Message
from inventory_core.steps import rows, sql
from inventory_core.strategy import Daemon, Needs, Promises, RowHolds

OUTBOX, HEARD = "outbox", "heard"


class TransactionalOutbox(RowHolds):
    """A conditional update that is announced exactly as often as it happened."""

    family: ClassVar = "outbox"
    needs: ClassVar = Needs.SQL
    promises: ClassVar = Promises(settles_within_s=1.0)

    async def deduct(self, order: Order) -> Outcome:
        async with sql.transaction():
            claim = await sql.ClaimOrder(order)
            if not claim.fresh:
                return claim.answer_to(order)
            for take in order.takes:
                if not await sql.TakeIfEnough(take.cell, take.quantity):
                    return await sql.Refuse(order, take)
            body = tuple(text for take in order.takes for text in (str(take.cell), take.quantity))
            await rows.Insert(Message(OUTBOX, order.number, 0, body))
        return Outcome.DEDUCTED

    async def relay(self) -> bool:
        """One turn: publish a batch, each message once as far as who listens can tell."""
        async with sql.transaction():
            waiting = (("queue", "=", OUTBOX), ("done", "=", False))
            batch = await rows.Select(
                Message, waiting, ("at_ms",), limit=self.limits.batch, lock_free=True
            )
            for message in batch:
                await rows.Insert(replace(message, queue=HEARD, done=True))
                await rows.Put(replace(message, done=True))
        return bool(batch)

    def daemons(self) -> tuple[Daemon, ...]:
        return (*super().daemons(), Daemon("relay", self.relay))
