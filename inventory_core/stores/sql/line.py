"""A connection to PostgreSQL for a driver that waits for many of them at once.

What is one statement goes the short way (`Conversation.send`), with its BEGIN if one waits;
everything else is a talk, as on a blocking connection.
"""

from __future__ import annotations

from typing import Any

from psycopg.pq import TransactionStatus

from inventory_core.domain import Limits
from inventory_core.drivers.multiplexed import PENDING
from inventory_core.steps import sql
from inventory_core.steps.errors import StepError
from inventory_core.steps.step import Step
from inventory_core.stores.sql.conversation import READ, Talk
from inventory_core.stores.sql.postgresql import PostgresqlPart
from inventory_core.stores.sql.schema import Schema
from inventory_core.stores.sql.statement import Statement

_IDLE = int(TransactionStatus.IDLE)


class PostgresqlLine:
    """For one plan at a time. `at_rest`: nothing is open, and no reply outstanding."""

    def __init__(self, schema: Schema, limits: Limits) -> None:
        self._part = PostgresqlPart(schema, limits)
        self._conversation = self._part.conversation
        self._statement: Statement | None = None
        self._talk: Talk[Any] | None = None
        self.at_rest = True
        self.wants_write = False

    @property
    def backend_pid(self) -> int:
        """The process of the server that serves this connection."""
        return self._part.backend_pid

    def fileno(self) -> int:
        """The socket; -1 when the connection is closed."""
        return self._part.fileno()

    def ask(self, step: Step[Any]) -> Any:
        """Send what a step asks: `PENDING`, or the answer if nobody has to be asked for it."""
        if type(step) is sql.Begin:
            self._conversation.begin(step)
            self.at_rest = False
            return None
        try:
            self._statement = self._conversation.send(step)
            if self._statement is None:
                self._talk = self._part.talk(step)
                return self._go_on(self._talk)
            if self._conversation.unsent:
                self.wants_write = True
        except StepError:
            self._look()
            raise
        return PENDING

    def hear(self) -> Any:
        """The socket is ready: the answer if it has come, or `PENDING`."""
        statement = self._statement
        try:
            if statement is None:
                assert self._talk is not None, "a line that nobody asked"
                return self._go_on(self._talk)
            answer = self._conversation.receive(statement)
            if self.wants_write:
                self.wants_write = self._conversation.unsent
        except StepError:
            self._look()
            raise
        if answer is not PENDING and not self.at_rest:
            self.at_rest = self._conversation.status == _IDLE
        return answer

    def reset(self) -> None:
        """Make it fit for the next plan, or `ConnectionLost`."""
        self._talk = self._statement = None
        self.wants_write = False
        self._part.reset()
        self.at_rest = True

    def close(self) -> None:
        """Hang up."""
        self._part.close()
        self.at_rest = False

    def _go_on(self, talk: Talk[Any]) -> Any:
        try:
            self.wants_write = next(talk) is not READ
        except StopIteration as end:
            self._talk = None
            self._look()
            return end.value
        return PENDING

    def _look(self) -> None:
        self.wants_write = False
        self.at_rest = self._part.at_rest
