"""The memory of a process as a pure state machine: who queues, who leads whom, who is answered.

Joining and leading are two moves, so that others may join in between. Whoever waits may be the
next to lead: a real process takes the first in the queue, so its schedules are among ours. When a
leader's client is gone, the process is: everybody who queues there has lost his answer.
"""

from __future__ import annotations

from collections.abc import Hashable
from typing import Any, NamedTuple

from inventory_core.steps import mailbox
from inventory_core.steps.errors import ConnectionLost
from inventory_core.steps.mailbox import Seat
from scenarios.model.answers import PARTIAL, Answer, Blocked, Done, Failed


class Waiting(NamedTuple):
    """Somebody in a queue."""

    session: int
    item: Any


class Queue(NamedTuple):
    """One queue. `led`: for every leader's session, those in its group, itself among them."""

    waiting: tuple[Waiting, ...] = ()
    led: tuple[tuple[int, tuple[Waiting, ...]], ...] = ()
    answered: tuple[tuple[int, Any], ...] = ()  # by session; `_LOST` for who is not


class _Lost(NamedTuple):
    """Stands for an answer that will not come."""


_LOST = _Lost()
EMPTY = Queue()


class Mailboxes:
    """Every queue of a process, by name. Queues are values, so copies are cheap."""

    def __init__(self) -> None:
        self._queues: dict[str, Queue] = {}

    def copy(self) -> Mailboxes:
        """The same state, apart."""
        twin = Mailboxes()
        twin._queues = self._queues.copy()
        return twin

    def key(self) -> Hashable:
        """The state as a value; None when nobody is there."""
        return frozenset(self._queues.items()) if self._queues else None

    def perform(self, session: int, step: Any) -> Answer:
        """Carry out a step, or as much of it as can be done now."""
        queue = self._queues.get(step.queue, EMPTY)
        if isinstance(step, mailbox.Join):
            return self._join(session, step, queue)
        answers = step.answers if isinstance(step, mailbox.Reply) else None
        self._put(step.queue, _over(queue, step.ticket, answers))
        return Done(None)

    def holds(self, session: int) -> bool:
        """Does it queue, or lead?"""
        return any(_is_in(queue, session) for queue in self._queues.values())

    def drop(self, session: int) -> None:
        """A client is gone. If it led, its process is, and everybody in its queues has lost."""
        for name, queue in list(self._queues.items()):
            if any(leader == session for leader, _ in queue.led):
                self._put(name, _all_lost(queue, session))
            else:
                left = tuple(one for one in queue.waiting if one.session != session)
                answered = tuple(one for one in queue.answered if one[0] != session)
                self._put(name, queue._replace(waiting=left, answered=answered))

    def _join(self, session: int, step: mailbox.Join, queue: Queue) -> Answer:
        for at, (who, answer) in enumerate(queue.answered):
            if who == session:
                rest = queue.answered[:at] + queue.answered[at + 1 :]
                self._put(step.queue, queue._replace(answered=rest))
                if answer is _LOST:
                    return Failed(ConnectionLost())
                return Done(Seat(False, answer=answer))
        if not _is_in(queue, session):
            waiting = (*queue.waiting, Waiting(session, step.item))
            self._put(step.queue, queue._replace(waiting=waiting))
            return PARTIAL
        mine = next((at for at, one in enumerate(queue.waiting) if one.session == session), None)
        if mine is None or len(queue.led) >= step.lanes:
            return Blocked(step.queue)
        first = max(0, mine + 1 - step.most)  # whoever leads is in the group
        group = queue.waiting[first : first + step.most]
        rest_waits = queue.waiting[:first] + queue.waiting[first + step.most :]
        led = (*queue.led, (session, group))
        self._put(step.queue, queue._replace(waiting=rest_waits, led=led))
        items = tuple(one.item for one in group)
        return Done(Seat(True, session, items, mine - first))

    def _put(self, name: str, queue: Queue) -> None:
        if queue == EMPTY:
            self._queues.pop(name, None)
        else:
            self._queues[name] = queue


def _is_in(queue: Queue, session: int) -> bool:
    return any(one.session == session for one in queue.waiting) or any(
        one.session == session for _, group in queue.led for one in group
    )


def _over(queue: Queue, ticket: int, answers: tuple[Any, ...] | None) -> Queue:
    """The group of a ticket is answered, all but its leader; a ticket that is gone is nobody's."""
    for leader, group in queue.led:
        if leader == ticket:
            told = [
                (one.session, _LOST if answers is None else answers[at])
                for at, one in enumerate(group)
                if one.session != leader
            ]
            led = tuple(each for each in queue.led if each[0] != leader)
            answered = tuple(sorted((*queue.answered, *told), key=lambda each: each[0]))
            return queue._replace(led=led, answered=answered)
    return queue


def _all_lost(queue: Queue, dead: int) -> Queue:
    there = {one.session for one in queue.waiting}
    there |= {one.session for _, group in queue.led for one in group}
    lost = [(session, _LOST) for session in there if session != dead]
    kept = [each for each in queue.answered if each[0] != dead and each[0] not in there]
    return Queue(answered=tuple(sorted((*kept, *lost), key=lambda each: each[0])))
