"""What is said over one connection to PostgreSQL, without ever waiting: the caller waits.

Asking a step is a *talk*: a generator that yields what it waits for, as psycopg's own do, and
returns the answer or raises a `StepError`. A blocking connection waits in `poll`, a non-blocking
one in the event loop, and both say the same. Every statement is prepared once and then only
executed. BEGIN costs no round trip, nor does a statement that is prepared when it is first asked:

    plan        Begin          ClaimOrder             TakeIfEnough        Commit
    wire                 [BEGIN, claim, sync] -->     [take] -->       [COMMIT] -->
                                 <-- reply         <-- reply        <-- reply

It speaks libpq itself (`psycopg.pq`), because a cursor costs more than the rest of the machinery.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping
from enum import Enum
from functools import partial
from typing import Any, NoReturn, TypeVar

import psycopg
from psycopg.pq import ConnStatus, DiagnosticField, ExecStatus, PipelineStatus, TransactionStatus
from psycopg.pq.abc import PGconn, PGresult

from inventory_core.drivers.multiplexed import PENDING
from inventory_core.steps import rows, sql
from inventory_core.steps.errors import ConnectionLost
from inventory_core.steps.step import Step
from inventory_core.stores.sql.encoding import Result, nothing
from inventory_core.stores.sql.errors import meaning
from inventory_core.stores.sql.record_statements import RECORD_STEPS, record_statement
from inventory_core.stores.sql.statement import Parameters, Statement
from inventory_core.stores.sql.statements import statements

T = TypeVar("T")


class Wait(Enum):
    """What a talk waits for: that the server can be read from, or written to as well."""

    READ = "read"
    READ_OR_WRITE = "read or write"


READ, READ_OR_WRITE = Wait.READ, Wait.READ_OR_WRITE  # by name: an enum looks its members up slowly

Talk = Generator[Wait, None, T]
"""Yields what it waits for until the answer is there; the waiter bounds every wait."""

_OPENINGS = {level: level.name.encode() for level in sql.Isolation}
_BOUNDARIES = {
    b"Commit": b"COMMIT",
    b"Rollback": b"ROLLBACK",
    **{name: b"BEGIN ISOLATION LEVEL " + lv.value.encode() for lv, name in _OPENINGS.items()},
}
_IDLE, _ACTIVE = TransactionStatus.IDLE, TransactionStatus.ACTIVE
_CONNECTED, _LOST, _PLAIN = ConnStatus.OK, ConnStatus.BAD, PipelineStatus.OFF
_SYNCHRONISED = int(ExecStatus.PIPELINE_SYNC)
_GOOD = frozenset({int(ExecStatus.COMMAND_OK), int(ExecStatus.TUPLES_OK)})


def _committed(result: Result) -> None:
    done = result.command_status  # type: ignore[attr-defined]
    assert done == b"COMMIT", f"a plan commits a transaction that has failed: {done!r}"


_ENDS: Mapping[type[Step[Any]], Statement] = {
    sql.Commit: Statement(b"Commit", b"COMMIT", (), lambda _: (), _committed),
    sql.Rollback: Statement(b"Rollback", b"ROLLBACK", (), lambda _: (), nothing),
}


class Conversation:
    """The talks about a schema, over one connection at a time, for one plan at a time.

    `begin` answers at once; `talks` says how every other step is asked. `hang_up` is called when
    the connection is of no more use.
    """

    def __init__(self, schema: str, hang_up: Callable[[], None]) -> None:
        self._hang_up = hang_up
        self._schema = schema
        self._statements = statements(schema)
        self._prepared: set[bytes] = set()
        self._opening: bytes | None = None  # a BEGIN that waits for its first statement
        self._replies: list[PGresult] = []  # to what left together, as far as they have come
        self._together = False
        self.unsent = False  # is something of what was sent still here?
        self._pq: PGconn
        self._plain: Mapping[type[Step[Any]], Statement] = {**self._statements, **_ENDS}
        self.talks: Mapping[type[Step[Any]], Callable[[Any], Talk[Any]]] = {
            sql.Commit: self._commit,
            sql.Rollback: self._roll_back,
            **{step: partial(self._ask, one) for step, one in self._statements.items()},
            **dict.fromkeys(RECORD_STEPS, self._ask_record),
            **dict.fromkeys((rows.InsertAll, rows.PutAll), self._ask_all),
        }

    def start(self, pq: PGconn) -> Talk[None]:
        """Go on over a new connection: prepare everything in one round trip."""
        self._pq = pq
        self._opening = None
        self._replies, self._together, self.unsent = [], False, False
        known = {one.name: (one.sql, one.types) for one in self._statements.values()}
        wanted = {**{name: (text, ()) for name, text in _BOUNDARIES.items()}, **known}
        pq.enter_pipeline_mode()
        for name, (text, types) in wanted.items():
            pq.send_prepare(name, text, types)
        replies = yield from self._pipelined(len(wanted))
        bad = [reply.error_message.decode() for reply in replies if reply.status not in _GOOD]
        assert not bad, bad[0]
        self._prepared = set(wanted)

    @property
    def at_rest(self) -> bool:
        """Is the connection in good order, with nothing open and no reply outstanding?"""
        pq = self._pq
        return (
            self._opening is None
            and pq.status == _CONNECTED
            and pq.pipeline_status == _PLAIN
            and pq.transaction_status == _IDLE
        )

    @property
    def status(self) -> int:
        """Whether a transaction is open, as libpq says it."""
        return self._pq.transaction_status

    def tidy(self) -> Talk[bool]:
        """Roll back what an abandoned plan left open; False if the connection is of no more use."""
        self._opening = None
        pq = self._pq
        if self.at_rest:
            return True
        if pq.status == _LOST or pq.pipeline_status != _PLAIN:
            return False
        if pq.transaction_status == _ACTIVE:
            return False  # its plan was interrupted in the middle of a reply
        try:
            yield from self._run(b"Rollback", ())
        except ConnectionLost:
            return False
        return True

    # ------------------------------------------------------------------------- transactions

    def begin(self, step: sql.Begin) -> None:
        """Note that a transaction opens with the next statement."""
        idle = self._pq.transaction_status == _IDLE
        lost = self._pq.status == _LOST  # the first statement will say so
        assert idle or lost, "a transaction within a transaction"
        assert self._opening is None, "a transaction within a transaction"
        self._opening = _OPENINGS[step.isolation]

    def _commit(self, _: sql.Commit) -> Talk[None]:
        if self._opening is not None:
            self._opening = None  # nothing was asked in between: nothing to commit
            return
        _committed((yield from self._run(b"Commit", ())))

    def _roll_back(self, _: sql.Rollback) -> Talk[None]:
        if self._opening is None:
            yield from self._run(b"Rollback", ())
        self._opening = None

    # ------------------------------------------------------------ statements, without a talk

    def send(self, step: Step[Any]) -> Statement | None:
        """Send what a step asks, if it is one known statement; `receive` its answer then.

        None: nothing was sent, and a talk will do. This is the short way of whoever has hundreds
        of plans to look after: it costs half of a talk.
        """
        statement = self._plain.get(type(step))
        if statement is None:
            return None
        pq, opening = self._pq, self._opening
        try:
            if opening is None:
                pq.send_query_prepared(statement.name, statement.encode(step))
            elif type(step) in _ENDS:
                return None
            else:
                self._opening = None
                self._together = True
                pq.enter_pipeline_mode()
                pq.send_query_prepared(opening, ())
                pq.send_query_prepared(statement.name, statement.encode(step))
                pq.pipeline_sync()
            self.unsent = bool(pq.flush())
        except psycopg.OperationalError as error:
            self._lost(str(error))
        return statement

    def receive(self, statement: Statement) -> Any:
        """The answer to what was sent, or `PENDING`. Call it when the socket can be read from."""
        pq = self._pq
        try:
            if self.unsent:
                self.unsent = bool(pq.flush())
            pq.consume_input()
            replies = self._replies
            while not pq.is_busy():
                reply = pq.get_result()
                if reply is None:
                    if not self._together:
                        break
                elif reply.status == _SYNCHRONISED:
                    pq.exit_pipeline_mode()
                    self._together = False
                    break
                else:
                    replies.append(reply)
            else:
                return PENDING
        except psycopg.OperationalError as error:
            self._lost(str(error))
        self._replies = []
        for reply in replies:
            if reply.status not in _GOOD:
                self._fail(reply)
        return statement.decode(replies[-1])

    # --------------------------------------------------------------------------- statements

    def _ask(self, statement: Statement, step: Step[Any]) -> Talk[Any]:
        name = statement.name
        unknown = None if name in self._prepared else statement
        result = yield from self._run(name, statement.encode(step), unknown)
        return statement.decode(result)

    def _ask_record(self, step: Step[Any]) -> Talk[Any]:
        statement = record_statement(self._schema, step)
        name, parameters = statement.name, statement.encode(step)
        known = name in self._prepared
        result = yield from self._run(name, parameters, None if known else statement)
        return statement.decode(result)

    def _ask_all(self, step: rows.InsertAll | rows.PutAll) -> Talk[None]:
        if step.rows:
            yield from self._ask_record(step)

    def _run(
        self, name: bytes, parameters: Parameters, unknown: Statement | None = None
    ) -> Talk[PGresult]:
        """Execute a prepared statement; a BEGIN that waits, and a PREPARE, go with it."""
        pq = self._pq
        try:
            if self._opening is None and unknown is None:
                pq.send_query_prepared(name, parameters)
                if pq.flush():
                    yield from self._flush()
                while pq.is_busy():
                    yield READ
                    pq.consume_input()
                result: PGresult = pq.get_result()  # type: ignore[assignment]
                while pq.is_busy():  # "no more" may come in a second piece
                    yield READ
                    pq.consume_input()
                pq.get_result()
            else:
                result = yield from self._run_with_more(name, parameters, unknown)
        except psycopg.OperationalError as error:
            self._lost(str(error))
        if result.status not in _GOOD:
            self._fail(result)
        return result

    def _run_with_more(
        self, name: bytes, parameters: Parameters, unknown: Statement | None
    ) -> Talk[PGresult]:
        pq, opening = self._pq, self._opening
        pq.enter_pipeline_mode()
        self._opening = None
        if opening is not None:
            pq.send_query_prepared(opening, ())
        if unknown is not None:
            pq.send_prepare(unknown.name, unknown.sql, unknown.types)
        pq.send_query_prepared(name, parameters)
        replies = yield from self._pipelined(1 + (opening is not None) + (unknown is not None))
        if unknown is not None and replies[-2].status in _GOOD:
            self._prepared.add(name)
        return next((reply for reply in replies if reply.status not in _GOOD), replies[-1])

    def _pipelined(self, count: int) -> Talk[list[PGresult]]:
        """Send what was put into the pipeline, and hear every reply."""
        pq = self._pq
        replies: list[PGresult] = []
        pq.pipeline_sync()
        yield from self._flush()
        for _ in range(count):
            replies.append((yield from self._reply()))
            yield from self._reply()  # None, as after every result of a pipeline
        synchronised = yield from self._reply()
        assert synchronised.status == ExecStatus.PIPELINE_SYNC, "a reply too many"
        pq.exit_pipeline_mode()
        return replies

    def _flush(self) -> Talk[None]:
        """Hand everything to the system. Read meanwhile, or both sides may wait for ever."""
        pq = self._pq
        while pq.flush():
            yield READ_OR_WRITE
            pq.consume_input()

    def _reply(self) -> Talk[PGresult]:
        """The next result, None between two of a pipeline."""
        pq = self._pq
        while pq.is_busy():
            yield READ
            pq.consume_input()
        return pq.get_result()  # type: ignore[return-value]  # the callers know where None is

    # ------------------------------------------------------------------------------- errors

    def _fail(self, result: PGresult) -> NoReturn:
        sqlstate = result.error_field(DiagnosticField.SQLSTATE)
        message = result.error_message.decode(errors="replace")
        if sqlstate is None:
            self._lost(message)
        error = meaning(sqlstate.decode(), message)
        if isinstance(error, ConnectionLost):
            self._hang_up()
        raise error

    def _lost(self, message: str) -> NoReturn:
        """Nobody knows what became of the statement. Hang up, so that nobody asks here again."""
        assert self._pq.status == _LOST, f"libpq refused: {message}"
        self._hang_up()
        raise ConnectionLost
