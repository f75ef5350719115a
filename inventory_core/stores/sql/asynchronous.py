"""A connection to PostgreSQL in an event loop: the same talks as the blocking one, never waiting.

    plan         perform(step) --> next(talk): sent           answer --> plan
    event loop                        ... readable: next(talk): the whole reply is there

The talk is carried on by the loop's callback, not by the task that waits: so that a reply costs one
turn of the loop, and the socket is empty before the loop looks again.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import psycopg
from psycopg.pq import ConnStatus

from inventory_core.domain import Limits
from inventory_core.problems import Problem
from inventory_core.steps import sql
from inventory_core.steps.errors import ConnectionLost
from inventory_core.steps.step import Step
from inventory_core.stores.patience import Patience
from inventory_core.stores.sql.connecting import open_connection, silence_most_s
from inventory_core.stores.sql.conversation import READ, Conversation, Talk, Wait
from inventory_core.stores.sql.schema import Schema


class AsyncPostgresqlPart:
    """The SQL part of a session. For one event loop, and for one plan at a time.

    It is made without a connection: `reset` makes one, the first time and after every loss.
    """

    def __init__(self, schema: Schema, limits: Limits) -> None:
        self._schema = schema
        self._limits = limits
        self._conversation = Conversation(schema.name, self.close)
        self._patience = Patience(silence_most_s(limits), self.close)
        self._connection: psycopg.Connection[Any] | None = None
        self._socket = -1
        self._writing = False  # does the loop tell us when the socket can be written to?
        self._talk: Talk[Any] | None = None
        self._answer: asyncio.Future[Any] | None = None
        self.handlers: Mapping[type[Step[Any]], Callable[[Any], Awaitable[Any]]] = {
            sql.Begin: self._begin,
            **{step: self._performer(ask) for step, ask in self._conversation.talks.items()},
        }

    @property
    def backend_pid(self) -> int:
        """The process of the server that serves this connection."""
        assert self._connection is not None, "not connected"
        return self._connection.pgconn.backend_pid

    @property
    def at_rest(self) -> bool:
        """Is it connected, with nothing open and no reply outstanding?"""
        return self._connection is not None and self._conversation.at_rest

    async def reset(self) -> None:
        """Roll back what an abandoned plan left open; connect if there is no good connection.

        `ConnectionLost` if there is no server to connect to: ask again later.
        """
        if self._connection is not None and await self._tidied():
            return
        self.close()
        await self._connect()

    async def _tidied(self) -> bool:
        try:
            return bool(await self._hear(self._conversation.tidy()))
        except ConnectionLost:
            return False

    def close(self) -> None:
        """Hang up. The server rolls back what was open; who waits for a reply has lost it."""
        connection, self._connection = self._connection, None
        if connection is None:
            return
        loop = asyncio.get_running_loop()
        loop.remove_reader(self._socket)  # before its number is given to another socket
        loop.remove_writer(self._socket)
        self._writing = False
        self._patience.stop()
        connection.close()
        answer, self._answer, self._talk = self._answer, None, None
        if answer is not None and not answer.done():
            answer.set_exception(ConnectionLost())

    # -------------------------------------------------------------------------- connecting

    async def _connect(self) -> None:
        try:
            connection = await self._opened()
        except Problem as problem:
            raise ConnectionLost(str(problem)) from problem
        self._connection = connection
        self._socket = connection.pgconn.socket
        asyncio.get_running_loop().add_reader(self._socket, self._carry_on)
        try:
            await self._hear(self._conversation.start(connection.pgconn))
        except psycopg.OperationalError as error:
            self.close()
            raise ConnectionLost(str(error)) from error

    async def _opened(self) -> psycopg.Connection[Any]:
        """Connect on a thread. Nobody else has the connection if we are cancelled meanwhile."""
        loop = asyncio.get_running_loop()
        opening = loop.run_in_executor(None, open_connection, self._schema, self._limits)
        try:
            return await asyncio.shield(opening)
        except asyncio.CancelledError:
            opening.add_done_callback(_close_unwanted)
            raise

    # ------------------------------------------------------------------------------ talking

    async def _begin(self, step: sql.Begin) -> None:
        self._conversation.begin(step)

    def _performer(self, ask: Callable[[Any], Talk[Any]]) -> Callable[[Step[Any]], Awaitable[Any]]:
        def perform(step: Step[Any]) -> Awaitable[Any]:
            return self._hear(ask(step))

        return perform

    async def _hear(self, talk: Talk[Any]) -> Any:
        """The answer of a talk. A reply that nobody waits for any more costs the connection."""
        assert self._talk is None, "two plans on one session"
        try:
            wait = next(talk)
        except StopIteration as end:
            return end.value
        self._talk = talk
        self._answer = answer = asyncio.get_running_loop().create_future()
        self._wait_for(wait)
        try:
            return await answer
        except asyncio.CancelledError:
            if self._talk is talk:
                self.close()
            raise

    def _carry_on(self) -> None:
        """The socket is ready: go on with the talk, and hand over its answer."""
        talk, answer = self._talk, self._answer
        if talk is None or answer is None:
            self._overhear()
            return
        if answer.done():
            return  # cancelled: whoever waited is about to hang up
        try:
            wait = next(talk)
        except StopIteration as end:
            self._end_talk()
            answer.set_result(end.value)
        except Exception as error:  # noqa: BLE001 - it belongs to whoever waits
            self._end_talk()
            if not answer.done():  # having hung up, it may have told already
                answer.set_exception(error)
        else:
            self._wait_for(wait)

    def _wait_for(self, wait: Wait) -> None:
        self._patience.begin()
        writing = wait is not READ
        if writing != self._writing:
            self._writing = writing
            loop = asyncio.get_running_loop()
            if writing:
                loop.add_writer(self._socket, self._carry_on)
            else:
                loop.remove_writer(self._socket)

    def _end_talk(self) -> None:
        self._talk = self._answer = None
        self._patience.end()

    def _overhear(self) -> None:
        """The server speaks unasked: a notice, or its last word."""
        assert self._connection is not None, "a reader without a connection"
        pq = self._connection.pgconn
        try:
            pq.consume_input()
            pq.is_busy()  # reads what has come
        except psycopg.OperationalError:
            self.close()
        else:
            if pq.status == ConnStatus.BAD:
                self.close()


def _close_unwanted(opening: asyncio.Future[psycopg.Connection[Any]]) -> None:
    if not opening.cancelled() and opening.exception() is None:
        opening.result().close()
