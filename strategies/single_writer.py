"""Orders are appended to a queue, and one writer at a time works it off, in batches.

The idea: nobody competes for the hot row, because only the writer touches it; buyers leave their
order and wait. The writer is whoever holds the writer's row: a buyer who comes to it and finds his
order unanswered works off the queue as it stands, his own order included; a daemon does it for
those who have died.

    A: append 1 -- is the writer -- settles 1, 2, 3 in one transaction -- "deducted"
    B: append 2 -- waits for the writer's row ........................... reads his answer
    C: append 3 -- waits .................................................... reads his answer

The row carries an epoch, raised with every batch in the same transaction: a writer that was paused
and comes back has lost the row and with it the transaction, so it can write nothing.

What it costs: an append and a wait; order by order it is the slowest, in batches the row is written
once. What breaks it: nothing, but one queue is one writer (hot partition, the tail).
Source: the LMAX architecture; "one writer per partition" of stream processors.
"""

from __future__ import annotations

from dataclasses import replace
from typing import ClassVar

from inventory_core.domain import Cell, Line, Order, Outcome
from inventory_core.records.engines import Fence, Message
from inventory_core.steps import clock, rows, sql
from inventory_core.strategy import Daemon, Needs, Promises, RowHolds
from inventory_core.strategy.merging import settle_in_rows

QUEUE, WRITER = "orders", ("writer",)
ROUNDS_MOST = 1_000  # batches ahead of an order


class SingleWriter(RowHolds):
    """A queue in rows, and a fence for whoever works it off."""

    family: ClassVar = "queue"
    needs: ClassVar = Needs.SQL
    promises: ClassVar = Promises()

    async def deduct(self, order: Order) -> Outcome:
        entry = _entry(order, await clock.NewId(), await rows.StoreClock())
        await rows.Insert(entry)
        for _ in range(ROUNDS_MOST):
            answer = await self._work(entry)
            if answer is not None:
                return answer
        return Outcome.CONTENDED

    async def _work(self, mine: Message | None) -> Outcome | None:
        """Be the writer once; the answer to this entry, if there is one then."""
        async with sql.transaction():
            await rows.Insert(Fence(*WRITER, 0))
            await rows.Lock(Fence, WRITER)
            if mine is not None:
                there = await rows.Get(Message, (QUEUE, mine.message_key))
                if there is not None and there.done:
                    return Outcome(there.answer)
            waiting = (("queue", "=", QUEUE), ("done", "=", False))
            batch = await rows.Select(Message, waiting, ("at_ms",), limit=self.limits.group)
            answers = await settle_in_rows([_order(entry) for entry in batch]) if batch else ()
            await rows.Add(Fence, WRITER, (("epoch", 1),))
            told = None
            for entry, answer in zip(batch, answers, strict=True):
                await rows.Put(replace(entry, done=True, answer=answer.value))
                if mine is not None and entry.message_key == mine.message_key:
                    told = answer
        return told

    async def write(self) -> bool:
        """One turn: work off what dead buyers have left in the queue."""
        waiting = (("queue", "=", QUEUE), ("done", "=", False))
        if not await rows.Select(Message, waiting, limit=1):
            return False
        await self._work(None)
        return True

    def daemons(self) -> tuple[Daemon, ...]:
        return (*super().daemons(), Daemon("writer", self.write, pause_s=0.25))


def _entry(order: Order, delivery: str, now_ms: int) -> Message:
    """An order in the queue; every delivery has an entry of its own."""
    lines = [(line.cell.sku, line.cell.place, line.quantity) for line in order.lines]
    hold_ms = int(order.hold_s * 1000)
    body = (order.number, order.buyer, hold_ms, *(each for line in lines for each in line))
    return Message(QUEUE, f"{order.number} {delivery}", now_ms, body)


def _order(entry: Message) -> Order:
    number, buyer, hold_ms, *of = entry.body
    lines = [
        Line(Cell(str(of[at]), str(of[at + 1])), int(of[at + 2])) for at in range(0, len(of), 3)
    ]
    return Order(str(number), tuple(lines), str(buyer), int(hold_ms) / 1000)
