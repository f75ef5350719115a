"""The memory of this process: the queues in which plans wait to be settled as a group.

One for each set of stores, shared by every session on them in this process, whichever thread or
event loop it belongs to. Nothing here waits: whoever joins says whom to tell. See `steps.mailbox`
for what the steps promise.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass, field
from typing import Any

from inventory_core.domain import Limits
from inventory_core.steps import mailbox
from inventory_core.steps.errors import ConnectionLost
from inventory_core.steps.mailbox import Seat
from inventory_core.steps.step import Step
from inventory_core.stores.session import Handler

Told = Callable[[Seat | None], None]
"""Called once, with a seat, or with None when nobody knows what became of the item."""


class Member:
    """Somebody in a queue, or of a group."""

    __slots__ = ("item", "told")

    def __init__(self, item: Any, told: Told) -> None:
        self.item = item
        self.told = told


@dataclass(slots=True)
class _Queue:
    waiting: deque[Member] = field(default_factory=deque)
    led: dict[int, tuple[Member, ...]] = field(default_factory=dict)  # by ticket; first: leader
    tickets: int = 0
    most: int = 1
    lanes: int = 1

    def next_group(self) -> tuple[Member, Seat] | None:
        """The first in the queue leads, if a lane is free."""
        if not self.waiting or len(self.led) >= self.lanes:
            return None
        size = min(self.most, len(self.waiting))
        group = tuple([self.waiting.popleft() for _ in range(size)])
        self.tickets += 1
        self.led[self.tickets] = group
        items = tuple([member.item for member in group])
        return group[0], Seat(True, self.tickets, items, 0)


class Memory:
    """The queues of one set of stores. Safe to use from several threads."""

    def __init__(self) -> None:
        self._queues: dict[str, _Queue] = {}
        self._lock = threading.Lock()

    def join(self, step: mailbox.Join, told: Told) -> Member:
        """Queue; `told` may be called before this returns."""
        member = Member(step.item, told)
        with self._lock:
            queue = self._queues.get(step.queue) or self._queues.setdefault(step.queue, _Queue())
            queue.most, queue.lanes = step.most, step.lanes
            queue.waiting.append(member)
            lead = queue.next_group()
        _tell(lead)
        return member

    def reply(self, queue: str, ticket: int, answers: tuple[Any, ...] | None) -> None:
        """Tell a group, all but its leader, and let the next one begin first.

        Without answers, nobody knows. A ticket that is over is nobody's.
        """
        with self._lock:
            here = self._queues.get(queue)
            group = here.led.pop(ticket, ()) if here else ()
            lead = here.next_group() if here else None
        _tell(lead)
        seat: Seat | None = None
        for at in range(1, len(group)):
            if answers is not None and (seat is None or seat.answer is not answers[at]):
                seat = Seat(False, answer=answers[at])  # most of a group are told the same
            group[at].told(seat)

    def leave(self, queue: str, member: Member) -> None:
        """Somebody wants no answer any more; if he has begun to lead, his group has lost."""
        with self._lock:
            here = self._queues[queue]
            if member in here.waiting:
                here.waiting.remove(member)
                return
            ticket = next((one for one, group in here.led.items() if group[0] is member), None)
        if ticket is not None:
            self.reply(queue, ticket, None)


def _tell(lead: tuple[Member, Seat] | None) -> None:
    if lead is not None:
        member, seat = lead
        member.told(seat)


_MEMORIES: dict[Hashable, Memory] = {}
_MAKING = threading.Lock()


def memory_of(stores: Hashable) -> Memory:
    """This process's memory for a set of stores, by whatever tells it from others."""
    with _MAKING:
        return _MEMORIES.setdefault(stores, Memory())


class MemoryPart:
    """The memory as one session sees it: for one plan at a time, on its own thread."""

    def __init__(self, memory: Memory, limits: Limits) -> None:
        self._memory = memory
        self._patience_s = limits.lock_wait_s * 2
        self._mine: tuple[str, Member] | None = None  # where this session waits, or leads
        self.handlers: Mapping[type[Step[Any]], Handler] = {
            mailbox.Join: self._join,
            mailbox.Reply: lambda step: self._over(step, step.answers),
            mailbox.Fail: lambda step: self._over(step, None),
        }

    def _join(self, step: mailbox.Join) -> Seat:
        here = threading.Event()
        seats: list[Seat | None] = []

        def told(seat: Seat | None) -> None:
            seats.append(seat)
            here.set()

        self._mine = step.queue, self._memory.join(step, told)
        if not here.wait(self._patience_s):
            self.reset()
            raise ConnectionLost("nobody led the queue")
        (seat,) = seats
        if seat is None or not seat.leads:
            self._mine = None
        if seat is None:
            raise ConnectionLost("who led the group is gone")
        return seat

    def _over(self, step: mailbox.Reply | mailbox.Fail, answers: tuple[Any, ...] | None) -> None:
        self._memory.reply(step.queue, step.ticket, answers)
        self._mine = None

    def reset(self) -> None:
        """Leave what an abandoned plan still waits for, or leads."""
        if self._mine is not None:
            queue, member = self._mine
            self._mine = None
            self._memory.leave(queue, member)

    def close(self) -> None:
        """As `reset`."""
        self.reset()
