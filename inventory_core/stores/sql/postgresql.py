"""A blocking connection to PostgreSQL that performs the SQL steps, close to the wire.

Every statement is prepared once and then only executed. BEGIN costs no round trip:

    plan        Begin          ClaimOrder             TakeIfEnough        Commit
    wire                 [BEGIN, claim, sync] -->     [take] -->       [COMMIT] -->
                                 <-- reply         <-- reply        <-- reply

It speaks libpq itself (`psycopg.pq`), because a cursor costs more than the rest of the machinery.
It waits in `poll`, not inside libpq: Ctrl-C gets through, a server that never answers is given up,
and gevent can run somebody else meanwhile.
"""

from __future__ import annotations

import select
from collections.abc import Callable, Mapping
from typing import Any, NoReturn

import psycopg
from psycopg.pq import ConnStatus, DiagnosticField, ExecStatus, PipelineStatus, TransactionStatus
from psycopg.pq.abc import PGconn, PGresult

from inventory_core.domain import Limits
from inventory_core.problems import Problem
from inventory_core.steps import sql
from inventory_core.steps.errors import ConnectionLost
from inventory_core.steps.step import Step
from inventory_core.stores.session import Handler
from inventory_core.stores.sql.address import connect
from inventory_core.stores.sql.errors import meaning
from inventory_core.stores.sql.schema import Schema
from inventory_core.stores.sql.statement import Parameters, Statement
from inventory_core.stores.sql.statements import statements

SILENCE_MOST_S = 60.0
"""How long a reply may take beyond the waits for locks, before the server counts as gone."""

_OPENINGS = {level: level.name.encode() for level in sql.Isolation}
_BOUNDARIES = {
    b"Commit": b"COMMIT",
    b"Rollback": b"ROLLBACK",
    **{name: b"BEGIN ISOLATION LEVEL " + lv.value.encode() for lv, name in _OPENINGS.items()},
}
_GOOD = frozenset({ExecStatus.COMMAND_OK, ExecStatus.TUPLES_OK})


