"""Capturing a PostgreSQL: a slot with its snapshot, then what `pgoutput` tells.

    CREATE_REPLICATION_SLOT --exports--> snapshot of every commit before, read in one transaction
             |
             +--> stream of every commit after: no gap between the two, and no row in both

A transaction reaches us once it has committed; we pass its rows on in batches, before its end, and
acknowledge the end alone. So a large one needs no memory, and a death in the middle repeats it.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from typing import Any

import psycopg
from psycopg import sql

from inventory_core.problems import Problem
from inventory_core.sync.cdc import pgoutput, postgresql_setup
from inventory_core.sync.cdc.capture import Retained
from inventory_core.sync.cdc.change import SNAPSHOT, Captured, Change, Operation, Position
from inventory_core.sync.cdc.errors import SourceLost
from inventory_core.sync.cdc.pgoutput import UNCHANGED, Relation, Row
from inventory_core.sync.cdc.postgresql_setup import Names
from inventory_core.sync.cdc.replication import Replication, lsn_of, lsn_text
from inventory_core.sync.cdc.rules import Rules

ROWS = 2_000
"""Rows of a snapshot in one batch."""


class PostgresqlCapture:
    """One capture of one database."""

    def __init__(self, url: str, pipeline: str, rules: Rules, warn_bytes: int) -> None:
        self._url = url
        self._rules = rules
        self._warn_bytes = warn_bytes
        self._names = Names.of(pipeline)
        self._asking = postgresql_setup.opened(url)
        self._replication: Replication | None = None
        self._through = 0
        try:
            with lost():
                self._keys = postgresql_setup.keys_of(self._asking, rules)
                postgresql_setup.prepare(self._asking, url, self._names, rules)
            self._assembling = Assembling(rules, self._keys)
            self._replication = Replication(url)
        except BaseException:
            self.close()
            raise

    def snapshot(self) -> Iterator[list[Change]]:
        """Make the slot anew, and read every watched row as of its beginning."""
        with lost():
            postgresql_setup.drop_slot(self._asking, self._names)
        created = self._log.create_slot(self._names.slot)
        with lost(), postgresql_setup.opened(self._url) as connection, connection.transaction():
            connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
            connection.execute(f"SET TRANSACTION SNAPSHOT '{created.snapshot}'".encode())
            for table in self._rules.tables:
                yield from self._rows(connection, table)

    def stream(self, position: str) -> str:
        """Begin to read the log, from where the slot was acknowledged."""
        self._log.start(self._names.slot, self._names.publication)
        return position or lsn_text(0)

    def read(self, most: int, within_s: float) -> Captured:
        """Changes as they come; whatever has come is not made to wait for more."""
        until_s = time.monotonic() + within_s
        changes: list[Change] = []
        through = 0
        while len(changes) < most:
            told = self._log.read(0.0 if changes or through else until_s)
            if told is None:
                break
            end = self._assembling.add(told.lsn, told.data, changes)
            through = max(through, end)
        if not changes and not through and not self._assembling.in_transaction:
            through = self._log.server_lsn  # nothing of ours: the log may go on without us
        if through <= self._through:
            return Captured(changes, "")
        self._through = through
        return Captured(changes, lsn_text(through))

    def acknowledge(self, through: str) -> None:
        """The slot needs nothing before."""
        self._log.flushed(lsn_of(through))

    def stay(self) -> None:
        """A sign of life."""
        self._log.say()

    def retained(self) -> Retained | None:
        """What the slot keeps, with a warning if that is too much."""
        with lost():
            slot = postgresql_setup.slot_of(self._asking, self._names)
        return None if slot is None else judged(slot, self._names.slot, self._warn_bytes)

    def close(self) -> None:
        """Hang up both connections."""
        if self._replication is not None:
            self._replication.close()
        self._asking.close()

    @property
    def _log(self) -> Replication:
        assert self._replication is not None, "the capture is closed"
        return self._replication

    def _rows(self, connection: psycopg.Connection[Any], table: str) -> Iterator[list[Change]]:
        rule = self._rules.by_table[table]
        key = self._keys[table]
        names = sorted(rule.wanted | set(key))
        columns = sql.SQL(", ").join(sql.SQL("{}::text").format(sql.Identifier(n)) for n in names)
        query = sql.SQL("SELECT {} FROM {}").format(columns, sql.Identifier(*table.split(".")))
        at_us = time.time_ns() // 1_000
        with connection.cursor(name="snapshot") as cursor:
            cursor.execute(query)
            while rows := cursor.fetchmany(ROWS):
                told = (dict(zip(names, row, strict=True)) for row in rows)
                yield [
                    Change(table, Operation.PUT, _key(each, key), each, SNAPSHOT, at_us)
                    for each in told
                ]


class Assembling:
    """Makes changes of messages: who the row is, where it stands, when it was committed."""

    def __init__(self, rules: Rules, keys: Mapping[str, tuple[str, ...]]) -> None:
        self._rules = rules
        self._keys = keys
        self._decoder = pgoutput.Decoder()
        self._committed_at_us = 0
        self._known: dict[int, tuple[str, tuple[int, ...]]] = {}  # table, and where its key is
        self.in_transaction = False

    def add(self, lsn: int, data: bytes, changes: list[Change]) -> int:
        """Add what a message says; the end of its transaction if it is that, else 0."""
        message = self._decoder.decode(data)
        match message:
            case pgoutput.Update(relation, old, new):
                self._put(lsn, relation, old, new, changes)
            case pgoutput.Insert(relation, new):
                self._put(lsn, relation, None, new, changes)
            case pgoutput.Delete(relation, old):
                table, keys = self._known[relation.number]
                key = tuple([old[place] for place in keys])
                changes.append(self._change(table, Operation.GONE, key, {}, lsn, 0))
            case pgoutput.Begin():
                self._committed_at_us = message.committed_at_us
                self.in_transaction = True
            case pgoutput.Commit():
                self.in_transaction = False
                return message.end_lsn
            case pgoutput.Relation():
                self._described(message)
            case pgoutput.Truncate(relations):
                changes += [
                    self._change(each.table, Operation.EMPTIED, (), {}, lsn, 0)
                    for each in relations
                ]
            case _:
                pass
        return 0

    def _put(
        self, lsn: int, relation: Relation, old: Row | None, new: Row, changes: list[Change]
    ) -> None:
        table, keys = self._known[relation.number]
        key: Any = tuple([new[place] for place in keys])
        if old is not None:
            before = tuple([old[place] for place in keys])
            if before != key:  # the row has moved: it is gone from where it was
                changes.append(self._change(table, Operation.GONE, before, {}, lsn, 0))
        columns = self._told(relation, new)
        at = Position(lsn, 1)
        changes.append(Change(table, Operation.PUT, key, columns, at, self._committed_at_us))

    def _change(
        self,
        table: str,
        operation: Operation,
        key: tuple[Any, ...],
        columns: dict[str, str | None],
        lsn: int,
        part: int,
    ) -> Change:
        return Change(table, operation, key, columns, Position(lsn, part), self._committed_at_us)

    def _told(self, relation: Relation, row: Row) -> dict[str, str | None]:
        columns: dict[str, Any] = dict(zip(relation.columns, row, strict=True))
        if UNCHANGED in row:
            wanted = self._rules.by_table[relation.table].wanted
            for name in [name for name, value in columns.items() if value is UNCHANGED]:
                if name in wanted:
                    raise Problem(
                        f"column {name} of table {relation.table} is stored out of line, and its"
                        " log does not repeat it: ALTER TABLE ... REPLICA IDENTITY FULL, or leave"
                        " the column out of the rules"
                    )
                del columns[name]
        return columns

    def _described(self, relation: Relation) -> None:
        """The table as it is from here on: is it still what the rules and its key want?"""
        rule = self._rules.by_table.get(relation.table)
        if rule is None:
            raise Problem(
                f"table {relation.table} is published for this pipeline and no rule names it:"
                " was it renamed? Name it in a rule"
            )
        rule.check(relation.columns)
        told = {n for n, is_key in zip(relation.columns, relation.keys, strict=True) if is_key}
        missing = sorted(set(self._keys[relation.table]) - told)
        if missing:
            raise Problem(
                f"table {relation.table} does not tell column {missing[0]!r} of a row that is"
                " deleted: give the table its primary key back, or ALTER TABLE ... REPLICA"
                " IDENTITY USING INDEX one that has it"
            )
        places = tuple(relation.columns.index(name) for name in self._keys[relation.table])
        self._known[relation.number] = relation.table, places


def retained_from(url: str, pipeline: str, warn_bytes: int) -> Retained | None:
    """What a server keeps for a pipeline, asked on a connection of its own."""
    names = Names.of(pipeline)
    with lost(), closing(postgresql_setup.opened(url)) as connection:
        slot = postgresql_setup.slot_of(connection, names)
    return None if slot is None else judged(slot, names.slot, warn_bytes)


@contextmanager
def lost() -> Iterator[None]:
    """A connection that breaks is `SourceLost`."""
    try:
        yield
    except psycopg.OperationalError as error:
        raise SourceLost(str(error)) from error


def judged(slot: postgresql_setup.Slot, name: str, warn_bytes: int) -> Retained:
    """Is it too much what the server keeps? It would fill its disk, or give the slot up."""
    warning = ""
    most = warn_bytes
    if slot.room_bytes >= 0:  # the server has a limit of its own: warn at half of that
        most = min(most, (slot.retained_bytes + slot.room_bytes) // 2)
    if slot.status == "lost":
        warning = (
            f"slot {name} is lost: the server gave up what it kept; stockproof cdc replay"
            " --snapshot takes a new snapshot"
        )
    elif slot.retained_bytes > most:
        reader = "its reader is behind" if slot.active else "nobody reads it"
        warning = (
            f"slot {name} makes the server keep {slot.retained_bytes / 1e6:,.0f} MB of log"
            f" ({reader}; the warning is at {most / 1e6:,.0f} MB): run the pipeline, or remove the"
            " slot before the disk is full"
        )
    return Retained(slot.retained_bytes, slot.behind_bytes, warning)


def _key(columns: Mapping[str, Any], key: tuple[str, ...]) -> tuple[str, ...]:
    return tuple([columns[name] for name in key])
