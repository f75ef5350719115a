"""The steps of a key-value store, on one connection to Redis or Valkey."""

from __future__ import annotations

from collections.abc import Mapping
from hashlib import sha1
from typing import Any

import hiredis
import redis

from inventory_core.domain import Limits
from inventory_core.steps import kv
from inventory_core.steps.errors import ConnectionLost
from inventory_core.steps.step import Step
from inventory_core.stores.kv.errors import LOST, meaning_of
from inventory_core.stores.session import Handler

CONNECT_WITHIN_S = 5.0


class RedisPart:
    """One connection. A script is sent by its SHA, and loaded when the server does not know it."""

    def __init__(self, url: str, prefix: str, limits: Limits) -> None:
        self._prefix = prefix
        self._shas: dict[str, str] = {}
        # A reply that is late is lost: the request may still be performed.
        self._pool = redis.ConnectionPool.from_url(
            url,
            socket_timeout=limits.lock_wait_s * 2,
            socket_connect_timeout=CONNECT_WITHIN_S,
            decode_responses=True,
            protocol=2,  # no messages that nobody asked for
            max_connections=1,
        )
        self._connection: Any = None
        self.handlers: Mapping[type[Step[Any]], Handler] = {
            kv.Script: self._script,
            kv.SetIfAbsent: self._set_if_absent,
        }
        self._open()

    def _open(self) -> None:
        try:
            self._connection = self._pool.get_connection()
        except LOST as error:
            raise ConnectionLost(str(error)) from error

    def _ask(self, *words: Any) -> Any:
        if self._connection is None:
            raise ConnectionLost("the connection was lost and not yet made again")
        try:
            self._connection.send_packed_command([hiredis.pack_command(words)])
            return self._connection.read_response()
        except redis.exceptions.NoScriptError:
            raise
        except redis.ResponseError as error:
            meaning = meaning_of(error)
            if isinstance(meaning, ConnectionLost):
                self._lose()  # the next one may lead to a server that is fit
            raise meaning from error
        except LOST as error:
            self._lose()
            raise ConnectionLost(str(error)) from error

    def _script(self, step: kv.Script[Any]) -> Any:
        prefix = self._prefix
        keys = [prefix + key for key in step.keys()]  # noqa: SIM118 - a method, not a dict
        words = (len(keys), *keys, *step.arguments())
        file = step.file
        sha = self._shas.get(file)
        if sha is None:
            sha = self._shas[file] = sha1(kv.source(file).encode()).hexdigest()
        try:
            raw = self._ask("EVALSHA", sha, *words)
        except redis.exceptions.NoScriptError:
            # What was loaded stays; EVAL runs even if somebody flushes the scripts just now.
            self._ask("SCRIPT", "LOAD", kv.source(file))
            raw = self._ask("EVAL", kv.source(file), *words)
        return step.decode(raw)

    def _set_if_absent(self, step: kv.SetIfAbsent) -> bool:
        key = self._prefix + step.key
        return self._ask("SET", key, step.value, "NX", "PX", step.lease_ms) is not None

    def _lose(self) -> None:
        if self._connection is not None:
            self._connection.disconnect()
            self._pool.release(self._connection)
            self._connection = None

    def reset(self) -> None:
        """Connect again if the connection was lost."""
        if self._connection is None:
            self._open()

    def close(self) -> None:
        """Hang up."""
        self._lose()
        self._pool.disconnect()