class PostgresqlPart:
    """The SQL part of a session. For one thread, and for one plan at a time."""

    def __init__(self, schema: Schema, limits: Limits) -> None:
        self._schema = schema
        self._limits = limits
        self._silence_ms = int((2 * limits.lock_wait_s + SILENCE_MOST_S) * 1000)
        self._statements = statements(schema.name)
        self._opening: bytes | None = None  # a BEGIN that waits for its first statement
        self.handlers: Mapping[type[Step[Any]], Handler] = {
            sql.Begin: self._begin,
            sql.Commit: self._commit,
            sql.Rollback: self._roll_back,
            **{step: self._performer(one) for step, one in self._statements.items()},
        }
        self._connect()

    @property
    def backend_pid(self) -> int:
        """The process of the server that serves this connection."""
        return self._pq.backend_pid

    def reset(self) -> None:
        """Roll back what an abandoned plan left open; connect again if the connection is lost.

        `ConnectionLost` if there is no server to connect to: ask again later.
        """
        self._opening = None
        if not self._rolled_back():
            self.close()
            try:
                self._connect()
            except Problem as problem:
                raise ConnectionLost from problem

    def close(self) -> None:
        """Hang up. The server rolls back what was open."""
        self._connection.close()

    # ------------------------------------------------------------------------- transactions

    def _begin(self, step: sql.Begin) -> None:
        idle = self._pq.transaction_status == TransactionStatus.IDLE
        lost = self._pq.status == ConnStatus.BAD  # the first statement will say so
        assert idle or lost, "a transaction within a transaction"
        assert self._opening is None, "a transaction within a transaction"
        self._opening = _OPENINGS[step.isolation]

    def _commit(self, _: sql.Commit) -> None:
        if self._opening is not None:
            self._opening = None  # nothing was asked in between: nothing to commit
            return
        result = self._run(b"Commit", ())
        done = result.command_status
        assert done == b"COMMIT", f"a plan commits a transaction that has failed: {done!r}"

    def _roll_back(self, _: sql.Rollback) -> None:
        if self._opening is None:
            self._run(b"Rollback", ())
        self._opening = None

    def _rolled_back(self) -> bool:
        """Is the connection in good order, after a rollback if need be?"""
        pq = self._pq
        if pq.status == ConnStatus.BAD or pq.pipeline_status != PipelineStatus.OFF:
            return False
        if pq.transaction_status == TransactionStatus.IDLE:
            return True
        if pq.transaction_status == TransactionStatus.ACTIVE:
            return False  # its plan was interrupted in the middle of a reply
        try:
            self._run(b"Rollback", ())
        except ConnectionLost:
            return False
        return True

    # --------------------------------------------------------------------------- statements

    def _performer(self, statement: Statement) -> Handler:
        name, encode, decode = statement.name, statement.encode, statement.decode
        run = self._run

        def perform(step: Step[Any]) -> Any:
            return decode(run(name, encode(step)))

        return perform

    def _run(self, name: bytes, parameters: Parameters) -> PGresult:
        """Execute a prepared statement; a BEGIN that waits goes with it."""
        try:
            if self._opening is not None:
                result = self._run_with_begin(self._opening, name, parameters)
            else:
                self._pq.send_query_prepared(name, parameters)
                result = self._reply()
                self._pq.get_result()  # "no more", which libpq knows already
        except psycopg.OperationalError as error:
            self._lost(str(error))
        if result.status not in _GOOD:
            self._fail(result)
        return result

    def _run_with_begin(self, opening: bytes, name: bytes, parameters: Parameters) -> PGresult:
        pq = self._pq
        pq.enter_pipeline_mode()
        self._opening = None
        pq.send_query_prepared(opening, ())
        pq.send_query_prepared(name, parameters)
        pq.pipeline_sync()
        begun = self._reply()
        pq.get_result()  # None, as after every result of a pipeline
        result = self._reply()
        pq.get_result()
        synchronised = self._reply()
        assert synchronised.status == ExecStatus.PIPELINE_SYNC, "a reply too many"
        pq.exit_pipeline_mode()
        return result if begun.status in _GOOD else begun

    def _reply(self) -> PGresult:
        """The next result, None between two of a pipeline. Every wait for more is bounded."""
        pq = self._pq
        while pq.is_busy():
            if not self._poll(self._silence_ms):
                self.close()
                raise ConnectionLost
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
            self.close()
        raise error

    def _lost(self, message: str) -> NoReturn:
        """Nobody knows what became of the statement. Hang up, so that nobody asks here again."""
        assert self._pq.status == ConnStatus.BAD, f"libpq refused: {message}"
        self.close()
        raise ConnectionLost

    # --------------------------------------------------------------------------- connecting

    def _connect(self) -> None:
        self._connection = connect(self._schema.url)
        try:
            self._schema.must_be_ours(self._connection)
            self._connection.execute(_SETTINGS.format(self._lock_wait_ms).encode())
            self._pq: PGconn = self._connection.pgconn
            poll = select.poll()
            poll.register(self._pq.socket, select.POLLIN)
            self._poll: Callable[[int], list[tuple[int, int]]] = poll.poll
            self._prepare()
        except psycopg.OperationalError as error:
            self._connection.close()
            raise Problem(f"PostgreSQL hung up on us: {error}; try again.") from error
        except BaseException:
            self._connection.close()
            raise

    @property
    def _lock_wait_ms(self) -> int:
        """At least 1: to PostgreSQL, 0 means for ever."""
        return max(1, int(self._limits.lock_wait_s * 1000))

    def _prepare(self) -> None:
        """Prepare everything in one round trip."""
        pq = self._pq
        pq.enter_pipeline_mode()
        for name, command in _BOUNDARIES.items():
            pq.send_prepare(name, command)
        for one in self._statements.values():
            pq.send_prepare(one.name, one.sql, one.types)
        pq.pipeline_sync()
        for _ in range(len(_BOUNDARIES) + len(self._statements)):
            result = self._reply()
            assert result.status in _GOOD, result.error_message.decode()
            self._reply()
        self._reply()
        pq.exit_pipeline_mode()


# One plan for every execution, and always by the index: a plan made when a table held three rows
# must not become a scan of three million. Limits of the server's owner on time are not ours.
_SETTINGS = """
    SET lock_timeout = {};
    SET statement_timeout = 0;
    SET default_transaction_isolation = 'read committed';
    SET plan_cache_mode = force_generic_plan;
    SET enable_seqscan = off;
    SET jit = off
"""
