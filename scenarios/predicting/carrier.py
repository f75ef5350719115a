"""Carries out plans in virtual time: one client's side of a simulated world.

    plan asks -> processor of the client -> wire -> processor of the server -> the model answers
         ^                                                                           |
         +------------------------- wire <-- waits for lock, flush ------------------+

A client runs in a process of the shop, whose clients take turns (Python's lock, or one thread).
What a statement does, it does at the end of its work; a commit is visible when it is on disk, and
lets go then.
"""

from __future__ import annotations

import random
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import simpy

from inventory_core.steps import clock, mailbox, sql
from inventory_core.steps.errors import ConnectionLost, LockTimeout, StepError
from inventory_core.steps.mailbox import Seat
from inventory_core.steps.step import Plan, Step
from inventory_core.stores.memory import Member, Memory
from scenarios.aiming import AFTER, LATER, Aim
from scenarios.measuring.driving import THREADS
from scenarios.model.answers import PARTIAL, Blocked, Done, Failed, OneOf
from scenarios.model.connection import LOCKED
from scenarios.model.sql import SqlModel
from scenarios.predicting.costs import US, Cost, Where
from scenarios.predicting.loop import Goes
from scenarios.predicting.resources import Turns
from scenarios.predicting.world import NAME, Wake, World

_SQL, _KV, _CLOCK, _BEGIN = Where.SQL, Where.KV, Where.CLOCK, Where.BEGIN


class ClientDied(Exception):
    """The client died in the middle of a plan, which ends there."""


class Shop:
    """A process of the shop: its clients' turns, its memory, and the connections they share.

    `lines`: sessions of the database that its clients share; none, and each has its own. `driver`:
    threads, any of which may be next when Python's lock is free; or one thread for all, whose
    clients are served in the order in which their replies came.
    """

    def __init__(self, world: World, node: int, lines: int = 0, driver: str = THREADS) -> None:
        self.memory = Memory()
        self.node = node
        self.pooled = lines > 0
        self.turns = Turns(world.env, world.dice if driver == THREADS else None)
        self._world = world
        self._idle = [world.session() for _ in range(lines)]
        self._queue: deque[simpy.Event] = deque()

    def line(self) -> Goes:
        """Wait for a session that nobody uses."""
        if self._idle:
            return self._idle.pop()
        turn = self._world.env.event()
        self._queue.append(turn)
        session: int = yield turn
        return session

    def hand_back(self, session: int) -> None:
        """The next one may have it."""
        if self._queue:
            self._queue.popleft().succeed(session)
        else:
            self._idle.append(session)


