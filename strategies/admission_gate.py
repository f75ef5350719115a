"""A gate in front of the stock: a token bucket and a sold-out flag, before anything is locked.

The idea: a hot row gets slower with everybody who wants it, and after the sale nearly everybody is
refused. So most are turned away where it is cheap: those who come faster than the row can serve
wait outside (*contended*: come again), those who want what is gone are told so from a flag.

    A: gate: come in -- claim -- take 1 of 1, commit
    B: gate: come in -- claim -- take: no; flag "sold out", refused
    C: gate: "sold out": refused, and the database never hears of it

The gate remembers what it told an order: the database does not know who was refused there, so the
same order, sent again after a unit came back, would be let in, and told both.

What it costs: a round trip to Redis, and a key there for each order. What breaks it: the flag is
older than the stock. Whoever gives a unit back takes the flag away; a buyer who was refused just
before sets it just after, and until it goes by itself (a lease later) everybody is refused a unit
that is there (undersold). A Redis that loses power forgets whom it refused in the last second.
Source: vivo's "front limiting"; Stripe, "Scaling your API with rate limiters".
"""

from __future__ import annotations

from typing import ClassVar

from inventory_core.domain import Line, Order, Outcome
from inventory_core.steps import clock, gate, sql
from inventory_core.strategy import ALL, Needs, Promise, Promises, RowHolds


class AdmissionGate(RowHolds):
    """A conditional update behind a gate."""

    family: ClassVar = "admission"
    needs: ClassVar = Needs.SQL | Needs.KV
    refuses_for: ClassVar = "stale_flag"
    promises: ClassVar = Promises(kept=ALL - {Promise.NO_FALSE_SOLD_OUT, Promise.LINEARIZABLE})

    async def deduct(self, order: Order) -> Outcome:
        admitted = await self._admitted(order)
        if admitted is not Outcome.DEDUCTED:
            stored = await sql.FindOrder(order.number)
            return admitted if stored is None else stored.answer_to(order)
        async with sql.transaction():
            claim = await sql.ClaimOrder(order)
            if not claim.fresh:
                return claim.answer_to(order)
            short = None
            for take in order.takes:
                if not await sql.TakeIfEnough(take.cell, take.quantity):
                    await sql.Refuse(order, take)
                    short = take
                    break
        if short is None:
            return Outcome.DEDUCTED
        if not (await sql.ReadCell(short.cell)).sellable:
            await gate.MarkSoldOut(short.cell, self.limits.lease_ms)
        return Outcome.REFUSED

    async def give(self, owner: str, generation: int, take: Line) -> None:
        await super().give(owner, generation, take)
        await gate.Unmark(take.cell)

    async def _admitted(self, order: Order) -> Outcome:
        """Ask a few times: a token may come soon, a flag does not go so fast."""
        limits = self.limits
        for attempt in range(limits.tries):
            answer = await gate.Admit(order, limits.tokens_per_s, limits.bucket)
            if answer is not Outcome.CONTENDED:
                return answer
            await clock.BackOff(attempt, limits.back_off_s, limits.back_off_most_s)
        return Outcome.CONTENDED
