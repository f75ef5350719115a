"""The steps of a key-value store, on one connection to Redis or Valkey."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import hiredis
import redis

from inventory_core.domain import Limits
from inventory_core.steps.errors import ConnectionLost
from inventory_core.steps.step import Step
from inventory_core.stores.kv.cluster import moved_url
from inventory_core.stores.kv.errors import LOST, meaning_of
from inventory_core.stores.kv.explaining import explained
from inventory_core.stores.kv.requests import Request, Requests, Together, Words
from inventory_core.stores.kv.sentinel import server_url
from inventory_core.stores.session import Handler
from inventory_core.stores.sql.address import masked

CONNECT_WITHIN_S = 5.0


class RedisPart:
    """One connection, for one plan at a time."""

    def __init__(self, url: str, prefix: str, limits: Limits) -> None:
        self._url = url
        self._late_s = limits.lock_wait_s * 2  # lost then, though it may still be performed
        self._pool: redis.ConnectionPool
        self._connection: Any = None
        self._requests = Requests(prefix)
        self.handlers: Mapping[type[Step[Any]], Handler] = {
            step: self._performer(request_for)
            for step, request_for in self._requests.by_step.items()
        }
        self._open()

    def _pool_of(self, url: str) -> redis.ConnectionPool:
        return redis.ConnectionPool.from_url(
            url,
            socket_timeout=self._late_s,
            socket_connect_timeout=CONNECT_WITHIN_S,
            decode_responses=True,
            protocol=2,  # no messages that nobody asked for
            max_connections=1,
        )

    def _open(self) -> None:
        try:
            self._pool = self._pool_of(server_url(self._url))
            self._connection = self._pool.get_connection()
        except LOST as error:
            raise ConnectionLost(str(error)) from error

    def _ask(self, words: Words | Together) -> Any:
        if self._connection is None:
            raise ConnectionLost("the connection was lost and not yet made again")
        try:
            if isinstance(words, Together):
                return self._replied_last(words)
            self._connection.send_packed_command([hiredis.pack_command(words)])
            return self._connection.read_response()
        except redis.exceptions.NoScriptError:
            raise
        except redis.exceptions.NoPermissionError as error:
            raise explained(masked(self._url), error) from None
        except redis.ResponseError as error:
            meaning = meaning_of(error)
            if isinstance(meaning, ConnectionLost):
                self._lose()  # the next one may lead to a server that is fit
                self._follow(error)
            raise meaning from error
        except LOST as error:
            self._lose()
            raise ConnectionLost(str(error)) from error

    def _replied_last(self, words: Together) -> Any:
        packed = [hiredis.pack_command(each) for each in words.commands]
        self._connection.send_packed_command(packed)
        reply: Any = None
        wrong: redis.ResponseError | None = None
        for _ in packed:
            try:
                reply = self._connection.read_response()
            except redis.ResponseError as error:
                wrong = wrong or error
        if wrong is not None:
            raise wrong
        return reply

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

    def _follow(self, error: redis.ResponseError) -> None:
        """Go to the node of a cluster that has our keys now."""
        self._url = moved_url(self._url, error)

    def reset(self) -> None:
        """Connect again if the connection was lost; watch nothing."""
        if self._connection is None:
            self._requests.watching = False
            self._open()
        elif self._requests.watching:
            self._requests.watching = False
            self._ask(("UNWATCH",))

    def close(self) -> None:
        """Hang up."""
        self._lose()
        self._pool.disconnect()