class Carrier:
    """One client: carries its plans, one at a time."""

    def __init__(self, world: World, shop: Shop, seed: int | str) -> None:
        self.world = world
        self.shop = shop
        self.dice = random.Random(f"{seed} client")
        self._own = world.session()
        self._line = -1 if shop.pooled else self._own  # the session in use
        self._order_s = world.profile.client.order_us * US
        self._member: tuple[str, Member] | None = None  # where it queues, or leads
        self.steps = 0  # of the plan that was carried out last
        self._ids = 0

    def carry_out(self, plan: Plan[Any], aim: Aim | None = None) -> Goes:
        """Drive a plan to its end; what it returns or raises is ours. `aim`: what befalls it."""
        world, env, of, shop = self.world, self.world.env, self.world.costs, self.shop
        turns, client = shop.turns, world.client
        server, apart, locked = world.server, world.apart, world.profile.sql.locked_share
        sql_epoch, kv_epoch = world.epochs()
        owed_s = self._order_s
        form = ""  # in which a fault strikes at this step
        self.steps = 0
        answer: Any = None
        error: StepError | None = None
        try:
            while True:
                try:
                    step = plan.send(answer) if error is None else plan.throw(error)
                except StopIteration as end:
                    if owed_s:
                        yield turns.take(client, owed_s)
                        turns.pass_on()
                    return end.value
                answer = error = None
                self.steps += 1
                cost = of[type(step)]
                where = cost.where
                if aim is not None:
                    form = aim.at(step)
                    if aim.struck or (form and form != AFTER):
                        error = self._struck(aim, step, form)
                        continue
                if where is _SQL:
                    line = self._line
                    if line < 0:
                        line = self._line = yield from shop.line()
                    owed_s, work_s = owed_s + cost.client_s, cost.server_s
                    if cost.rows is not None:
                        rows = cost.rows(step)
                        owed_s += rows * cost.client_row_s
                        work_s += rows * cost.row_s
                    yield turns.take(client, owed_s, cost.crowded)
                    if apart:
                        turns.pass_on()
                        yield world.travel_s()
                    now_s, after_s = env.now, 0.0
                    if not cost.ends and world.sql.connections[line] is None:
                        after_s = work_s * locked
                        work_s -= after_s
                    done_s = server.done_s(now_s, work_s, cost.server_crowded)
                    if not apart:
                        turns.pass_on()  # the server goes first where both want a processor
                    yield done_s - now_s
                    owed_s = 0.0
                    model = world.sql
                    if world.sql_epoch != sql_epoch:
                        error = ConnectionLost()
                        continue
                    try:
                        if cost.ends:
                            if type(step) is sql.Commit and self._wrote(line):
                                yield self._flushing_s() + world.held_s(line)
                            self._end(step, line, sql_epoch)
                        elif model.connections[line] is None:
                            answer = yield from self._alone(step, line, sql_epoch, after_s)
                        else:
                            if env.now > world.stale_s:
                                world.tick()
                            told = model.perform(line, step)
                            if type(told) is Done:
                                answer = told.value
                            else:
                                answer = yield from self._performed(step, line, sql_epoch, told)
                    except StepError as failure:
                        error = failure
                    if apart:
                        yield world.travel_s()
                    if shop.pooled and not world.sql.in_transaction(line):
                        self._line = -1
                        shop.hand_back(line)
                    if type(answer) is tuple and len(answer) > 1:
                        owed_s = (len(answer) - 1) * cost.client_row_s
                elif where is _CLOCK:
                    if isinstance(step, clock.Sleep | clock.BackOff):
                        yield self._pause_s(step)
                    else:
                        answer = self._tick(step)
                elif where is _BEGIN:
                    if self._line < 0:
                        self._line = yield from shop.line()
                    world.sql.perform(self._line, step)
                else:
                    perform = self._command if where is _KV else self._mailbox
                    try:
                        answer = yield from perform(step, cost, owed_s, kv_epoch)
                    except StepError as failure:
                        error = failure
                    owed_s = 0.0
                    if type(answer) is tuple and len(answer) > 1:
                        owed_s = (len(answer) - 1) * cost.client_row_s
                if aim is not None and form and error is None:
                    error = self._struck(aim, step, form)
        finally:
            plan.close()
            self.reset()

    def reset(self) -> None:
        """Roll back what an abandoned plan left open; a line that is shared goes back."""
        line = self._line
        if line >= 0:
            if self.world.sql.in_transaction(line):
                self.world.sql.drop(line)
                self.world.let_go()
            if self.shop.pooled:
                self._line = -1
                self.shop.hand_back(line)
        self.world.kv.drop(self._own)
        if self._member is not None:
            queue, member = self._member
            self._member = None
            self.shop.memory.leave(queue, member)

    def _struck(self, aim: Aim, step: Step[Any], form: str) -> StepError:
        """What the plan is told of a fault; the connection is cut, or left to a late request."""
        if not aim.struck:
            aim.strike(step)
            if form == LATER:
                self._leave_behind(step, aim.fault.late_s)
            else:
                self.reset()
        if aim.kills:
            raise ClientDied
        return ConnectionLost()

    def _leave_behind(self, step: Step[Any], late_s: float) -> None:
        """A request is under way on a connection whose client has gone; he gets another one."""
        world = self.world
        ghost = Carrier(world, self.shop, "ghost")
        ghost._own, ghost._line = self._own, self._line
        self._own = world.session()
        self._line = -1 if self.shop.pooled else self._own
        world.env.process(ghost.haunt(step, late_s))

    def haunt(self, step: Step[Any], late_s: float) -> Goes:
        """Carry out one step after a while, then hang up."""
        yield late_s
        with suppress(StepError):
            yield from self.carry_out(_only(step))

    # ------------------------------------------------------------------------------ the database

    def _alone(self, step: Step[Any], line: int, epoch: int, after_s: float) -> Goes:
        """By itself, a statement is a transaction. `after_s`: its work with its locks."""
        world, env = self.world, self.world.env
        world.sql.perform(line, sql.Begin())
        try:
            answer = yield from self._performed(step, line, epoch)
        except StepError:
            world.sql.drop(line)
            raise
        yield world.server.done_s(env.now, after_s) - env.now
        if world.sql_epoch != epoch:
            raise ConnectionLost
        if self._wrote(line):
            yield self._flushing_s()
        self._end(sql.Commit(), line, epoch)
        return answer

    def _flushing_s(self) -> float:
        """How long it takes until what was written is on disk."""
        world, now_s = self.world, self.world.env.now
        world.server.burden(now_s, world.commit_crowded_s)
        return world.flush.done_s(now_s) - now_s

    def _end(self, step: Step[Any], line: int, epoch: int) -> None:
        """End a transaction, which lets its locks go."""
        world = self.world
        if world.sql_epoch != epoch:
            raise ConnectionLost
        if world.env.now > world.stale_s:
            world.tick()
        answer = self._drawn(world.sql.perform(line, step))
        world.let_go()
        if isinstance(answer, Failed):  # a serializable one finds out at its end
            raise answer.error

    def _performed(self, step: Step[Any], line: int, epoch: int, told: Any = PARTIAL) -> Goes:
        """Have the model perform a statement, however often it has to wait."""
        world, env = self.world, self.world.env
        waited = False
        answer = self._drawn(told)
        while answer is PARTIAL or isinstance(answer, Blocked):
            if isinstance(answer, Blocked):
                why = yield from world.wait_for(line, answer.on)
                waited = True
                if why is Wake.LOST or world.sql_epoch != epoch:
                    raise ConnectionLost
                if why is Wake.LATE:
                    answer = world.sql.give_up(line, LockTimeout())
                    break
            if env.now > world.stale_s:
                world.tick()
            answer = self._drawn(world.sql.perform(line, step))
        if waited or isinstance(answer, Failed):
            world.let_go()
        if isinstance(answer, Failed):
            raise answer.error
        assert isinstance(answer, Done), f"{step}: {answer}"
        return answer.value

    def _wrote(self, line: int) -> bool:
        """Has it anything to flush? A row's lock is written into the row; a name's lock is not."""
        connection = self.world.sql.connections[line]
        if connection is not None:
            for key, row in connection.mine.items():
                if row is not LOCKED or key[0] != NAME:
                    return True
        return False

    def _drawn(self, answer: Any) -> Any:
        """Dice say what the database does where it is free."""
        if not isinstance(answer, OneOf):
            return answer
        certain, after = self.world.dice.choice(answer.branches)
        assert isinstance(after, SqlModel), "only the database is free in what it answers"
        self.world.sql = after
        return certain

    # ------------------------------------------------------------------------------ keys and memory

    def _command(self, step: Step[Any], cost: Cost, owed_s: float, epoch: int) -> Goes:
        world, env = self.world, self.world.env
        owed_s, work_s = owed_s + cost.client_s, cost.server_s
        if cost.rows is not None:
            rows = cost.rows(step)
            owed_s += rows * cost.client_row_s
            work_s += rows * cost.row_s
        yield self.shop.turns.take(world.client, owed_s, cost.crowded)
        self.shop.turns.pass_on()
        if world.apart:
            yield world.travel_s()
        yield world.redis.take(world.server, work_s, cost.server_crowded)
        world.redis.pass_on()
        if world.kv_epoch != epoch:
            raise ConnectionLost
        if env.now > world.stale_s:
            world.tick()
        answer = world.kv.perform(self._own, step)
        if world.kv_flush is not None:
            yield world.kv_flush.done_s(env.now) - env.now
        if world.apart:
            yield world.travel_s()
        assert isinstance(answer, Done), f"{step}: {answer}"
        return answer.value

    def _mailbox(self, step: Any, cost: Cost, owed_s: float, _: int) -> Goes:
        env, memory = self.world.env, self.shop.memory
        yield self.shop.turns.take(self.world.client, owed_s + cost.client_s)
        self.shop.turns.pass_on()
        if isinstance(step, mailbox.Join):
            told = env.event()
            self._member = step.queue, memory.join(step, _teller(told))
            seat: Seat | None = yield told
            if seat is None or not seat.leads:
                self._member = None
            if seat is None:
                raise ConnectionLost
            return seat
        self._member = None
        memory.reply(step.queue, step.ticket, getattr(step, "answers", None))
        return None

    # ------------------------------------------------------------------------------ time and dice

    def _pause_s(self, step: clock.Sleep | clock.BackOff) -> float:
        if isinstance(step, clock.Sleep):
            return step.seconds
        longest_s: float = min(step.most_s, step.first_s * 2**step.attempt)
        return self.dice.random() * longest_s

    def _tick(self, step: Any) -> Any:
        if isinstance(step, clock.Node):
            return self.shop.node % step.below
        if isinstance(step, clock.Draw):
            return self.dice.randrange(step.below)
        if isinstance(step, clock.NewId):
            self._ids += 1
            return f"{self._own + 1}.{self._ids}"
        return self.world.env.now


def _teller(event: simpy.Event) -> Callable[[Seat | None], None]:
    def told(seat: Seat | None) -> None:
        event.succeed(seat)

    return told


async def _only(step: Step[Any]) -> None:
    await step
