"""The memory of the process in an event loop: others run while a plan waits in a queue."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

from inventory_core.steps import mailbox
from inventory_core.steps.errors import ConnectionLost
from inventory_core.steps.mailbox import Seat
from inventory_core.steps.step import Step
from inventory_core.stores.asynchronous.session import AsyncHandler
from inventory_core.stores.memory import Member, Memory


class AsyncMemoryPart:
    """The memory as one session sees it, for one plan at a time."""

    def __init__(self, memory: Memory) -> None:
        self._memory = memory
        self._mine: tuple[str, Member] | None = None  # where this session waits, or leads
        self.handlers: Mapping[type[Step[Any]], AsyncHandler] = {
            mailbox.Join: self._join,
            mailbox.Reply: self._reply,
            mailbox.Fail: self._fail,
        }

    @property
    def at_rest(self) -> bool:
        """Does nobody wait for it, nor it for anybody?"""
        return self._mine is None

    async def reset(self) -> None:
        """Leave what an abandoned plan still waits for, or leads."""
        self.close()

    def close(self) -> None:
        """As `reset`."""
        if self._mine is not None:
            queue, member = self._mine
            self._mine = None
            self._memory.leave(queue, member)

    async def _join(self, step: mailbox.Join) -> Seat:
        loop = asyncio.get_running_loop()
        turn: asyncio.Future[Seat | None] = loop.create_future()

        def told(seat: Seat | None) -> None:
            loop.call_soon_threadsafe(_settle, turn, seat)

        self._mine = step.queue, self._memory.join(step, told)
        seat = await turn
        if seat is None or not seat.leads:
            self._mine = None
        if seat is None:
            raise ConnectionLost("who led the group is gone")
        return seat

    async def _reply(self, step: mailbox.Reply) -> None:
        self._memory.reply(step.queue, step.ticket, step.answers)
        self._mine = None

    async def _fail(self, step: mailbox.Fail) -> None:
        self._memory.reply(step.queue, step.ticket, None)
        self._mine = None


def _settle(turn: asyncio.Future[Seat | None], seat: Seat | None) -> None:
    if not turn.done():  # who was cancelled leaves by `reset`
        turn.set_result(seat)
