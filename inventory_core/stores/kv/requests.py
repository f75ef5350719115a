"""What is sent to Redis for each step, and what its replies mean, whoever carries the words.

A request is a generator: it yields the words of one command, is sent the reply (or thrown the
error), and returns the step's answer.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping
from hashlib import sha1
from typing import Any, TypeVar

from redis.exceptions import NoScriptError

from inventory_core.steps import kv
from inventory_core.steps.step import Step

T = TypeVar("T")
Words = tuple[Any, ...]
Request = Generator[Words, Any, T]


class Requests:
    """The steps of a key-value store under a key prefix."""

    def __init__(self, prefix: str) -> None:
        self._prefix = prefix
        self._shas: dict[str, str] = {}
        self.by_step: Mapping[type[Step[Any]], Callable[[Any], Request[Any]]] = {
            kv.Script: self._script,
            kv.Command: self._command,
            kv.SetIfAbsent: self._set_if_absent,
        }

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
        raw = yield step.words(self._prefix)
        return step.decode(raw)

    def _set_if_absent(self, step: kv.SetIfAbsent) -> Request[bool]:
        key = self._prefix + step.key
        reply = yield ("SET", key, step.value, "NX", "PX", step.lease_ms)
        return reply is not None
