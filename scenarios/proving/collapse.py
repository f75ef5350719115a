"""A store collapsed: its states are small numbers, and what a step does to one is worked out once.

Many schedules bring a store to the same state, and few states are ever seen by one store alone. So
the explorer keeps numbers instead of stores, and asks the model only what it has not asked before.
(The structure is SPIN's *collapse compression*: G. J. Holzmann, "State Compression in SPIN", 1997.)
"""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass
from enum import Enum
from typing import Any

from inventory_core.steps import clock
from inventory_core.steps.step import Step
from inventory_core.stores.audit import Book
from scenarios.model.answers import Blocked, Certain, Done, Failed, OneOf
from scenarios.model.store import Store


class Going(Enum):
    """How far a step came."""

    OVER = "over"
    HALFWAY = "halfway"  # one row of several is done
    WAITS = "waits"  # for a lock; the store remembers that it does


@dataclass(frozen=True, slots=True)
class Reply:
    """What a store answers to a step, and the state that it is in then.

    `answer` is a value or a `StepError`; it means nothing unless the step is over.
    """

    going: Going
    answer: Any
    store: int


@dataclass(frozen=True, slots=True)
class Question:
    """A step as it is sent: Begin is no scheduling point and rides with the first statement."""

    begin: Step[Any] | None
    step: Step[Any]


class Collapsed:
    """One kind of store. Number 0 is the state that the actors start from."""

    def __init__(self, first: Store, now_ms: int = 0) -> None:
        self._stores: list[Store] = []
        self._now_ms: list[int] = []
        self._numbers: dict[Hashable, int] = {}
        self._questions: dict[Question, int] = {}
        self._asked: list[Question] = []
        self._replies: dict[tuple[int, int, int], tuple[Reply, ...]] = {}
        self._dropped: dict[tuple[int, int], int] = {}
        self._advanced: dict[tuple[int, int], int] = {}
        self._deadlines: dict[int, tuple[int, ...]] = {}
        self._books: dict[int, Book | None] = {}
        self.keep(first, now_ms)

    def __len__(self) -> int:
        return len(self._stores)

    def keep(self, store: Store, now_ms: int) -> int:
        """The number of a store's state; the store is ours from now on."""
        key = store.key()
        known = self._numbers.get(key)
        if known is None:
            known = self._numbers[key] = len(self._stores)
            self._stores.append(store)
            self._now_ms.append(now_ms)
        return known

    def question(self, question: Question) -> int:
        """The number of a question."""
        known = self._questions.get(question)
        if known is None:
            known = self._questions[question] = len(self._asked)
            self._asked.append(question)
        return known

    def step(self, question: int) -> Step[Any]:
        """The step of a question."""
        return self._asked[question].step

    def ask(self, store: int, session: int, question: int) -> tuple[Reply, ...]:
        """What may come of a step. Empty: it waits, and nothing but waiting can come of it."""
        key = (store, session, question)
        known = self._replies.get(key)
        if known is None:
            known = self._replies[key] = self._work_out(store, session, self._asked[question])
        return known

    def _work_out(self, store: int, session: int, asked: Question) -> tuple[Reply, ...]:
        step, now_ms = asked.step, self._now_ms[store]
        if isinstance(step, clock.Now):
            return (Reply(Going.OVER, now_ms / 1000, store),)
        if isinstance(step, clock.Draw):
            return tuple(Reply(Going.OVER, face, store) for face in range(step.below))
        model, before = self._stores[store].copy(), store
        if asked.begin is not None:
            model.perform(session, asked.begin)
            before = self.keep(model.copy(), now_ms)
        answer = model.perform(session, step)
        branches = answer.branches if isinstance(answer, OneOf) else ((answer, model),)
        replies = [_reply(branch, self.keep(left, now_ms)) for branch, left in branches]
        return tuple(one for one in replies if one.going is not Going.WAITS or one.store != before)

    def key(self, store: int) -> Hashable:
        """The state itself, as the model names it."""
        return self._stores[store].key()

    def drop(self, store: int, session: int) -> int:
        """The state after the server has noticed that a client is gone."""
        key = (store, session)
        known = self._dropped.get(key)
        if known is None:
            model = self._stores[store].copy()
            model.drop(session)
            known = self._dropped[key] = self.keep(model, self._now_ms[store])
        return known

    def deadlines(self, store: int) -> tuple[int, ...]:
        """When time alone will change something (ms)."""
        known = self._deadlines.get(store)
        if known is None:
            known = self._deadlines[store] = self._stores[store].deadlines()
        return known

    def advance(self, store: int, now_ms: int) -> int:
        """The state when it is so late."""
        key = (store, now_ms)
        known = self._advanced.get(key)
        if known is None:
            model = self._stores[store].copy()
            model.advance(now_ms)
            known = self._advanced[key] = self.keep(model, now_ms)
        return known

    def book(self, store: int) -> Book | None:
        """What the auditor reads in this state."""
        if store not in self._books:
            self._books[store] = self._stores[store].book()
        return self._books[store]


def _reply(answer: Certain, after: int) -> Reply:
    if isinstance(answer, Blocked):
        return Reply(Going.WAITS, None, after)
    if isinstance(answer, Done | Failed):
        return Reply(Going.OVER, answer.value if isinstance(answer, Done) else answer.error, after)
    return Reply(Going.HALFWAY, None, after)
