"""Orders that come at the same moment are settled together: group commit by hand.

The idea: on a hot row the lock, the round trip and the flush cost the same for one order as for a
hundred. So the process that serves the buyers lets them queue, and one of them settles everything
that waits. While there is plenty, one statement that commits by itself claims all numbers, writes
the logs, and takes from each cell what the group gets; the hot row is locked last.

    A: joins, leads (A) -- [claim, log, lock, take, commit]
    B:    joins ......................................  leads (B, C) -- [claim ... commit]
    C:       joins ...................................  answered by B, once B's commit is known

If a cell has too little for everybody, that statement leaves nothing behind, and the leader looks
closely: claims all numbers, locks each cell once, decides in memory in the order of arrival, and
books logs and counters, in one transaction.

Every order has its hold and its log, and its exact outcome: duplicates are answered first, and what
does not fit is skipped, so the outcomes are those of the same orders one after the other.

What it costs: an order waits for the group before it, so its latency is one to two groups long; and
memory of a process, which dies with it: who was not answered asks again under the same number.
What breaks it: nothing, but near the last unit a group pays a round trip for nothing.
Source: group commit (D. Gawlick, 1985); LevelDB's queue of writers.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from inventory_core.domain import Order, Outcome
from inventory_core.steps import ConstraintBroken, StepError, mailbox, sql
from inventory_core.strategy import Needs, Promises, RowHolds
from inventory_core.strategy.merging import settle_in_plenty, settle_in_rows

QUEUE = "merged_update"


class MergedUpdate(RowHolds):
    """One statement for everybody who waits."""

    family: ClassVar = "merged"
    needs: ClassVar = Needs.SQL | Needs.LOCAL
    promises: ClassVar = Promises()

    async def deduct(self, order: Order) -> Outcome:
        seat = await mailbox.Join(QUEUE, order, self.limits.group, self.limits.lanes)
        if not seat.leads:
            answer: Outcome = seat.answer
            return answer
        try:
            outcomes = await self._settle(seat.group)
        except StepError:
            await mailbox.Fail(QUEUE, seat.ticket)
            raise
        await mailbox.Reply(QUEUE, seat.ticket, outcomes)
        return outcomes[seat.place]

    async def _settle(self, group: Sequence[Order]) -> tuple[Outcome, ...]:
        try:
            return await settle_in_plenty(group)
        except ConstraintBroken:
            async with sql.transaction():
                return await settle_in_rows(group)
