"""The world of one simulated run: the models of its stores, what they run on, and who waits.

State and answers come from the model, so a plan is told here what it would be told in the explorer;
when it is told follows from a profile. A lock that is let go is handed to one of those who wait;
waking him takes processor time, the more the more there are, and until then nobody has it. That is
what makes a hot row collapse under a crowd.
"""

from __future__ import annotations

import random
from math import ceil
from typing import Any

import simpy

from scenarios.model.kv import KvModel
from scenarios.model.rows import Rows
from scenarios.model.sql import SqlModel
from scenarios.predicting.costs import US, Costs
from scenarios.predicting.loop import Goes, Loop
from scenarios.predicting.packed_rows import PackedRows
from scenarios.predicting.profile import Profile
from scenarios.predicting.resources import Cores, Flush, Turns, unsteady

NAME = "name"
"""A lock on a name has one queue, first come first served; a row's waiters wait in two stages."""


class Waiter:
    """A session that waits for a lock."""

    __slots__ = ("event", "on", "session", "since_s")

    def __init__(self, event: simpy.Event, session: int, on: Any, since_s: float) -> None:
        self.event = event
        self.session = session
        self.on = on
        self.since_s = since_s


class Wake:
    """Why a waiter is woken."""

    FREE, LATE, CIRCLE, LOST = "free", "late", "circle", "lost"


