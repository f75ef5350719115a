"""The store's own schema in somebody's database: made, recognised, emptied, removed; never more.

The comment on the schema is the proof that it is ours; it is written in the transaction that makes
the schema. Without the proof, nothing in a schema is touched. What others have put into ours, or
hung on it, keeps it from being removed: PostgreSQL itself sees to that, because we drop our tables
by name and the schema only when it is empty.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
from psycopg import errors
from sqlalchemy.dialects.postgresql import dialect
from sqlalchemy.schema import CreateIndex, CreateTable

from inventory_core.problems import Problem
from inventory_core.stores.sql.address import connect, masked
from inventory_core.stores.sql.tables import tables_of

FORMAT = 1
"""Raised whenever the tables change; a schema of another format is refused."""

MARK = "stockproof inventory, format {format}: made by stockproof, which may remove it"
LOCKS_WITHIN_S = 30
_IS_OURS = re.compile(r"stockproof inventory, format (\d+):")
_ONE_AT_A_TIME = "SELECT pg_advisory_xact_lock(hashtext('stockproof ' || %s))"
_COMMENT = "SELECT obj_description(oid, 'pg_namespace') FROM pg_namespace WHERE nspname = %s"
_FOREIGN = """
    SELECT relname FROM pg_class JOIN pg_namespace n ON n.oid = relnamespace
    WHERE nspname = %s AND relkind IN ('r', 'p', 'v', 'm', 'f') AND relname != ALL (%s)
    ORDER BY relname LIMIT 1
