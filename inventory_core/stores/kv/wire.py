"""One socket to Redis in an event loop, for many askers at once.

Replies come in the order of the requests, so whoever asks joins a queue of futures; what is asked
in one turn of the loop leaves in one packet. A request that nobody waits for any more is answered
all the same: its reply is dropped.
"""

from __future__ import annotations

import asyncio
from collections import deque
from typing import Any

import hiredis
import redis

from inventory_core.steps.errors import ConnectionLost
from inventory_core.stores.kv.requests import Words
from inventory_core.stores.patience import Patience

_NOTHING_YET = object()


class Wire(asyncio.Protocol):
    """Sends words and hands each reply to whoever asked; error replies are answers too."""

    def __init__(self, silence_most_s: float) -> None:
        self._patience = Patience(silence_most_s, self.hang_up)
        self._waiting: deque[asyncio.Future[Any]] = deque()
        self._outgoing: list[bytes] = []
        self._transport: asyncio.Transport | None = None
        self._reader = hiredis.Reader(
            protocolError=redis.InvalidResponse,
            replyError=redis.ResponseError,
            encoding="utf-8",
            notEnoughData=_NOTHING_YET,
        )

    @property
    def connected(self) -> bool:
        """Is there anybody at the other end?"""
        return self._transport is not None

    def ask(self, words: Words) -> asyncio.Future[Any]:
        """The reply to come."""
        if self._transport is None:
            raise ConnectionLost("the connection was lost and not yet made again")
        packed = hiredis.pack_command(words)
        loop = asyncio.get_running_loop()
        if not self._outgoing:
            loop.call_soon(self._send)
        self._outgoing.append(packed)
        if not self._waiting:
            self._patience.begin()
        reply = loop.create_future()
        self._waiting.append(reply)
        return reply

    def hang_up(self) -> None:
        """Close the socket; whoever waits for a reply has lost it."""
        transport, self._transport = self._transport, None
        if transport is not None:
            transport.abort()
        self._patience.stop()
        self._outgoing.clear()
        while self._waiting:
            reply = self._waiting.popleft()
            if not reply.done():
                reply.set_exception(ConnectionLost("Redis hung up, or does not answer"))

    def _send(self) -> None:
        if self._transport is not None and self._outgoing:
            self._transport.write(b"".join(self._outgoing))
        self._outgoing.clear()

    # ------------------------------------------------------------- what the event loop calls

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """The socket is open."""
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        """Hand over every reply that is complete."""
        reader, waiting = self._reader, self._waiting
        reader.feed(data)
        try:
            while (reply := reader.gets()) is not _NOTHING_YET:
                asker = waiting.popleft()
                if not asker.done():
                    asker.set_result(reply)
        except (redis.InvalidResponse, UnicodeDecodeError, IndexError):
            self.hang_up()  # it speaks what we do not understand, or unasked
            return
        if waiting:
            self._patience.begin()
        else:
            self._patience.end()

    def connection_lost(self, error: Exception | None) -> None:
        """The other side has gone."""
        self.hang_up()
