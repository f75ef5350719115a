"""Each node leases a quota, sells from it alone, and gets a new one when it is spent.

The idea: a node that has fifty units of its own need ask nobody for the next fifty orders; the hot
row is written once a lease. What a node has left it loses when the lease ends.

    node 1: lease 50 of 100 -- sells 50, asking nobody -- lease 50 more ...
    node 2:   lease 50 -- sells 3 -- dies: 47 units are nobody's until the lease ends,
                                     and a reclaimer puts them back

The quota is the node's journal: a row that only this node writes, in the transaction that books the
order, so what it says it has spent is spent. It carries an epoch, raised whenever it changes hands,
and who comes back after the end of its lease finds its quota gone.

What it costs: as much as a conditional update on a row that nobody else wants.
What breaks it: near the end units lie with nodes whose buyers do not come, and others are refused
(undersold, fragmented); with a dead node they are stranded until its lease ends.
Source: P. O'Neil's escrow, made local; "inventory buckets" of ride and flash-sale systems.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import ClassVar

from inventory_core.domain import Cell, Line, Order, Outcome
from inventory_core.records.engines import Quota
from inventory_core.steps import clock, rows, sql
from inventory_core.strategy import ALL, Daemon, Needs, Promise, Promises, RowHolds


class LeasedQuota(RowHolds):
    """A share of the stock for a while."""

    family: ClassVar = "quota"
    needs: ClassVar = Needs.SQL
    refuses_for: ClassVar = "fragmented"
    promises: ClassVar = Promises(kept=ALL - {Promise.NO_FALSE_SOLD_OUT, Promise.LINEARIZABLE})

    async def node(self) -> int:
        """On which node the buyer has landed."""
        return await clock.Node(self.limits.nodes)

    async def deduct(self, order: Order) -> Outcome:
        node = await self.node()
        async with sql.transaction():
            claim = await sql.ClaimOrder(order)
            if not claim.fresh:
                return claim.answer_to(order)
            for take in order.takes:
                if not await self._spend(f"node {node}", take):
                    return await self.refuse(order, take)
        return Outcome.DEDUCTED

    async def _spend(self, node: str, take: Line) -> bool:
        """From what the node has leased, or a new lease; a lease of more if one is left."""
        cell, now_ms = take.cell, await rows.StoreClock()
        fresh = Quota(cell.sku, cell.place, node, 0, 0, 0)
        await rows.Insert(fresh)
        mine = await rows.Lock(Quota, (cell.sku, cell.place, node)) or fresh
        if mine.due_ms <= now_ms or mine.units < take.quantity:
            wanted = take.quantity - mine.units if mine.due_ms > now_ms else take.quantity
            for units in (max(wanted, self.limits.quota), wanted):
                if await sql.TakeIfEnough(cell, units):
                    due_ms = now_ms + self.limits.lease_ms
                    mine = replace(
                        mine, units=mine.units + units, epoch=mine.epoch + 1, due_ms=due_ms
                    )
                    break
            else:
                return False
        return await rows.Put(replace(mine, units=mine.units - take.quantity))

    async def take(self, owner: str, generation: int, take: Line) -> bool:
        """A late payment or a correction belongs to no node: it takes the leases back first."""
        if await sql.TakeIfEnough(take.cell, take.quantity):
            return True
        await self._call_in(take.cell)
        return await sql.TakeIfEnough(take.cell, take.quantity)

    async def empty(self, cell: Cell) -> int:
        await self._call_in(cell)
        return await super().empty(cell)

    async def read(self, cells: Sequence[Cell]) -> tuple[int, ...]:
        counted = await super().read(cells)
        leased = [await rows.Sum(Quota, "units", _of(cell)) for cell in cells]
        return tuple(sum(both) for both in zip(counted, leased, strict=True))

    async def _call_in(self, cell: Cell) -> None:
        """Put every lease of a cell back, node by node."""
        for quota in await rows.Select(Quota, _of(cell)):
            await self._end(await rows.Lock(Quota, (quota.sku, quota.place, quota.node)))

    async def _end(self, quota: Quota | None) -> None:
        if quota is not None and quota.units:
            await sql.GiveBack(Cell(quota.sku, quota.place), quota.units)
            await rows.Put(replace(quota, units=0, epoch=quota.epoch + 1, due_ms=0))

    async def reclaim(self) -> bool:
        """One turn: put back what leases that have ended still hold."""
        async with sql.transaction():
            now_ms = await rows.StoreClock()
            over = (("due_ms", "<=", now_ms), ("units", ">", 0))
            ended = await rows.Select(Quota, over, limit=self.limits.batch, lock_free=True)
            for quota in ended:
                await self._end(quota)
        return bool(ended)

    def daemons(self) -> tuple[Daemon, ...]:
        return (*super().daemons(), Daemon("reclaimer", self.reclaim, pause_s=0.25))


def _of(cell: Cell) -> tuple[rows.Where, ...]:
    return (("sku", "=", cell.sku), ("place", "=", cell.place))
