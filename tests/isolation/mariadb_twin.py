"""A MariaDB that is asked our steps in plain SQL: the live side of comparisons with its model.

Every statement is one of those that a store for MariaDB has to send; several that belong to one
step are sent in one transaction. A statement that waits is recognised by asking the server
(`SHOW ENGINE INNODB STATUS`, which is never stale), so nothing depends on how fast anything is.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

import pymysql
from pymysql.constants import CLIENT
from sqlalchemy import make_url

from inventory_core.domain import HoldState, Order, Outcome
from inventory_core.steps import sql
from inventory_core.steps.errors import (
    Conflict,
    ConstraintBroken,
    Deadlock,
    LockTimeout,
    StepError,
)
from inventory_core.steps.sql import CellRow, StoredOrder
from inventory_core.steps.step import Step
from tests.conformance.steps.twins import RealTwin, TaskIds

TABLES = """
    CREATE TABLE cell (sku varchar(40), place varchar(40), sellable bigint, version bigint,
        PRIMARY KEY (sku, place), CHECK (sellable >= 0));
    CREATE TABLE hold (order_number varchar(40) PRIMARY KEY, state varchar(20), generation bigint,
        fingerprint varchar(80), due_at datetime(6), attempts bigint);
    CREATE TABLE adjustment (adjustment_key varchar(80) PRIMARY KEY, sku varchar(40),
        place varchar(40), delta bigint, attempts bigint)
"""
MEANING: Mapping[int, type[StepError]] = {
    1020: Conflict,
    1062: ConstraintBroken,
    1205: LockTimeout,
    1213: Deadlock,
    4025: ConstraintBroken,
}
"""What the server's errors mean to a plan."""

HERE = "WHERE sku = %s AND place = %s"
STORED = "SELECT state, generation, fingerprint, COALESCE(due_at <= NOW(6), 1), attempts FROM hold"
BOOKED = ("cell", "hold", "adjustment")
"""The tables of the model that this MariaDB has too."""


def connect(url: str) -> Any:
    """A connection on which a statement commits by itself, and an UPDATE counts what it finds."""
    at = make_url(url)
    return pymysql.connect(
        host=at.host or "127.0.0.1",
        port=at.port or 3306,
        user=at.username or "root",
        password=at.password or "",
        autocommit=True,
        client_flag=CLIENT.FOUND_ROWS,
    )