class World:
    """Stores, processors and time of one run."""

    def __init__(self, profile: Profile, seed: int | str, lock_wait_s: float) -> None:
        self.env = Loop()
        self.profile = profile
        self.costs = Costs(profile)
        self.dice = random.Random(f"{seed} world")
        self.sql = SqlModel(0)
        self.sql.rows = Rows(PackedRows())
        self.kv = KvModel()
        machine = profile.machine
        luck = unsteady(machine.unsteady, random.Random(f"{seed} luck"))
        self.server = Cores(machine.server_cores, machine.wake_us * US, luck)
        self.client = self.server
        if machine.client_cores:
            self.client = Cores(machine.client_cores, machine.wake_us * US, luck)
        self.redis = Turns(self.env, self.dice)  # whom it answers together wake in no order
        self.flush = Flush(profile.sql.flush_us * US, profile.sql.flush_next_us * US)
        self.kv_flush = Flush(profile.kv.flush_us * US) if profile.kv.flush_us else None
        self.hop_s = profile.network.one_way_us * US
        self.jitter_s = profile.network.jitter_us * US
        self.apart = bool(self.hop_s or self.jitter_s)
        self.sql_epoch = self.kv_epoch = 0  # of a server; odd: it is down
        self.commit_crowded_s = profile.sql.commit_crowded_us * US
        self._held = bool(profile.sql.held_us or profile.sql.held_waiter_us)
        self._lock_wait_s = lock_wait_s
        self._waiting: dict[Any, list[Waiter]] = {}
        self._patience: dict[Waiter, None] = {}  # everybody who waits, the longest first
        self._guard: simpy.Process | None = None
        self._sessions = 0
        self.stale_s = -1.0  # later than this, the stores think that it is earlier than it is

    def session(self) -> int:
        """One more session of both stores."""
        self.sql.connections.append(None)
        self._sessions += 1
        return self._sessions - 1

    def travel_s(self) -> float:
        """How long one message is under way."""
        return self.hop_s + (self.dice.expovariate(1 / self.jitter_s) if self.jitter_s else 0.0)

    def tick(self) -> None:
        """Tell the stores what time it is."""
        now_ms = ceil(self.env.now * 1000)
        self.sql.now_ms = now_ms
        self.kv.advance(now_ms)
        self.stale_s = now_ms / 1000
        rows = self.sql.rows.by_key
        if isinstance(rows, PackedRows):  # nobody has taken a snapshot of them
            rows.pack_if_many()

    # ----------------------------------------------------------------------- who waits for a lock

    def wait_for(self, session: int, on: Any) -> Goes:
        """Wait until a lock may be free; says why it is over (`Wake`)."""
        env = self.env
        waiter = Waiter(env.event(), session, on, env.now)
        self._waiting.setdefault(on, []).append(waiter)
        self._patience[waiter] = None
        if self._guard is None:
            self._guard = env.process(self._watch())
        if self.sql.deadlocked(session):
            env.process(self._break(self._first_of_circle(session)))
        why = yield waiter.event
        if why is Wake.FREE:
            sql = self.profile.sql
            others = 0 if on[0] == NAME else len(self._waiting.get(on, ()))
            work_s = (sql.hand_over_us + sql.hand_over_waiter_us * others) * US
            yield self.server.done_s(env.now, work_s) - env.now
        return why

    def held_s(self, session: int) -> float:
        """How much longer a transaction takes to end because others wait for its locks."""
        if not self._waiting or not self._held:
            return 0.0
        locks, sql, costs_us = self.sql.locks, self.profile.sql, 0.0
        for key, queue in self._waiting.items():
            if locks.get(key) == session:
                waiters = 0 if key[0] == NAME else len(queue)
                costs_us = max(costs_us, sql.held_us + sql.held_waiter_us * waiters)
        return costs_us * US

    def let_go(self) -> None:
        """Wake one waiter for every lock that is free now."""
        if self._waiting:
            locks = self.sql.locks
            for key in [key for key in self._waiting if key not in locks]:
                queue = self._waiting[key]
                any_of_them = self.profile.sql.grant == "any" and key[0] != NAME
                place = int(self.dice.random() * len(queue)) if any_of_them else 0
                self.sql.hand_over(queue[place].session, key)
                self._wake(queue[place], Wake.FREE)

    # -------------------------------------------------------------------------- servers that fall

    def epochs(self) -> tuple[int, int]:
        """Of the database and of Redis, for who connects now; -1 of one that is down."""
        sql_epoch, kv_epoch = self.sql_epoch, self.kv_epoch
        return -1 if sql_epoch & 1 else sql_epoch, -1 if kv_epoch & 1 else kv_epoch

    @property
    def is_down(self) -> bool:
        """Is there a server that does not answer?"""
        return bool(self.sql_epoch & 1 or self.kv_epoch & 1)

    def kill_sql(self) -> None:
        """The database falls: nothing open survives, and nobody who waits will be answered."""
        self.sql_epoch += 1
        for waiter in list(self._patience):
            self._wake(waiter, Wake.LOST)
        for session, connection in enumerate(self.sql.connections):
            if connection is not None:
                self.sql.drop(session)

    def kill_kv(self, kept: KvModel | None = None) -> None:
        """Redis falls. `kept`: what is on disk, if some of it was not."""
        self.kv_epoch += 1
        if kept is not None:
            self.kv = kept
            self.kv.advance(self.sql.now_ms)

    def restart_sql(self) -> None:
        """It answers again, on the data that it has."""
        self.sql_epoch += 1

    def restart_kv(self) -> None:
        """As the database."""
        self.kv_epoch += 1

    def _wake(self, waiter: Waiter, why: str) -> None:
        queue = self._waiting[waiter.on]
        queue.remove(waiter)
        if not queue:
            del self._waiting[waiter.on]
        del self._patience[waiter]
        waiter.event.succeed(why)

    def _watch(self) -> Goes:
        """Send away who has waited for too long."""
        while self._patience:
            waiter = next(iter(self._patience))
            left_s = waiter.since_s + self._lock_wait_s - self.env.now
            if left_s > 1e-9:
                yield left_s
            else:
                self._wake(waiter, Wake.LATE)
        self._guard = None

    def _first_of_circle(self, session: int) -> Waiter:
        """The one of a circle who has waited longest: the first to look whether there is one."""
        return next(
            waiter
            for waiter in self._patience
            if waiter.session == session or self.sql.deadlocked(waiter.session)
        )

    def _break(self, waiter: Waiter) -> Goes:
        """Have a circle noticed, if it is still there by then."""
        due_s = waiter.since_s + self.profile.sql.deadlock_ms / 1e3
        yield max(0.0, due_s - self.env.now)
        if waiter in self._patience and self.sql.deadlocked(waiter.session):
            self._wake(waiter, Wake.CIRCLE)
