"""The store's own database on somebody's MariaDB: made, recognised, emptied, removed; never more.

The comment on the database is the proof that it is ours. Without it, nothing in it is touched.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pymysql
from sqlalchemy.dialects.mysql import dialect
from sqlalchemy.schema import CreateIndex, CreateTable

from inventory_core.problems import Problem
from inventory_core.stores.mariadb.address import connect
from inventory_core.stores.sql.address import masked
from inventory_core.stores.sql.schema import FORMAT, MARK
from inventory_core.stores.sql.tables import tables_of

LOCKS_WITHIN_S = 30
_COMMENT = "SELECT schema_comment FROM information_schema.schemata WHERE schema_name = %s"
_THERE = "SELECT table_name FROM information_schema.tables WHERE table_schema = %s"


class Schema:
    """A database of that name on the server at that URL."""

    def __init__(self, url: str, name: str) -> None:
        if not re.fullmatch(r"[a-z_][a-z0-9_]{0,62}", name):
            raise Problem(
                f"{name!r} cannot be the name of a database:"
                " take small letters, digits and underscores."
            )
        self.url, self.name = url, name
        self._tables = tables_of(name).metadata.sorted_tables
        self._names = [table.name for table in self._tables]

    def planned(self) -> tuple[str, ...]:
        """What `create` and `remove` would do, in sentences; the server is not asked."""
        where = masked(self.url)
        creation = [f"create in {where}: {command}" for command in self.creation()]
        return (*creation, f"remove from {where}: DROP DATABASE {self.name}")

    def creation(self) -> tuple[str, ...]:
        """The commands that make database and tables."""
        mark = MARK.format(format=FORMAT)
        first = f"CREATE DATABASE {self.name} COLLATE utf8mb4_bin COMMENT '{mark}'"
        return (first, *[line for table in self._tables for line in ddl_of(table)])

    def create(self) -> None:
        """Make what is missing; a `Problem` if the database is somebody else's."""
        with self._talking() as cursor:
            ours = self.is_ours(cursor)
            there = self._refuse_strangers(cursor) if ours else set()
            if not ours:
                cursor.execute(self.creation()[0])
            for table in self._tables:
                if table.name not in there:
                    for command in ddl_of(table):
                        cursor.execute(command)

    def remove(self) -> None:
        """Drop the database if it is ours and holds nothing else; harmless if there is none."""
        with self._talking() as cursor:
            if self.is_ours(cursor):
                self._refuse_strangers(cursor)
                cursor.execute(f"DROP DATABASE {self.name}")

    def clear(self) -> None:
        """Empty the tables: those that hold nothing are left alone."""
        with self._talking() as cursor:
            if not self.is_ours(cursor):
                raise Problem(f"{self._here} does not exist: create the store first.")
            for name in self._names:
                cursor.execute(f"SELECT EXISTS (SELECT 1 FROM {self.name}.{name})")
                if cursor.fetchone()[0]:
                    cursor.execute(f"TRUNCATE {self.name}.{name}")

    def is_ours(self, cursor: Any) -> bool:
        """Is it there, with our mark on it? `Problem` if it is somebody else's."""
        cursor.execute(_COMMENT, [self.name])
        row = cursor.fetchone()
        if row is not None and row[0] != MARK.format(format=FORMAT):
            raise Problem(
                f"{self._here} was not made by this stockproof: choose another name for it."
            )
        return row is not None

    @property
    def _here(self) -> str:
        return f"Database {self.name} of {masked(self.url)}"

    def _refuse_strangers(self, cursor: Any) -> set[str]:
        cursor.execute(_THERE, [self.name])
        there = {name for (name,) in cursor.fetchall()}
        foreign = sorted(there - set(self._names))
        if foreign:
            raise Problem(f"{self._here} also holds {foreign[0]}, which is not ours: move it away.")
        return there

    @contextmanager
    def _talking(self) -> Iterator[Any]:
        connection = connect(self.url)
        try:
            with connection.cursor() as cursor:
                cursor.execute(f"SET lock_wait_timeout = {LOCKS_WITHIN_S}")
                yield cursor
        except pymysql.MySQLError as failure:
            raise Problem(f"{self._here} cannot be changed: {failure.args[-1]}.") from failure
        finally:
            connection.close()


def ddl_of(table: Any) -> list[str]:
    """The commands that make a table and its indexes on MariaDB."""
    commands: list[CreateTable | CreateIndex] = [
        CreateTable(table),
        *[CreateIndex(index) for index in table.indexes],
    ]
    spoken = dialect(is_mariadb=True)
    return [" ".join(str(one.compile(dialect=spoken)).split()) for one in commands]
