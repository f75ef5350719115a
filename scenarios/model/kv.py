"""Redis as a pure state machine: keys, expiry, and scripts that are all or nothing.

Redis carries out one command at a time, so no step on keys ever waits: its answer is `Done`. The
memory of a process (`mailboxes.py`) stands beside the keys, because it is no database either.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator
from typing import Any, Self

from inventory_core.steps import kv, mailbox
from inventory_core.steps.step import Step
from inventory_core.stores.audit import Book
from scenarios.model.answers import Answer, Done
from scenarios.model.keyspace import Keyspace
from scenarios.model.kv_book import book_of
from scenarios.model.mailboxes import Mailboxes
from scenarios.model.redis_commands import COMMANDS, ErrorReply, put
from scenarios.model.scripts import scripts
from scenarios.model.wire import reply_read, wired


def _kinds_below(kind: type[Step[Any]]) -> Iterator[type[Step[Any]]]:
    for below in kind.__subclasses__():
        yield below
        yield from _kinds_below(below)


def _is_named(kind: type[Step[Any]]) -> bool:
    return hasattr(kind, "file") or hasattr(kind, "name")


_BASES: tuple[type[Step[Any]], ...] = (kv.Script, kv.Command, kv.Transaction)

BESIDE_SQL = (*kv.KINDS, *mailbox.KINDS)
"""Whatever this model performs."""


class KvModel:
    """A model of a Redis server, and of the memory of the process that carries the plans."""

    def __init__(self) -> None:
        self.keys = Keyspace()
        self.memory = Mailboxes()

    @property
    def steps(self) -> frozenset[type[Step[Any]]]:
        """Every script and command, and what is asked without one."""
        # A slotted dataclass is made twice, and its first self may linger without slots.
        below = [kind for base in _BASES for kind in _kinds_below(base)]
        kinds = (kind for kind in below if "__slots__" in vars(kind))
        named = (kind for kind in kinds if issubclass(kind, kv.Transaction) or _is_named(kind))
        return frozenset((*named, kv.SetIfAbsent, *mailbox.KINDS))

    def knows(self, step: Step[Any]) -> bool:
        """Is it a step of a key-value store, or of the memory of a process?"""
        return isinstance(step, BESIDE_SQL)

    def copy(self) -> Self:
        """The same state, apart."""
        twin = type(self).__new__(type(self))
        twin.keys = self.keys.copy()
        twin.memory = self.memory.copy()
        return twin

    def key(self) -> Hashable:
        """The state as a value."""
        memory = self.memory.key()
        return self.keys.key() if memory is None else (self.keys.key(), memory)

    def in_transaction(self, session: int) -> bool:
        """Only who queues or leads in a process: every step on keys is over when it is answered."""
        return self.memory.holds(session)

    def perform(self, session: int, step: Step[Any]) -> Answer:
        """Carry out a step, whole."""
        if isinstance(step, mailbox.KINDS):
            return self.memory.perform(session, step)
        if isinstance(step, kv.SetIfAbsent):
            key, value, lease = wired(step.key), wired(step.value), str(step.lease_ms)
            return Done(put(self.keys, key, value, "NX", "PX", lease) == "OK")
        if isinstance(step, kv.Command):
            return Done(step.decode(reply_read(self._command(session, step))))
        if isinstance(step, kv.Transaction):
            return Done(step.decode(self._transaction(session, step)))
        assert isinstance(step, kv.Script), f"{step} is no step of a key-value store"
        names = [wired(name) for name in step.keys()]  # noqa: SIM118 - a method, not a dict
        arguments = [wired(str(argument)) for argument in step.arguments()]
        try:
            raw = scripts().run(step.file, self.keys, names, arguments)
        except ErrorReply as error:
            raise AssertionError(f"{step.file}.lua: Redis refused: {error}") from error
        return Done(step.decode(reply_read(raw)))

    def _command(self, session: int, step: kv.Command[Any]) -> Any:
        if step.name == "WATCH":
            names = step.keys()
            self.keys.watch(session, frozenset(wired(name) for name in names))
            return "OK"
        if step.name == "UNWATCH":
            self.keys.unwatch(session)
            return "OK"
        return self._called(step.words())

    def _transaction(self, session: int, step: kv.Transaction[Any]) -> list[Any] | None:
        if not self.keys.unwatch(session):
            return None
        return [reply_read(self._called(words)) for words in step.commands("")]

    def _called(self, words: tuple[str | int, ...]) -> Any:
        name, *rest = words
        reply = COMMANDS[str(name)](self.keys, *[wired(str(word)) for word in rest])
        if isinstance(reply, tuple):
            return list(reply)
        return None if reply is False else reply

    def drop(self, session: int) -> None:
        """A lease outlives its client, but a process and what it watches do not."""
        self.keys.unwatch(session)
        self.memory.drop(session)

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
