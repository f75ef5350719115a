"""Optimistic while it is calm, with the row's lock when it is not; what is measured decides.

The idea: comparing versions is cheap until buyers collide, a conditional update queues them when
they do. Both are exact on the same counter, so each order may take either, and a change needs no
agreement. Collisions add heat, time takes it away, and the two thresholds lie apart, so that it
does not change its mind with every order (hysteresis).

    heat    0 ...... collisions ...... 8: hot ....... calm ...... 2: cool again
    orders  compare and set            conditional update         compare and set

Whoever collides takes the other way at once, and so do those who want one of the last units.

What it costs: a read more than either; a collision costs a transaction.
What breaks it: the change itself, if load comes in waves as long as the heat takes to fade (tail).
Source: adaptive locks of operating systems; P. Larson et al., "High-Performance Concurrency Control
Mechanisms for Main-Memory Databases", 2011.
"""

from __future__ import annotations

from dataclasses import replace
from typing import ClassVar

from inventory_core.domain import Line, Order, Outcome
from inventory_core.records.engines import Fence
from inventory_core.steps import rows, sql
from inventory_core.strategy import Daemon, Needs, Promises, RowHolds

HEAT, HOT = ("heat",), "hot"
HOT_FROM, COOL_FROM, HEAT_MOST = 8, 2, 12


class Adaptive(RowHolds):
    """Two exact ways, and a thermometer."""

    family: ClassVar = "adaptive"
    needs: ClassVar = Needs.SQL
    promises: ClassVar = Promises()

    async def deduct(self, order: Order) -> Outcome:
        thermometer = await rows.Get(Fence, HEAT)
        waits = thermometer is not None and thermometer.holder == HOT
        answer = await self._deduct(order, waits)
        if answer is Outcome.CONTENDED:
            await self._warm()
            return await self._deduct(order, waits=True)
        return answer

    async def _deduct(self, order: Order, waits: bool) -> Outcome:
        """Contended: somebody was quicker, and nothing was done; never, if it waits."""
        async with sql.transaction() as here:
            claim = await sql.ClaimOrder(order)
            if not claim.fresh:
                return claim.answer_to(order)
            for take in order.takes:
                answer = await self._take(take, waits)
                if answer is Outcome.REFUSED:
                    return await sql.Refuse(order, take)
                if answer is Outcome.CONTENDED:
                    await here.give_up()
                    return answer
        return Outcome.DEDUCTED

    async def _take(self, take: Line, waits: bool) -> Outcome:
        left, version = await sql.ReadCell(take.cell)
        if waits or left < self.limits.few:
            taken = await sql.TakeIfEnough(take.cell, take.quantity)
            return Outcome.DEDUCTED if taken else Outcome.REFUSED
        written = await sql.WriteCellIfVersion(take.cell, left - take.quantity, version)
        return Outcome.DEDUCTED if written else Outcome.CONTENDED

    async def _warm(self) -> None:
        async with sql.transaction():
            await rows.Insert(Fence(*HEAT, 0))
            await rows.Add(Fence, HEAT, (("epoch", 1),), (("epoch", HEAT_MOST),))
            thermometer = await rows.Lock(Fence, HEAT)
            if thermometer is not None and thermometer.epoch >= HOT_FROM:
                await rows.Put(replace(thermometer, holder=HOT))

    async def cool(self) -> bool:
        """One turn: let some heat out."""
        async with sql.transaction():
            thermometer = await rows.Lock(Fence, HEAT)
            if thermometer is None or not thermometer.epoch:
                return False
            left = thermometer.epoch - 1
            holder = thermometer.holder if left > COOL_FROM else ""
            await rows.Put(replace(thermometer, epoch=left, holder=holder))
        return True

    def daemons(self) -> tuple[Daemon, ...]:
        return (*super().daemons(), Daemon("cooler", self.cool, pause_s=0.1))
