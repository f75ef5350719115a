"""What is sent to Redis for each step, and what its replies mean, whoever carries the words.

A request is a generator: it yields the words of one command (or several commands, `Together`), is
sent the reply (the last one; or thrown the error), and returns the step's answer.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping
from dataclasses import dataclass
from hashlib import sha1
from typing import Any, TypeVar

from redis.exceptions import NoScriptError

from inventory_core.steps import kv
from inventory_core.steps.step import Step

T = TypeVar("T")
Words = tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Together:
    """Commands that leave in one go; the reply is that of the last, the error the first one's."""

    commands: tuple[Words, ...]


Request = Generator[Words | Together, Any, T]


class Requests:
    """The steps of a key-value store under a key prefix. `watching`: until the next EXEC."""

    def __init__(self, prefix: str) -> None:
        self.watching = False
        self._prefix = prefix
        self._shas: dict[str, str] = {}
        self.by_step: Mapping[type[Step[Any]], Callable[[Any], Request[Any]]] = {
            kv.Script: self._script,
            kv.Command: self._command,
            kv.Transaction: self._transaction,
            kv.SetIfAbsent: self._set_if_absent,
        }
        self._found = dict(self.by_step)

    def of(self, step: Step[Any]) -> Request[Any]:
        """The request of a step, whatever kind it is of."""
        request_for = self._found.get(type(step))
        if request_for is None:
            kinds = (self.by_step[base] for base in type(step).__mro__ if base in self.by_step)
            request_for = self._found[type(step)] = next(kinds)
        return request_for(step)

    def _script(self, step: kv.Script[Any]) -> Request[Any]:
        """By its SHA; it is loaded when the server does not know it."""
        prefix = self._prefix
        keys = [prefix + key for key in step.keys()]  # noqa: SIM118 - a method, not a dict
        words = (len(keys), *keys, *step.arguments())
        file = step.file
        sha = self._shas.get(file)
        if sha is None:
            sha = self._shas[file] = sha1(kv.source(file).encode()).hexdigest()
        try:
            raw = yield ("EVALSHA", sha, *words)
        except NoScriptError:
            # What was loaded stays; EVAL runs even if somebody flushes the scripts just now.
            yield ("SCRIPT", "LOAD", kv.source(file))
            raw = yield ("EVAL", kv.source(file), *words)
        return step.decode(raw)

    def _command(self, step: kv.Command[Any]) -> Request[Any]:
        if step.name in ("WATCH", "UNWATCH"):
            self.watching = step.name == "WATCH"
        raw = yield step.words(self._prefix)
        return step.decode(raw)

    def _transaction(self, step: kv.Transaction[Any]) -> Request[Any]:
        replies = yield Together((("MULTI",), *step.commands(self._prefix), ("EXEC",)))
        self.watching = False
        wrong = next((each for each in replies or () if isinstance(each, Exception)), None)
        assert wrong is None, f"{type(step).__name__}: Redis refused: {wrong}"
        return step.decode(replies)

    def _set_if_absent(self, step: kv.SetIfAbsent) -> Request[bool]:
        key = self._prefix + step.key
        reply = yield ("SET", key, step.value, "NX", "PX", step.lease_ms)
        return reply is not None
