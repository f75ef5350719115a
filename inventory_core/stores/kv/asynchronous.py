"""The steps of a key-value store in an event loop: one connection, shared by many sessions.

What needs no socket of its own shares one: many requests are under way on it at once, and a session
that is cancelled costs nobody else anything. What watches keys gets a connection to itself.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import Any
from urllib.parse import urlsplit

import redis
import redis.asyncio

from inventory_core.domain import Limits
from inventory_core.steps.errors import ConnectionLost
from inventory_core.steps.step import Step
from inventory_core.stores.kv.cluster import moved_to
from inventory_core.stores.kv.errors import LOST, meaning_of
from inventory_core.stores.kv.redis_part import CONNECT_WITHIN_S
from inventory_core.stores.kv.requests import Request, Requests, Together, Words
from inventory_core.stores.kv.sentinel import is_watched, said_of_servers, server_url
from inventory_core.stores.kv.wire import Wire


class AsyncRedisConnection:
    """A connection to the server at a URL, made by `connect` and made again after a loss."""

    def __init__(self, url: str, limits: Limits) -> None:
        pool = redis.asyncio.ConnectionPool.from_url(
            said_of_servers(url),
            socket_timeout=limits.lock_wait_s * 2,  # a reply that is late is lost
            socket_connect_timeout=CONNECT_WITHIN_S,
        )
        # Never connected: it only knows what the URL says, TLS and all.
        self._url = url
        self._said: Any = pool.connection_class(**pool.connection_kwargs)
        self._wire: Wire | None = None
        self._connecting = asyncio.Lock()

    @property
    def connected(self) -> bool:
        """Is there a server at the other end?"""
        return self._wire is not None and self._wire.connected

    async def connect(self) -> None:
        """Connect unless we are; `ConnectionLost` if there is no server that lets us in."""
        async with self._connecting:
            if self.connected:
                return
            try:
                async with asyncio.timeout(self._said.socket_connect_timeout):
                    self._wire = await self._opened()
            except (TimeoutError, *LOST) as error:
                raise ConnectionLost(str(error)) from error

    async def ask(self, words: Words | Together) -> Any:
        """A reply, the last one of several; an error reply is raised as what it means."""
        if self._wire is None:
            raise ConnectionLost("not connected")
        if isinstance(words, Together):
            asked = [self._wire.ask(one) for one in words.commands]
            replies = [await each for each in asked]
            wrong = (each for each in replies if isinstance(each, redis.ResponseError))
            reply = next(wrong, replies[-1])
        else:
            reply = await self._wire.ask(words)
        if isinstance(reply, redis.ResponseError):
            self._raise(reply)
        return reply

    def close(self) -> None:
        """Hang up."""
        if self._wire is not None:
            self._wire.hang_up()

    def _raise(self, reply: redis.ResponseError) -> None:
        if str(reply).startswith("NOSCRIPT"):
            raise redis.exceptions.NoScriptError(str(reply))
        meaning = meaning_of(reply)
        if isinstance(meaning, ConnectionLost):
            self.close()  # the next one may lead to a server that is fit
            if place := moved_to(reply):  # of a cluster: the node that has our keys now
                self._said.host, self._said.port = place[0] or self._said.host, place[1]
        raise meaning from reply

    async def _opened(self) -> Wire:
        said = self._said
        loop = asyncio.get_running_loop()
        if is_watched(self._url):
            await self._ask_sentinels()
        wire = Wire(said.socket_timeout)
        if isinstance(said, redis.asyncio.UnixDomainSocketConnection):
            await loop.create_unix_connection(lambda: wire, said.path)
        else:
            secure = getattr(said, "ssl_context", None)
            context = secure.get() if secure is not None else None
            await loop.create_connection(lambda: wire, said.host, said.port, ssl=context)
        try:
            for words in self._greeting():
                reply = await wire.ask(words)
                if isinstance(reply, redis.ResponseError):
                    raise ConnectionLost(str(reply))
        except BaseException:
            wire.hang_up()
            raise
        return wire

    async def _ask_sentinels(self) -> None:
        """Where the leader is now."""
        parts = urlsplit(await asyncio.to_thread(server_url, self._url))
        self._said.host, self._said.port = parts.hostname, parts.port

    def _greeting(self) -> list[Words]:
        said = self._said
        words: list[Words] = []
        if said.username or said.password:
            names = (said.username,) if said.username else ()
            words.append(("AUTH", *names, said.password or ""))
        if said.db:
            words.append(("SELECT", said.db))
        return words or [("PING",)]


class AsyncRedisPart:
    """The key-value part of a session: the steps, under a key prefix.

    `alone`: nobody else uses the connection, and it ends with this part.
    """

    def __init__(
        self, connection: AsyncRedisConnection, prefix: str, *, alone: bool = False
    ) -> None:
        self._connection = connection
        self._alone = alone
        self._requests = Requests(prefix)
        self.handlers: Mapping[type[Step[Any]], Callable[[Any], Awaitable[Any]]] = {
            step: self._performer(request_for)
            for step, request_for in self._requests.by_step.items()
        }

    @property
    def at_rest(self) -> bool:
        """Is it connected, watching nothing? An abandoned request is answered to nobody."""
        return self._connection.connected and not self._requests.watching

    async def reset(self) -> None:
        """Connect again if the connection was lost; watch nothing."""
        if self._connection.connected and self._requests.watching:
            await self._connection.ask(("UNWATCH",))
        self._requests.watching = False
        await self._connection.connect()

    def close(self) -> None:
        """Hang up, unless the connection is closed by whoever shares it out."""
        if self._alone:
            self._connection.close()

    def _performer(
        self, request_for: Callable[[Any], Request[Any]]
    ) -> Callable[[Step[Any]], Awaitable[Any]]:
        ask = self._connection.ask

        async def perform(step: Step[Any]) -> Any:
            request = request_for(step)
            try:
                words = next(request)
                while True:
                    try:
                        reply = await ask(words)
                    except redis.exceptions.NoScriptError as error:
                        words = request.throw(error)
                    else:
                        words = request.send(reply)
            except StopIteration as end:
                return end.value

        return perform