class MariadbPart:
    """One connection, which performs steps."""

    def __init__(self, url: str, database: str, snapshot_isolation: bool) -> None:
        self._open = False
        self._connection = connect(url)
        self.backend_pid: int = self._connection.thread_id()
        self._say(f"USE {database}")
        self._say("SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED")
        self._say("SET SESSION innodb_lock_wait_timeout = 20")
        self._say("SET SESSION innodb_snapshot_isolation = %s", int(snapshot_isolation))
        self.handlers: Mapping[type[Step[Any]], Callable[[Any], Any]] = {
            kind: lambda step, perform=perform: self._perform(perform, step)
            for kind, perform in self._steps().items()
        }

    def _steps(self) -> dict[type[Step[Any]], Callable[[Any], Any]]:
        return {
            sql.Begin: self._begin,
            sql.Commit: lambda _: self._end("COMMIT"),
            sql.Rollback: lambda _: self._end("ROLLBACK"),
            sql.ReadCell: lambda step: self._cell(step.cell),
            sql.ReadCells: self._read_cells,
            sql.ReadCellLocked: lambda step: self._cell(step.cell, " FOR UPDATE"),
            sql.TakeIfEnough: self._take,
            sql.GiveBack: self._give_back,
            sql.WriteCell: self._write,
            sql.WriteCellIfVersion: self._write_if_version,
            sql.DrawToken: self._draw_token,
            sql.ClaimOrder: lambda step: self._claim(step.order),
            sql.Bury: self._bury,
            sql.FindOrder: lambda step: self._hold(step.order_number),
            sql.LockOrder: lambda step: self._hold(step.order_number, " FOR UPDATE"),
            sql.Settle: self._settle,
            sql.Refuse: self._refuse,
            sql.DueHolds: self._due,
            sql.RecordAdjustment: self._record,
            sql.OpenCells: self._open_cells,
        }

    def _perform(self, perform: Callable[[Any], Any], step: Step[Any]) -> Any:
        """A step of several statements outside a transaction is one all the same."""
        alone = not self._open and not isinstance(step, sql.Begin | sql.Commit | sql.Rollback)
        try:
            if alone:
                self._say("BEGIN")
            answer = perform(step)
            if alone:
                self._say("COMMIT")
            return answer
        except pymysql.MySQLError as error:
            if alone:
                self._say("ROLLBACK")
            kind = MEANING.get(error.args[0])
            if kind is None:
                raise
            raise kind from error

    def reset(self) -> None:
        """Roll back what is open."""
        self._end("ROLLBACK")

    def close(self) -> None:
        """Hang up."""
        self._connection.close()

    def _say(self, text: str, *values: object) -> tuple[int, Sequence[tuple[Any, ...]]]:
        with self._connection.cursor() as cursor:
            count = cursor.execute(text, values or None)
            return count, cursor.fetchall()

    # ------------------------------------------------------------------------- transactions

    def _begin(self, step: sql.Begin) -> None:
        self._say(f"SET TRANSACTION ISOLATION LEVEL {step.isolation.value}")
        self._say("BEGIN")
        self._open = True

    def _end(self, how: str) -> None:
        self._say(how)
        self._open = False

    # -------------------------------------------------------------------------------- cells

    def _cell(self, cell: Any, locking: str = "") -> CellRow:
        found = self._say(
            f"SELECT sellable, version FROM cell {HERE}{locking}", cell.sku, cell.place
        )[1]
        return CellRow(*found[0]) if found else CellRow(0, 0)

    def _read_cells(self, step: sql.ReadCells) -> tuple[int, ...]:
        if not step.cells:
            return ()
        each = f"SELECT COALESCE(MAX(sellable), 0) FROM cell {HERE}"
        values = [text for cell in step.cells for text in (cell.sku, cell.place)]
        found = self._say(" UNION ALL ".join([each] * len(step.cells)), *values)[1]
        return tuple(int(units) for (units,) in found)

    def _update(self, cell: Any, what: str, *values: object, also: str = "") -> bool:
        """An update of the cell; whether it met its condition."""
        text = f"UPDATE cell SET {what} version = version + 1 {HERE}{also}"
        place = 1 if what else 0
        return bool(self._say(text, *values[:place], cell.sku, cell.place, *values[place:])[0])

    def _take(self, step: sql.TakeIfEnough) -> bool:
        units = step.quantity
        return self._update(
            step.cell, "sellable = sellable - %s,", units, units, also=" AND sellable >= %s"
        )

    def _give_back(self, step: sql.GiveBack) -> None:
        self._update(step.cell, "sellable = sellable + %s,", step.quantity)

    def _write(self, step: sql.WriteCell) -> None:
        self._update(step.cell, "sellable = %s,", step.sellable)

    def _write_if_version(self, step: sql.WriteCellIfVersion) -> bool:
        also = " AND version = %s"
        return self._update(step.cell, "sellable = %s,", step.sellable, step.version, also=also)

    def _draw_token(self, step: sql.DrawToken) -> CellRow:
        self._update(step.cell, "")
        return self._cell(step.cell, " FOR UPDATE")

    def _open_cells(self, step: sql.OpenCells) -> None:
        for each in step.openings:
            cell, units = each.cell, each.quantity
            values = (f"opening:{cell}", cell.sku, cell.place, units)
            self._say("INSERT INTO adjustment VALUES (%s, %s, %s, %s, 1)", *values)
            self._say("INSERT INTO cell VALUES (%s, %s, %s, 0)", cell.sku, cell.place, units)

    # -------------------------------------------------------------------------------- holds

    def _hold(self, number: str, locking: str = "") -> StoredOrder | None:
        found = self._say(f"{STORED} WHERE order_number = %s{locking}", number)[1]
        if not found:
            return None
        state, generation, fingerprint, overdue, _ = found[0]
        return StoredOrder(False, HoldState(state), generation, fingerprint, bool(overdue))

    def _upsert(self, number: str, state: str, fingerprint: str, hold_s: float | None) -> Any:
        self._say(
            """INSERT INTO hold VALUES (%s, %s, 1, %s, NOW(6) + INTERVAL %s MICROSECOND, 1)
               ON DUPLICATE KEY UPDATE attempts = attempts + 1""",
            *(number, state, fingerprint, None if hold_s is None else int(hold_s * 1e6)),
        )
        found = self._say(f"{STORED} WHERE order_number = %s FOR UPDATE", number)[1]
        state, generation, fingerprint, overdue, attempts = found[0]
        return StoredOrder(attempts == 1, HoldState(state), generation, fingerprint, bool(overdue))

    def _claim(self, order: Order) -> Any:
        return self._upsert(order.number, "held", order.fingerprint, order.hold_s)

    def _bury(self, step: sql.Bury) -> Any:
        return self._upsert(step.order_number, "tombstone", "", None)

    def _settle(self, step: sql.Settle) -> None:
        self._say(
            """UPDATE hold SET state = %s, generation = COALESCE(%s, generation)
               WHERE order_number = %s""",
            *(step.state.value, step.generation, step.order_number),
        )

    def _refuse(self, step: sql.Refuse) -> Outcome:
        self._settle(sql.Settle(step.order.number, HoldState.REFUSED))
        for take in step.taken:
            self._give_back(sql.GiveBack(take.cell, take.quantity))
        return Outcome.REFUSED

    def _due(self, step: sql.DueHolds) -> tuple[str, ...]:
        text = """SELECT order_number FROM hold WHERE state = 'held' AND due_at <= NOW(6)
                  ORDER BY due_at, order_number LIMIT %s"""
        return tuple(number for (number,) in self._say(text, step.limit)[1])

    def _record(self, step: sql.RecordAdjustment) -> int | None:
        cell = step.cell
        self._say(
            """INSERT INTO adjustment VALUES (%s, %s, %s, %s, 1)
               ON DUPLICATE KEY UPDATE attempts = attempts + 1""",
            *(step.key, cell.sku, cell.place, step.delta),
        )
        text = "SELECT delta, attempts FROM adjustment WHERE adjustment_key = %s FOR UPDATE"
        delta, attempts = self._say(text, step.key)[1][0]
        return None if attempts == 1 else int(delta)


