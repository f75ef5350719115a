"""The stores of the model as a place to connect to, so that any driver can carry plans out on it.

    place = model_place()
    carry_out(strategy.deduct(order), place.connect().perform)

A service's steps on records are carried out in the one database; its engines share that too, but
each has keys of its own (`OnEngine`).

One plan after another: there is nobody who could free a lock while a step waits for it, so a step
that waits is an error here. Who wants several plans at once asks the models step by step.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from math import ceil
from typing import Any

from inventory_core.domain import Limits
from inventory_core.steps import clock
from inventory_core.steps.engine import OnEngine
from inventory_core.steps.step import Step
from inventory_core.stores.audit import Audit
from scenarios.model.answers import PARTIAL, Answer, Blocked, Done, Failed, OneOf
from scenarios.model.kv import KvModel
from scenarios.model.sql import SqlModel
from scenarios.model.store import Store

MICRO_STEPS_MOST = 1_000_000
"""Of one step; a statement of more rows is a bug."""


class ModelPlace:
    """Rows and keys in memory. Time stands still until a plan sleeps."""

    def __init__(self) -> None:
        self.now_s = 0.0
        self.sql = SqlModel(0)
        self.kv = KvModel()
        self.engines: dict[str, KvModel] = {}  # the keys of each engine of a service
        self._sessions = 0

    def connect(self, limits: Limits | None = None, seed: int | str = 0) -> ModelSession:
        """One more session. Its `NewId` answers 1.1, 1.2 ... for the first, 2.1 for the second."""
        self.sql.connections.append(None)
        self._sessions += 1
        return ModelSession(self, self._sessions - 1, seed)

    def audit(self) -> Audit:
        """The books of the stores that hold anything."""
        books = (self.sql.book(), self.kv.book(), *[kv.book() for kv in self.engines.values()])
        return Audit(tuple(book for book in books if book is not None))

    def sleep(self, seconds: float) -> None:
        """Let time pass in every store."""
        self.now_s += seconds
        stores: tuple[Store, ...] = (self.sql, self.kv, *self.engines.values())
        for store in stores:
            store.advance(ceil(self.now_s * 1000))

    def keys_of(self, engine: str) -> KvModel:
        """The keys of an engine of that name, which no other engine sees."""
        kv = self.engines.get(engine)
        if kv is None:
            kv = self.engines[engine] = KvModel()
            kv.advance(ceil(self.now_s * 1000))
        return kv


class ModelSession:
    """One client's side of a `ModelPlace`."""

    def __init__(self, place: ModelPlace, number: int, seed: int | str) -> None:
        self._place = place
        self._number = number
        self._ids = 0
        self._dice = random.Random(f"{seed} {number}")
        self._clock: dict[type[Step[Any]], Callable[[Any], Any]] = {
            clock.Now: lambda _: place.now_s,
            clock.Sleep: lambda step: place.sleep(step.seconds),
            clock.BackOff: self._back_off,
            clock.Draw: lambda step: self._dice.randrange(step.below),
            clock.Node: lambda step: self._dice.randrange(step.below),
            clock.NewId: lambda _: self._new_id(),
        }

    def perform(self, step: Step[Any]) -> Any:
        """Carry out a step and answer, or raise a `StepError`."""
        answer: Answer = PARTIAL
        for _ in range(MICRO_STEPS_MOST):
            answer = self.attempt(step)
            if answer is not PARTIAL:
                break
        return self._settled(step, answer)

    def attempt(self, step: Step[Any]) -> Answer:
        """Carry out as much of a step as can be done now; the step again if there is more."""
        keys = self._place.kv
        if isinstance(step, OnEngine):
            keys, step = self._place.keys_of(step.engine), step.step
        if (tick := self._clock.get(type(step))) is not None:
            return Done(tick(step))
        store: Store = self._place.sql if self._place.sql.knows(step) else keys
        answer = store.perform(self._number, step)
        return self._drawn(answer) if isinstance(answer, OneOf) else answer

    def _drawn(self, free: OneOf) -> Answer:
        """Dice say what the database does where it is free."""
        answer, after = self._dice.choice(free.branches)
        assert isinstance(after, SqlModel), "only the database is free in what it answers"
        self._place.sql = after
        return answer

    def reset(self) -> None:
        """Roll back what an abandoned plan left open; who waited for it has lost its answer."""
        place = self._place
        stores: tuple[Store, ...] = (place.sql, place.kv, *place.engines.values())
        for store in stores:
            store.drop(self._number)

    def close(self) -> None:
        """Hang up; what was open is rolled back."""
        self.reset()

    def _settled(self, step: Step[Any], answer: Answer) -> Any:
        if isinstance(answer, Failed):
            raise answer.error
        assert not isinstance(answer, Blocked), (
            f"{step} waits for {answer.on}, and nobody is there who could free it"
        )
        assert isinstance(answer, Done), f"{step} does not end with one answer: {answer}"
        return answer.value

    def _back_off(self, step: clock.BackOff) -> None:
        longest = min(step.most_s, step.first_s * 2**step.attempt)
        self._place.sleep(self._dice.random() * longest)

    def _new_id(self) -> str:
        self._ids += 1
        return f"{self._number + 1}.{self._ids}"


def model_place() -> ModelPlace:
    """An empty place."""
    return ModelPlace()
