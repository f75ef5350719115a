"""Spread a hot counter over several keys, and take what one has before asking the next.

The idea: one key lies on one server of a Cluster; several parts of a counter lie on several, and
each takes its share of the crowd.

    A: part 3: takes 2 of 2 ----------------------- part 4: takes 1 of 6, has its 3
    B:                       part 3: empty ------------------------------------ part 4: takes 2

Each part is asked on its own, in a step that marks what it took (as `redis_decrement` does), so a
delivery that dies on the way is given back exactly (`recover`). A daemon levels the parts.

What it costs: a round trip a part, one before and one after; one part is enough while stock lasts.
What breaks it: fragments. Whoever looks while another has taken a unit that he will give back, or
while units are moved from a part not yet asked to one already asked, is refused with stock left
(undersold); a late payment needs the very parts that it had before. And the server, as
`redis_script`. The scripts that concern one order or one cell alone would need its keys on one
server; a Cluster needs hash tags for the first, and the second (levelling, corrections) anew.
Source: vivo, designed there and never built.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from inventory_core.domain import Cell, Line, Opening, Order, Outcome
from inventory_core.steps import clock, parts, taking
from inventory_core.strategy import ALL, UNFLUSHED, Daemon, MarkedTakings, Needs, Promise, Promises


class ScatteredKeys(MarkedTakings):
    """Parts of a counter, asked one after the other from one drawn by lot."""

    family: ClassVar = "redis"
    needs: ClassVar = Needs.KV
    refuses_for: ClassVar = "fragmented"
    promises: ClassVar = Promises(
        kept=ALL - {Promise.NO_FALSE_SOLD_OUT, Promise.LINEARIZABLE},
        loses=UNFLUSHED,
    )

    async def load(self, openings: Sequence[Opening]) -> None:
        await parts.OpenParts(tuple(openings), self.limits.parts)

    async def deduct(self, order: Order) -> Outcome:
        token = await clock.NewId()
        begun = await self.begin(order, token)
        if begun is not Outcome.DEDUCTED:
            return begun
        enough = True
        for take in order.takes:
            if not await self._take(order.number, token, take):
                enough = False
                break
        return await taking.BookTaken(order, token, enough)

    async def _take(self, number: str, token: str, take: Line) -> bool:
        """Ask the parts in turn until there is enough; what too little was taken stays marked."""
        first, wanted = await clock.Draw(self.limits.parts), take.quantity
        for n in range(self.limits.parts):
            part = (first + n) % self.limits.parts
            wanted -= await parts.TakePart(number, token, take.cell, part, wanted)
            if not wanted:
                return True
        return False

    async def adjust(self, key: str, cell: Cell, delta: int, reason: str) -> Outcome:
        return await parts.AdjustParts(key, cell, delta, self.limits.parts)

    async def read(self, cells: Sequence[Cell]) -> tuple[int, ...]:
        return await parts.ReadParts(tuple(cells), self.limits.parts)

    async def drain(self, key: str, cell: Cell) -> int:
        return await parts.DrainParts(key, cell, self.limits.parts)

    async def level(self) -> bool:
        """One turn of the daemon."""
        return bool(await parts.LevelParts(self.limits.parts, self.limits.batch))

    def daemons(self) -> tuple[Daemon, ...]:
        return (*super().daemons(), Daemon("leveller", self.level, pause_s=0.05))
