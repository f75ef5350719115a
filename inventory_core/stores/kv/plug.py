"""A socket to Redis that never waits: whoever uses it is told when it can be read from.

It is opened by redis-py, which knows what a URL says (TLS, passwords, the number of the database),
and spoken to with hiredis alone.
"""

from __future__ import annotations

import ssl
from typing import Any

import hiredis
import redis

from inventory_core.domain import Limits
from inventory_core.steps.errors import ConnectionLost
from inventory_core.stores.kv.cluster import moved_url
from inventory_core.stores.kv.errors import LOST, meaning_of
from inventory_core.stores.kv.redis_part import CONNECT_WITHIN_S

CHUNK = 65_536
NOT_NOW = (BlockingIOError, ssl.SSLWantReadError, ssl.SSLWantWriteError)
NOTHING_YET = object()


class Plug:
    """Bytes out, replies in. An error reply is a reply; `ConnectionLost` is raised."""

    def __init__(self, url: str, limits: Limits) -> None:
        self._url = url
        self.late_s = limits.lock_wait_s * 2  # a reply that is later is lost
        self._connection: Any = None
        self._wire: Any = None
        self._secure = False
        self._left = b""
        self.connect()

    def connect(self) -> None:
        """Connect, blocking, at most `CONNECT_WITHIN_S`; `ConnectionLost` if nobody lets us in."""
        pool = redis.ConnectionPool.from_url(
            self._url,
            socket_timeout=CONNECT_WITHIN_S,
            socket_connect_timeout=CONNECT_WITHIN_S,
            protocol=2,  # no messages that nobody asked for
        )
        connection: Any = pool.make_connection()
        try:
            connection.connect()
        except LOST as error:
            raise ConnectionLost(str(error)) from error
        self._connection, self._wire = connection, connection._sock
        self._wire.setblocking(False)
        self._secure = isinstance(self._wire, ssl.SSLSocket)
        self._left = b""
        self._reader = hiredis.Reader(
            protocolError=redis.InvalidResponse,
            replyError=redis.ResponseError,
            encoding="utf-8",
            notEnoughData=NOTHING_YET,
        )
        self.reply = self._reader.gets

    @property
    def connected(self) -> bool:
        """Is there anybody at the other end?"""
        return self._wire is not None

    @property
    def wants_write(self) -> bool:
        """Is something left to send?"""
        return bool(self._left)

    def fileno(self) -> int:
        """The socket; -1 when there is none."""
        return -1 if self._wire is None else int(self._wire.fileno())

    def push(self, packed: bytes) -> None:
        """Send; what the system does not take now is kept for the next time."""
        if self._wire is None:
            raise ConnectionLost("the connection was lost and not yet made again")
        if self._left:
            packed = self._left + packed
        try:
            sent = self._wire.send(packed) if packed else 0
        except NOT_NOW:
            sent = 0
        except LOST as error:
            self._lose(error)
        self._left = packed[sent:] if sent < len(packed) else b""

    def pull(self) -> None:
        """Take in what has come: `reply` hands it out, `NOTHING_YET` at the end."""
        try:
            while True:
                data = self._wire.recv(CHUNK)
                if not data:
                    self._lose(ConnectionError("Redis hung up"))
                self._reader.feed(data)
                if not self._secure:  # what TLS holds back, no `epoll` tells
                    return
        except NOT_NOW:
            return
        except LOST as error:
            self._lose(error)

    def next_reply(self) -> Any:
        """The next reply that is complete, or `NOTHING_YET`."""
        try:
            return self.reply()
        except (redis.InvalidResponse, UnicodeDecodeError) as error:
            self._lose(error)  # it speaks what we do not understand

    def refused(self, reply: redis.ResponseError) -> Exception:
        """What an error reply means; after some the server is of no more use to us."""
        if str(reply).startswith("NOSCRIPT"):
            return redis.exceptions.NoScriptError(str(reply))
        meaning = meaning_of(reply)
        if isinstance(meaning, ConnectionLost):
            self.hang_up()  # the next one may lead to a server that is fit
            self._url = moved_url(self._url, reply)  # of a cluster: the node that has our keys
        return meaning

    def hang_up(self) -> None:
        """Close the socket."""
        if self._connection is not None:
            self._connection.disconnect()
        self._connection = self._wire = None

    def _lose(self, error: Exception) -> Any:
        self.hang_up()
        raise ConnectionLost(str(error)) from error
