"""The steps of a key-value store, on one connection to Redis or Valkey."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import hiredis
import redis

from inventory_core.domain import Limits
from inventory_core.steps.errors import ConnectionLost
from inventory_core.steps.step import Step
from inventory_core.stores.kv.errors import LOST, meaning_of
from inventory_core.stores.kv.requests import Request, Requests, Words
from inventory_core.stores.session import Handler

CONNECT_WITHIN_S = 5.0


class RedisPart:
    """One connection, for one plan at a time."""

    def __init__(self, url: str, prefix: str, limits: Limits) -> None:
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
            step: self._performer(request_for)
            for step, request_for in Requests(prefix).by_step.items()
        }
        self._open()

    def _open(self) -> None:
        try:
            self._connection = self._pool.get_connection()
        except LOST as error:
            raise ConnectionLost(str(error)) from error

    def _ask(self, words: Words) -> Any:
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

    def _performer(self, request_for: Callable[[Any], Request[Any]]) -> Handler:
        ask = self._ask

        def perform(step: Step[Any]) -> Any:
            request = request_for(step)
            try:
                words = next(request)
                while True:
                    try:
                        reply = ask(words)
                    except redis.exceptions.NoScriptError as error:
                        words = request.throw(error)
                    else:
                        words = request.send(reply)
            except StopIteration as end:
                return end.value

        return perform

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
