"""A blocking connection to MariaDB that performs the SQL steps.

A step may be several statements on the wire. Outside a transaction it gets one of its own, so that
it is one step for its caller. BEGIN is said with the first statement.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from hashlib import sha256
from typing import Any

import pymysql

from inventory_core.domain import Limits
from inventory_core.problems import Problem
from inventory_core.steps import sql
from inventory_core.steps.errors import ConnectionLost, LockTimeout, StepError
from inventory_core.steps.step import Step
from inventory_core.stores.mariadb import cells, holds, records, tasks
from inventory_core.stores.mariadb.address import connect, level_of
from inventory_core.stores.mariadb.errors import meaning
from inventory_core.stores.session import Handler
from inventory_core.stores.sql.connecting import silence_most_s

ALONE = frozenset(
    {sql.FindOrder, sql.ReadLog, sql.DueHolds, sql.TakeIfEnough, sql.TakeOfAll, sql.GiveBack}
    | {sql.ReadCell, sql.ReadCellLocked, sql.ReadCellNowait, sql.ReadCells, sql.WriteCell}
    | {sql.WriteCellIfVersion, sql.TakeTasks, sql.FinishTask, sql.AddTasks, sql.LockName}
    | {sql.LockOrder, *records.STEPS}
)
"""Steps of one statement: it commits by itself."""


class MariadbPart:
    """The SQL part of a session. For one thread, and for one plan at a time."""

    def __init__(self, url: str, database: str, limits: Limits) -> None:
        self._url, self._database, self._limits = url, database, limits
        self._connect()
        performers = {**cells.STEPS, **holds.STEPS, **tasks.STEPS, **records.STEPS}
        self.handlers: Mapping[type[Step[Any]], Handler] = {
            sql.Begin: self._begin,
            sql.Commit: lambda _: self._end("COMMIT"),
            sql.Rollback: lambda _: self._end("ROLLBACK"),
            sql.LockName: lambda step: self._perform(MariadbPart._lock_name, step),
            **{kind: self._handler(perform) for kind, perform in performers.items()},
        }

    @property
    def backend_pid(self) -> int:
        """The server's number for this connection."""
        return int(self._connection.thread_id())

    @property
    def at_rest(self) -> bool:
        """Is the connection in good order, with nothing open?"""
        return bool(self._connection.open) and not (self._open or self._named)

    def say(self, text: str, *values: object) -> tuple[int, Any]:
        """One statement: how many rows it found or wrote, and those that came back."""
        with self._connection.cursor() as cursor:
            count = cursor.execute(text, values or None)
            return count, cursor.fetchall()

    # --------------------------------------------------------------------------------- its life

    def reset(self) -> None:
        """Roll back what an abandoned plan left open; connect again if the connection is lost."""
        if not self._in_order():
            self.close()
            try:
                self._connect()
            except Problem as problem:
                raise ConnectionLost from problem

    def _in_order(self) -> bool:
        if not self._connection.open:
            return False
        try:
            if self._open or self._named:
                self._end("ROLLBACK")
        except ConnectionLost:
            return False
        return True

    def close(self) -> None:
        """Hang up. The server rolls back what was open."""
        with suppress(pymysql.MySQLError, OSError):
            if self._connection.open:
                self._connection.close()

    def cut(self) -> None:
        """Break the connection: no goodbye reaches the server."""
        self._connection._force_close()

    def _connect(self) -> None:
        self._open = self._failed = self._named = False
        self._opening: sql.Isolation | None = None
        self._connection = connect(self._url, silence_most_s(self._limits))
        wait_s = max(1, round(self._limits.lock_wait_s))
        try:
            self._connection.select_db(self._database)
            self.say(f"SET SESSION TRANSACTION ISOLATION LEVEL {level_of(self._url)}")
            self.say(f"SET innodb_lock_wait_timeout = {wait_s}, lock_wait_timeout = {wait_s}")
        except pymysql.MySQLError as error:
            self.close()
            raise Problem(f"Database {self._database}: {error.args[-1]}.") from error

    # ----------------------------------------------------------------------------- transactions

    def _begin(self, step: sql.Begin) -> None:
        assert not self._open, "a transaction within a transaction"
        self._open, self._opening = True, step.isolation

    def _end(self, how: str) -> None:
        assert how == "ROLLBACK" or not self._failed, "a plan commits a transaction that has failed"
        unsaid = self._opening is not None
        self._open, self._failed, self._opening = False, False, None
        try:
            if not unsaid:
                self.say(how)
            self._free_names()
        except pymysql.MySQLError as error:
            raise self._meaning(error) from error

    def _free_names(self) -> None:
        if self._named:
            self._named = False
            self.say("SELECT RELEASE_ALL_LOCKS()")

    def _handler(self, perform: Callable[[Any, Any], Any]) -> Handler:
        return lambda step: self._perform(perform, step)

    def _perform(self, perform: Callable[[Any, Any], Any], step: Step[Any]) -> Any:
        assert not self._failed, f"{type(step).__name__} in a transaction that has failed"
        wrapped = not self._open and type(step) not in ALONE
        try:
            self._say_opening()
            if wrapped:
                self.say("START TRANSACTION")
            answer = perform(self, step)
            if wrapped:
                self.say("COMMIT")
            if not self._open:
                self._free_names()
            return answer
        except pymysql.MySQLError as error:
            told = self._meaning(error)
            self._undo(wrapped, told)
            raise told from error
        except StepError as told:  # one that no server has told
            self._undo(wrapped, told)
            raise

    def _undo(self, wrapped: bool, told: Exception) -> None:
        """After an error only a rollback helps; a transaction of the step's own is over now."""
        self._failed = self._open
        if wrapped and not isinstance(told, ConnectionLost):
            try:
                self.say("ROLLBACK")
            except pymysql.MySQLError:
                self.close()

    def _say_opening(self) -> None:
        level, self._opening = self._opening, None
        if level is None:
            return
        if level is not sql.Isolation.READ_COMMITTED:
            self.say(f"SET TRANSACTION ISOLATION LEVEL {level.value}")
        self.say("START TRANSACTION")

    def _meaning(self, error: Any) -> Any:
        told = meaning(error)
        if isinstance(told, ConnectionLost):
            self.close()
        return told

    def _lock_name(self, step: sql.LockName) -> None:
        """Names are hashed: MariaDB's may have 64 characters."""
        name = sha256(f"{self._database} {step.name}".encode()).hexdigest()
        wait_s = max(1, round(self._limits.lock_wait_s))
        if self.say("SELECT GET_LOCK(%s, %s)", name, wait_s)[1][0][0] != 1:
            raise LockTimeout
        self._named = True