"""

_THERE = "SELECT tablename FROM pg_tables WHERE schemaname = %s"


class Schema:
    """A schema of that name in the database at that URL."""

    def __init__(self, url: str, name: str) -> None:
        if not re.fullmatch(r"[a-z_][a-z0-9_]{0,62}", name) or name.startswith("pg_"):
            raise Problem(
                f"{name!r} cannot be the name of a schema:"
                " take small letters, digits and underscores, and not pg_ in front."
            )
        self.url = url
        self.name = name
        self._tables = tables_of(name).metadata.sorted_tables
        self._names = [table.name for table in self._tables]

    def planned(self) -> tuple[str, ...]:
        """What `create` and `remove` would do, in sentences; the server is not asked."""
        where = masked(self.url)
        creation = [f"create in {where}: {command}" for command in self.creation()]
        return (*creation, *[f"remove from {where}: {command}" for command in self.removal()])

    def creation(self) -> tuple[str, ...]:
        """The commands that make schema and tables."""
        mark = MARK.format(format=FORMAT)
        first = (f"CREATE SCHEMA {self.name}", f"COMMENT ON SCHEMA {self.name} IS '{mark}'")
        return (*first, *[line for table in self._tables for line in _ddl_of(table)])

    def removal(self) -> tuple[str, ...]:
        """The commands that drop our tables, and the schema when nothing else is in it."""
        tables = ", ".join(f"{self.name}.{name}" for name in self._names)
        return (f"DROP TABLE IF EXISTS {tables} RESTRICT", f"DROP SCHEMA {self.name} RESTRICT")

    def create(self) -> None:
        """Make schema and tables; leave them as they are if they are ours already.

        A schema of ours that an older version has made gets the tables that it lacks.
        """
        with self._alone() as connection:
            if self.is_ours(connection):
                self._refuse_strangers(connection)
                for table in self._missing(connection):
                    for command in _ddl_of(table):
                        connection.execute(command.encode())
                return
            for command in self.creation():
                connection.execute(command.encode())

    def remove(self) -> None:
        """Drop our tables and the schema, and nothing else; harmless if there is none."""
        with self._alone() as connection:
            if self.is_ours(connection, any_format=True):
                for command in self.removal():
                    connection.execute(command.encode())

    def clear(self) -> None:
        """Empty the tables: as good as new, in a few milliseconds."""
        with self._alone() as connection:
            self.must_be_ours(connection)
            used = [name for name in self._names if self._was_written(connection, name)]
            if used:
                tables = ", ".join(f"{self.name}.{name}" for name in used)
                connection.execute(f"TRUNCATE {tables} RESTART IDENTITY".encode())

    def _was_written(self, connection: psycopg.Connection[Any], name: str) -> bool:
        """Has a table as much as a page? An empty one is emptied as slowly as a full one."""
        size = "SELECT pg_relation_size(%s::regclass) > 0"
        (written,) = connection.execute(size, [f"{self.name}.{name}"]).fetchone() or (True,)
        return bool(written)

    def must_be_ours(self, connection: psycopg.Connection[Any]) -> None:
        """`Problem` unless the schema is there, and ours."""
        if not self.is_ours(connection):
            raise Problem(f"{self._here} does not exist: create the store first.")

    def is_ours(self, connection: psycopg.Connection[Any], *, any_format: bool = False) -> bool:
        """Is it there, with our mark on it? `Problem` if it is somebody else's."""
        row = connection.execute(_COMMENT, [self.name]).fetchone()
        if row is None:
            return False
        mark = _IS_OURS.match(row[0] or "")
        if mark is None:
            raise Problem(f"{self._here} was not made by stockproof: choose another schema name.")
        if int(mark[1]) != FORMAT and not any_format:
            raise Problem(
                f"{self._here} has format {mark[1]}, and this version of stockproof needs format"
                f" {FORMAT}: remove it, or choose another schema name."
            )
        return True

    @property
    def _here(self) -> str:
        return f"Schema {self.name} of {masked(self.url)}"

    def _missing(self, connection: psycopg.Connection[Any]) -> list[Any]:
        there = {name for (name,) in connection.execute(_THERE, [self.name])}
        return [table for table in self._tables if table.name not in there]

    def _refuse_strangers(self, connection: psycopg.Connection[Any]) -> None:
        row = connection.execute(_FOREIGN, [self.name, self._names]).fetchone()
        if row is not None:
            raise Problem(
                f"{self._here} also holds {row[0]}, which is not ours:"
                " move it away, or choose another schema name."
            )

    @contextmanager
    def _alone(self) -> Iterator[psycopg.Connection[Any]]:
        """One transaction; whoever else works on the same schema waits."""
        with connect(self.url) as connection, self._told(), connection.transaction():
            connection.execute(f"SET LOCAL lock_timeout = '{LOCKS_WITHIN_S}s'".encode())
            connection.execute(_ONE_AT_A_TIME, [self.name])
            yield connection

    @contextmanager
    def _told(self) -> Iterator[None]:
        """What the user can mend, as a sentence."""
        try:
            yield
        except errors.DependentObjectsStillExist as failure:
            what = (failure.diag.message_detail or "something").splitlines()[0].rstrip(".")
            raise Problem(f"{self._here} is not removed: {what}; remove that first.") from failure
        except errors.LockNotAvailable as failure:
            raise Problem(f"{self._here} is in use: end the other run first.") from failure
        except (errors.InsufficientPrivilege, errors.ReadOnlySqlTransaction) as failure:
            said = failure.diag.message_primary
            raise Problem(f"{self._here} cannot be changed: {said}; use another role.") from failure
        except psycopg.OperationalError as failure:
            said = failure.diag.message_primary or "connection lost"
            raise Problem(f"{self._here} cannot be changed: {said}; try again.") from failure


def _ddl_of(table: Any) -> list[str]:
    """The commands that make a table and its indexes."""
    indexes = [_one_line(CreateIndex(index)) for index in table.indexes]
    return [_one_line(CreateTable(table)), *indexes]


def _one_line(command: CreateTable | CreateIndex) -> str:
    compiled = command.compile(dialect=dialect())  # type: ignore[no-untyped-call]
    return " ".join(str(compiled).split())
