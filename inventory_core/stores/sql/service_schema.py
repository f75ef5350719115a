"""The schema of a service: the five tables of the strategies, and a table for every kind of record.

Its version is kept by the migrations; several processes may migrate at once, one does.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
from psycopg import errors
from sqlalchemy import Connection, create_engine, text
from sqlalchemy.exc import DBAPIError

from inventory_core.problems import Problem
from inventory_core.records import RECORDS
from inventory_core.stores import migrations
from inventory_core.stores.sql import record_tables
from inventory_core.stores.sql.address import connect
from inventory_core.stores.sql.schema import FORMAT, LOCKS_WITHIN_S, MARK, Schema

_ONE_AT_A_TIME = text("SELECT pg_advisory_xact_lock(hashtext('stockproof ' || :name))")


class ServiceSchema(Schema):
    """A schema of that name in the PostgreSQL database at that URL, with everything in it."""

    def __init__(self, url: str, name: str) -> None:
        super().__init__(url, name)
        records = [record_tables.table_name(kind) for kind in RECORDS]
        self._counted = [*self._names, *records]
        self._names = [*self._counted, migrations.VERSION_TABLE]

    def creation(self) -> tuple[str, ...]:
        """The commands that make schema and tables."""
        return (*super().creation(), *record_tables.creation(self.name))

    def version(self) -> str | None:
        """The version of the tables that are there; None if there is no schema."""
        with connect(self.url) as connection:
            if not self.is_ours(connection):
                return None
        with self._migrating() as connected:
            return migrations.version_of(connected) or migrations.FIRST

    def migrate(self) -> None:
        """Bring the schema to this version, from nothing or from an older one, in a transaction."""
        with self._told(), self._migrating() as connected:
            connected.execute(_ONE_AT_A_TIME, {"name": self.name})
            there = self.is_ours(_raw(connected))
            if not there:
                connected.execute(text(f"CREATE SCHEMA {self.name}"))
                mark = MARK.format(format=FORMAT)
                connected.execute(text(f"COMMENT ON SCHEMA {self.name} IS '{mark}'"))
            version = migrations.version_of(connected)
            if there and version is None:
                migrations.stamp(connected, migrations.FIRST)
            if version != migrations.newest():
                self._refuse_newer(version)
                migrations.upgrade(connected)

    def check(self) -> None:
        """A `Problem` unless the schema is of this version."""
        found = self.version()
        if found is None:
            raise Problem(f"{self._here} does not exist: run `stockproof migrate`.")
        self._refuse_newer(found)
        if found != migrations.newest():
            raise Problem(
                f"{self._here} is of version {found}, and this stockproof needs"
                f" {migrations.newest()}: run `stockproof migrate`."
            )

    def clear(self) -> None:
        """Empty the tables; their version stays."""
        tables = ", ".join(f"{self.name}.{name}" for name in self._counted)
        with self._alone() as connection:
            self.must_be_ours(connection)
            connection.execute(f"TRUNCATE {tables} RESTART IDENTITY".encode())

    def _refuse_newer(self, version: str | None) -> None:
        if version is not None and version not in migrations.known():
            raise Problem(
                f"{self._here} is of version {version}, which this stockproof does not know:"
                " use a newer stockproof."
            )

    def _transactional(self) -> psycopg.Connection[Any]:
        """A connection whose statements wait for a commit: an upgrade is done whole or not."""
        connection = connect(self.url)
        connection.autocommit = False
        return connection

    @contextmanager
    def _migrating(self) -> Iterator[Connection]:
        """A connection for Alembic in one transaction, whose unqualified names are ours."""
        engine = create_engine("postgresql+psycopg://", creator=self._connected)
        try:
            with engine.begin() as connected:
                connected.execute(text(f"SET LOCAL lock_timeout = '{LOCKS_WITHIN_S}s'"))
                connected.execute(text(f"SET LOCAL search_path = {self.name}"))
                yield connected
        except DBAPIError as error:
            if isinstance(error.orig, errors.DuplicateTable | errors.DuplicateObject):
                said = error.orig.diag.message_primary
                raise Problem(
                    f"{self._here} stays as it was: {said}; move that away and run"
                    " `stockproof migrate` again."
                ) from error
            if isinstance(error.orig, psycopg.Error):
                raise error.orig from error
            raise
        finally:
            engine.dispose()

    def _connected(self) -> psycopg.Connection[Any]:
        """A connection that commits when it is told to: a migration is one transaction."""
        connection = connect(self.url)
        connection.autocommit = False
        return connection


def _raw(connected: Connection) -> psycopg.Connection[Any]:
    """The connection below SQLAlchemy's."""
    raw: psycopg.Connection[Any] = connected.connection.driver_connection  # type: ignore[assignment]
    return raw
