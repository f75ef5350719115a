"""Try, confirm, cancel: every cell in a transaction of its own, and a decision about all of them.

The idea: when the cells of a basket lie in different databases, no transaction spans them. So each
freezes its units by itself (try), one row decides, and the cells follow (confirm or cancel).

    try a: freeze 1   try b: freeze 1   decide: order 1 is held   confirm a, b
    try a: freeze 1   try b: no         decide: refused           cancel a

Each branch keeps a record, in the transaction that freezes: so a second try freezes nothing, a
cancel gives back once, a try that comes after its cancel finds it and stays away (hanging), and a
cancel that comes before its try leaves a record for it (empty rollback).

What it costs: a transaction a cell and one more. What breaks it: units that are frozen for a basket
which is then refused look sold meanwhile (undersold); a buyer who dies between two branches leaves
them frozen until `recover`.
Source: P. Helland, "Life beyond Distributed Transactions", 2007; Seata, "TCC fence".
"""

from __future__ import annotations

from dataclasses import replace
from typing import ClassVar

from inventory_core.domain import Cell, HoldState, Line, Order, Outcome
from inventory_core.records.engines import Message
from inventory_core.steps import rows, sql
from inventory_core.strategy import ALL, Needs, Promise, Promises, RowHolds

BRANCHES, CANCELLED = "branch", "cancelled"


class TryConfirmCancel(RowHolds):
    """A branch a cell, and a decision."""

    family: ClassVar = "saga"
    needs: ClassVar = Needs.SQL
    refuses_for: ClassVar = "in_other_hands"
    promises: ClassVar = Promises(kept=ALL - {Promise.NO_FALSE_SOLD_OUT, Promise.LINEARIZABLE})

    async def deduct(self, order: Order) -> Outcome:
        branches = [_branch(order, take) for take in order.takes]
        enough, frozen = True, 0
        for branch, take in zip(branches, order.takes, strict=True):
            enough = enough and await self._try(branch, take)
            frozen += enough
        async with sql.transaction():
            claim = await sql.ClaimOrder(order)
            ours = claim.fingerprint == order.fingerprint and claim.state.owns_units
            if claim.fresh and not enough:
                await sql.Settle(order.number, HoldState.REFUSED)
            for place, branch in enumerate(branches):
                confirm = ours and (enough or not claim.fresh)
                await self._end(branch, place < frozen, confirm)
            if claim.fresh:
                return Outcome.DEDUCTED if enough else Outcome.REFUSED
        return claim.answer_to(order)

    async def _try(self, branch: Message, take: Line) -> bool:
        """Freeze, unless another delivery has; False: not enough, or cancelled already."""
        async with sql.transaction() as here:
            if not await rows.Insert(branch):
                there = await rows.Get(Message, (branch.queue, branch.message_key))
                return there is not None and there.answer != CANCELLED
            if await sql.TakeIfEnough(take.cell, take.quantity):
                return True
            await here.give_up()
        return False

    async def _end(self, branch: Message, frozen: bool, confirm: bool) -> None:
        """Confirm or cancel what is frozen; the order's row is ours, so nobody else decides."""
        cancelled = replace(branch, done=True, answer=CANCELLED)
        if not frozen and await rows.Insert(cancelled):  # a later delivery must not freeze
            return
        there = await rows.Lock(Message, (branch.queue, branch.message_key))
        if there is not None and not there.done:
            await rows.Put(replace(there, done=True, answer="" if confirm else CANCELLED))
            if not confirm:
                _, _, sku, place, quantity = there.body
                await sql.GiveBack(Cell(str(sku), str(place)), int(quantity))

    async def recover(self) -> None:
        frozen = (("queue", "=", BRANCHES), ("done", "=", False))
        for branch in await rows.Select(Message, frozen, ("at_ms",), limit=10_000):
            async with sql.transaction():
                stored = await sql.Bury(str(branch.body[0]))
                same = stored.fingerprint == branch.body[1]
                await self._end(branch, True, confirm=same and stored.state.owns_units)


def _branch(order: Order, take: Line) -> Message:
    """The record of a branch; another body under the same number has branches of its own."""
    key = f"{order.number} {order.fingerprint} {take.cell}"
    cell = take.cell
    body = (order.number, order.fingerprint, cell.sku, cell.place, take.quantity)
    return Message(BRANCHES, key, 0, body)
