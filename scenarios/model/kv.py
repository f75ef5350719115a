"""Redis as a pure state machine: keys, expiry, and scripts that are all or nothing.

Redis carries out one command at a time, so nothing here ever waits: every answer is `Done`.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator
from typing import Any, Self

from inventory_core.steps import kv
from inventory_core.steps.step import Step
from inventory_core.stores.audit import Book
from scenarios.model.answers import Answer, Done
from scenarios.model.keyspace import Keyspace
from scenarios.model.kv_book import book_of
from scenarios.model.redis_commands import ErrorReply, put
from scenarios.model.scripts import scripts
from scenarios.model.wire import reply_read, wired


def _kinds_below(kind: type[Step[Any]]) -> Iterator[type[Step[Any]]]:
    for below in kind.__subclasses__():
        yield below
        yield from _kinds_below(below)


class KvModel:
    """A model of a Redis server."""

    def __init__(self) -> None:
        self.keys = Keyspace()

    @property
    def steps(self) -> frozenset[type[Step[Any]]]:
        """Every script, and what is asked without one."""
        # A slotted dataclass is made twice, and its first self may linger without slots.
        kinds = (kind for kind in _kinds_below(kv.Script) if "__slots__" in vars(kind))
        named = (kind for kind in kinds if hasattr(kind, "file"))
        return frozenset((*named, kv.SetIfAbsent))

    def knows(self, step: Step[Any]) -> bool:
        """Is it a step of a key-value store?"""
        return isinstance(step, kv.Script | kv.SetIfAbsent)

    def copy(self) -> Self:
        """The same state, apart."""
        twin = type(self).__new__(type(self))
        twin.keys = self.keys.copy()
        return twin

    def key(self) -> Hashable:
        """The state as a value."""
        return self.keys.key()

    def in_transaction(self, session: int) -> bool:
        """Never: every step is over when it is answered."""
        return False

    def perform(self, session: int, step: Step[Any]) -> Answer:
        """Carry out a step, whole."""
        if isinstance(step, kv.SetIfAbsent):
            key, value, lease = wired(step.key), wired(step.value), str(step.lease_ms)
            return Done(put(self.keys, key, value, "NX", "PX", lease) == "OK")
        assert isinstance(step, kv.Script), f"{step} is no step of a key-value store"
        names = [wired(name) for name in step.keys()]  # noqa: SIM118 - a method, not a dict
        arguments = [wired(str(argument)) for argument in step.arguments()]
        try:
            raw = scripts().run(step.file, self.keys, names, arguments)
        except ErrorReply as error:
            raise AssertionError(f"{step.file}.lua: Redis refused: {error}") from error
        return Done(step.decode(reply_read(raw)))

    def drop(self, session: int) -> None:
        """Nothing: a lease outlives its client."""

    def deadlines(self) -> tuple[int, ...]:
        """When keys expire and holds become overdue."""
        now_ms, holds = self.keys.now_ms, self.keys.values.get("holds")
        due = {int(score) for score, _ in holds.pairs} if holds else set()
        return tuple(sorted(ms for ms in due.union(self.keys.expires_ms.values()) if ms > now_ms))

    def advance(self, now_ms: int) -> None:
        """Let time pass."""
        assert now_ms >= self.keys.now_ms, f"from {self.keys.now_ms} back to {now_ms} ms"
        self.keys.advance(now_ms)

    def book(self) -> Book | None:
        """What is kept."""
        return book_of(self.keys)
