"""The ways from cache to rows, each as a queue: a turn, what was late in it, setting aside, retry.

    tasks     scheme B: what an order takes, left for the counter row in the order's transaction
    notes     scheme A: what has changed in the keys; how it stands now is copied
    entries   scheme A over a stream

A piece of work is late if units must come in first, or if a store refuses to write it. One that is
late again and again is poison: it is set aside, with its reason, where it holds up nobody; and it
is tried again when somebody says so. Every method is a plan, on the stores of the engine.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import NamedTuple, Protocol

from inventory_core.domain import Cell
from inventory_core.problems import Problem
from inventory_core.records.engines import Message
from inventory_core.steps import noted, rows, sql, stream
from inventory_core.steps.errors import ConstraintBroken
from inventory_core.steps.kv import Entry
from inventory_core.steps.step import Plan
from inventory_core.steps.telling import ENTRY, ORDER
from inventory_core.strategy import CopiedHolds, CountedHolds, Strategy, StreamedHolds
from inventory_core.strategy.row_copies import write_told

UNITS = "units that must come in first have not come"
REFUSED = "the database refuses to write it"


class Piece(NamedTuple):
    """A piece of work that was late, and why."""

    key: str
    about: str  # for people, and for the retry
    why: str = UNITS


class Turn(NamedTuple):
    """What a turn did."""

    done: int
    late: tuple[Piece, ...] = ()


class Queue(Protocol):
    """What waits for a worker. `daemon`: the strategy's daemon that this stands for."""

    daemon: str

    async def turn(self) -> Turn:
        """Work through what waits, and pass over what is late."""

    async def set_aside(self, piece: Piece, message: Message) -> bool:
        """Keep it as a message, out of the way; False: it is not late any more."""

    async def retry(self, aside: Message) -> bool:
        """Once more; True: it needs no keeping."""


def queue_of(name: str, strategy: Strategy) -> Queue:
    """The queue of a strategy; a `Problem` if its rows are written at once."""
    if isinstance(strategy, CountedHolds):
        return Tasks(strategy)
    if isinstance(strategy, CopiedHolds):
        return Notes(strategy)
    if isinstance(strategy, StreamedHolds):
        return Entries(strategy)
    raise Problem(f"{name} leaves nothing for a worker: what it answers is in its store already")


@dataclass(frozen=True)
class Tasks:
    """Stock tasks. A batch that the database refuses is gone through one by one."""

    strategy: CountedHolds
    daemon = "worker"

    async def turn(self) -> Turn:
        """Apply a batch."""
        try:
            done, late = await self.strategy.apply_some()
        except ConstraintBroken:
            return await self._oldest()
        return Turn(done, tuple(_piece(task) for task in late))

    async def _oldest(self) -> Turn:
        """The oldest alone: it goes, or it is the one."""
        limits = replace(self.strategy.limits, batch=1)
        try:
            done, late = await replace(self.strategy, limits=limits).apply_some()
        except ConstraintBroken:
            async with sql.transaction() as here:
                tasks = await sql.TakeTasks(1)
                await here.give_up()
            return Turn(0, tuple(_piece(task, REFUSED) for task in tasks))
        return Turn(done, tuple(_piece(task) for task in late))

    async def set_aside(self, piece: Piece, message: Message) -> bool:
        """From the tasks into a message, in one transaction, if it waits still and is ours."""
        async with sql.transaction() as here:
            waiting = await sql.TakeTasks(self.strategy.limits.batch)
            task = next((one for one in waiting if str(one.task_id) == piece.key), None)
            if task is None:
                await here.give_up()
                return False
            await sql.FinishTask(task.task_id)
            body = (task.cell.sku, task.cell.place, task.delta)
            await rows.Insert(replace(message, body=body))
        return True

    async def retry(self, aside: Message) -> bool:
        """A task again, with the message done with, in one transaction."""
        async with sql.transaction() as here:
            now = await rows.Lock(Message, (aside.queue, aside.message_key))
            if now is None or now.done:
                await here.give_up()
                return True
            sku, place, delta = now.body
            cell = Cell(str(sku), str(place))
            await sql.AddTasks(f"again {now.message_key}", 0, ((cell, int(delta)),))
            await rows.Put(replace(now, done=True))
        return True


def _piece(task: sql.Task, why: str = UNITS) -> Piece:
    return Piece(str(task.task_id), f"{task.delta:+d} of {task.cell}", why)


@dataclass(frozen=True)
class Notes:
    """Notes of what has changed in the keys."""

    strategy: CopiedHolds
    daemon = "worker"

    async def turn(self) -> Turn:
        """Go through all notes once."""
        limits = self.strategy.limits
        start, done, late = 0, 0, list[Piece]()
        for _ in range(limits.recovery_batches):
            notes = await noted.ReadChanged(limits.batch, start)
            for note in notes:
                why = await _why_late(self.strategy.copy(note))
                done += not why
                start += bool(why)
                if why and len(late) < limits.recovery_batch:
                    late.append(Piece(note, note, why))
            if len(notes) < limits.batch:
                break
        return Turn(done, tuple(late))

    async def set_aside(self, piece: Piece, message: Message) -> bool:
        """The message first: who dies in between leaves both. A change after it notes anew."""
        await _keep(replace(message, body=(piece.about,)))
        await noted.Copied(piece.key)
        return True

    async def retry(self, aside: Message) -> bool:
        """Copy how it stands now."""
        return await _written_now(aside)


@dataclass(frozen=True)
class Entries:
    """Entries of a stream."""

    strategy: StreamedHolds
    daemon = "consumer"

    async def turn(self) -> Turn:
        """Write what is new, and what others have not acknowledged for long."""
        limits = self.strategy.limits
        start, done, late = stream.BEGINNING, 0, list[Piece]()
        for _ in range(limits.recovery_batches):
            batch = await stream.ReadEntries(limits.lease_ms, limits.batch, start)
            for change in batch.changes:
                why = await _why_late(self.strategy.write(change))
                if why:
                    late.append(Piece(change.entry_id, _about(change), why))
                else:
                    done += await stream.Acknowledge(change.entry_id)
            if batch.go_on == stream.BEGINNING:
                break
            start = batch.go_on
        return Turn(done, tuple(late))

    async def set_aside(self, piece: Piece, message: Message) -> bool:
        """The message first: who dies in between leaves both, and both write the same."""
        await _keep(replace(message, body=(piece.about,)))
        await stream.Acknowledge(piece.key)
        return True

    async def retry(self, aside: Message) -> bool:
        """Copy how it stands now, which is never older than the entry."""
        return await _written_now(aside)


async def _why_late(writing: Plan[bool]) -> str:
    """Write; why it could not be, and nothing if it could."""
    try:
        return "" if await writing else UNITS
    except ConstraintBroken:
        return REFUSED


def _about(change: stream.Change) -> str:
    if isinstance(change.news, Entry):
        return ENTRY + change.news.key
    return ORDER + change.order_number


async def _keep(message: Message) -> None:
    """Write a message; one that was done with before wants doing again."""
    if not await rows.Insert(message):
        async with sql.transaction():
            await rows.Put(message)


async def _written_now(aside: Message) -> bool:
    (about,) = aside.body
    try:
        if not await write_told(str(about)):
            return False
    except ConstraintBroken:
        return False
    async with sql.transaction():
        await rows.Put(replace(aside, done=True))
    return True
