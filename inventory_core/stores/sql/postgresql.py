"""A blocking connection to PostgreSQL that performs the SQL steps, close to the wire.

What is said is `conversation.py`; here is how we wait for the answers: in `poll`, not inside libpq.
Ctrl-C gets through, a server that never answers is given up, and gevent can run somebody else
meanwhile.
"""

from __future__ import annotations

import os
import select
import socket
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any, TypeVar

import psycopg

from inventory_core.domain import Limits
from inventory_core.problems import Problem
from inventory_core.steps import sql
from inventory_core.steps.errors import ConnectionLost
from inventory_core.steps.step import Step
from inventory_core.stores.session import Handler
from inventory_core.stores.sql.connecting import open_connection, silence_most_s
from inventory_core.stores.sql.conversation import READ, Conversation, Talk
from inventory_core.stores.sql.schema import Schema

T = TypeVar("T")


class PostgresqlPart:
    """The SQL part of a session. For one thread, and for one plan at a time."""

    def __init__(self, schema: Schema, limits: Limits) -> None:
        self._schema = schema
        self._limits = limits
        self._silence_ms = int(silence_most_s(limits) * 1000)
        self.conversation = Conversation(schema.name, self.close)
        self.handlers: Mapping[type[Step[Any]], Handler] = {
            sql.Begin: self.conversation.begin,
            **{step: self._performer(ask) for step, ask in self.conversation.talks.items()},
        }
        self._connect()

    @property
    def backend_pid(self) -> int:
        """The process of the server that serves this connection."""
        return self._connection.pgconn.backend_pid

    # ---------------------------------------------------- for who waits for several of them at once

    def fileno(self) -> int:
        """The socket; -1 when the connection is closed."""
        return -1 if self._connection.closed else self._connection.pgconn.socket

    def talk(self, step: Step[Any]) -> Talk[Any]:
        """Ask a step: a talk that says what it waits for, instead of waiting."""
        return self.conversation.talks[type(step)](step)

    @property
    def at_rest(self) -> bool:
        """Is nothing open, and no reply outstanding?"""
        return self.conversation.at_rest

    # ------------------------------------------------------------------------------------ its life

    def reset(self) -> None:
        """Roll back what an abandoned plan left open; connect again if the connection is lost.

        `ConnectionLost` if there is no server to connect to: ask again later.
        """
        if not self._tidied():
            self.close()
            try:
                self._connect()
            except Problem as problem:
                raise ConnectionLost from problem

    def _tidied(self) -> bool:
        try:
            return self._hear(self.conversation.tidy())
        except ConnectionLost:
            return False

    def close(self) -> None:
        """Hang up. The server rolls back what was open."""
        self._connection.close()

    def cut(self) -> None:
        """Break the connection: no goodbye reaches the server, which finds out by itself."""
        if not self._connection.closed:
            wire = socket.socket(fileno=os.dup(self._connection.pgconn.socket))
            with wire, suppress(OSError):  # the server was quicker
                wire.shutdown(socket.SHUT_RDWR)
        self.close()

    def _connect(self) -> None:
        self._connection = open_connection(self._schema, self._limits)
        self._poll = self._poll_for(select.POLLIN)
        self._poll_both = self._poll_for(select.POLLIN | select.POLLOUT)
        try:
            self._hear(self.conversation.start(self._connection.pgconn))
        except psycopg.OperationalError as error:
            self._connection.close()
            raise Problem(f"PostgreSQL hung up on us: {error}; try again.") from error
        except BaseException:
            self._connection.close()
            raise

    def _poll_for(self, events: int) -> Callable[[int], list[tuple[int, int]]]:
        poll = select.poll()
        poll.register(self._connection.pgconn.socket, events)
        return poll.poll

    def _performer(self, ask: Callable[[Any], Talk[Any]]) -> Handler:
        hear = self._hear

        def perform(step: Step[Any]) -> Any:
            return hear(ask(step))

        return perform

    def _hear(self, talk: Talk[T]) -> T:
        """Wait as often as the talk wants; its answer. Every wait is bounded."""
        try:
            while True:
                poll = self._poll if next(talk) is READ else self._poll_both
                if not poll(self._silence_ms):
                    self.close()
                    raise ConnectionLost
        except StopIteration as end:
            return end.value  # type: ignore[no-any-return]