class MariadbTwin(RealTwin):
    """The server's side: one connection and one thread a session, in a database of our own."""

    def __init__(self, url: str, sessions: int, snapshot_isolation: bool = False) -> None:
        self._database = f"{make_url(url).database}_{'on' if snapshot_isolation else 'off'}"
        self._observer: Any = connect(url)
        self._ask(f"CREATE DATABASE {self._database}")
        self._ask(f"USE {self._database}")
        for text in TABLES.split(";"):
            self._ask(text)
        self._parts: Any = [
            MariadbPart(url, self._database, snapshot_isolation) for _ in range(sessions)
        ]
        self._threads = [ThreadPoolExecutor(1) for _ in range(sessions)]
        self._waiting: dict[int, Future[Any]] = {}
        self._ids = TaskIds()

    def close(self) -> None:
        """Hang up and drop the database."""
        for part, thread in zip(self._parts, self._threads, strict=True):
            thread.shutdown()
            part.close()
        self._ask(f"DROP DATABASE {self._database}")
        self._observer.close()

    def rows(self) -> set[tuple[str, ...]]:
        """What is committed, as texts."""
        found: set[tuple[str, ...]] = set()
        for table, columns in (
            ("cell", "sku, place, sellable, version"),
            ("hold", "order_number, state, generation, fingerprint"),
            ("adjustment", "adjustment_key, sku, place, delta"),
        ):
            found |= {
                (table, *map(str, row)) for row in self._ask(f"SELECT {columns} FROM {table}")
            }
        return found

    def _empty(self) -> None:
        for table in BOOKED:
            self._ask(f"TRUNCATE {table}")  # a deleted row would leave its mark in the index

    def _ask(self, text: str) -> Sequence[tuple[Any, ...]]:
        with self._observer.cursor() as cursor:
            cursor.execute(text)
            found: Sequence[tuple[Any, ...]] = cursor.fetchall()
            return found

    def _is_blocked(self, session: int) -> bool:
        thread = f"MariaDB thread id {self._parts[session].backend_pid},"
        status: str = self._ask("SHOW ENGINE INNODB STATUS")[0][2]
        transactions = status.split("---TRANSACTION")[1:]
        return any(thread in each and "LOCK WAIT" in each for each in transactions)
