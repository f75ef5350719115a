"""Migrating the databases on which the service does not run yet: MariaDB, and a file of SQLite.

The schema is the database that the URL names. PostgreSQL's is a schema of ours, with a mark: see
`stores/sql/service_schema.py`.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection, create_engine, inspect, make_url, text
from sqlalchemy.engine import URL
from sqlalchemy.exc import ArgumentError, DBAPIError

from inventory_core.problems import Problem
from inventory_core.records import RECORDS
from inventory_core.stores import migrations
from inventory_core.stores.sql import record_tables

LOCK_WITHIN_S = 30
DRIVERS = {"mysql": "mysql+pymysql", "mariadb": "mysql+pymysql", "sqlite": "sqlite"}
"""The drivers by the first word of a URL."""


class Database:
    """A database by URL: `mysql://`, `mariadb://` or `sqlite:///file`."""

    def __init__(self, url: str) -> None:
        self._url = _checked(url)

    def __str__(self) -> str:
        return self._url.render_as_string(hide_password=True)

    @property
    def host(self) -> str:
        """Where it leads; empty for a file."""
        return self._url.host or ""

    def version(self) -> str | None:
        """The version of the tables that are there; None if there are none."""
        with self._connected() as connection:
            return migrations.version_of(connection)

    def migrate(self) -> None:
        """Bring the tables to this version.

        MariaDB commits each table by itself: a `Problem` says what an interrupted run left.
        """
        with self._connected() as connection, self._alone(connection):
            version = migrations.version_of(connection)
            if version is not None and version not in migrations.known():
                raise Problem(
                    f"{self} is of version {version}, which this stockproof does not know: use a"
                    " newer stockproof."
                )
            if version is None:
                self._refuse_strangers(connection)
            elif version != migrations.newest():
                self._refuse_remains(connection, version)
            migrations.upgrade(connection)

    @contextmanager
    def _connected(self) -> Iterator[Connection]:
        engine = create_engine(self._url)
        try:
            with engine.begin() as connection:
                yield connection
        except DBAPIError as error:
            said = str(error.orig).splitlines()[0] if error.orig else str(error)
            raise Problem(
                f"{self} cannot be migrated: {said}; mend that and run it again."
            ) from error
        finally:
            engine.dispose()

    @contextmanager
    def _alone(self, connection: Connection) -> Iterator[None]:
        """One at a time: an advisory lock on MariaDB, the file's own on SQLite."""
        if self._url.get_backend_name() != "mysql":
            connection.execute(text("PRAGMA foreign_keys = ON"))
            yield
            return
        got = connection.execute(text(f"SELECT GET_LOCK('stockproof', {LOCK_WITHIN_S})")).scalar()
        if got != 1:
            raise Problem(f"{self} is being migrated by somebody else: try again.")
        try:
            yield
        finally:
            connection.execute(text("SELECT RELEASE_LOCK('stockproof')"))

    def _refuse_strangers(self, connection: Connection) -> None:
        there = set(inspect(connection).get_table_names()) - {migrations.VERSION_TABLE}
        if there:
            first = sorted(there)[0]
            raise Problem(
                f"{self} holds the table {first} and no version of ours: name an empty database,"
                " or drop what an interrupted migration has left there."
            )

    def _refuse_remains(self, connection: Connection, version: str) -> None:
        """Tables of a later version: an interrupted migration made them, so nothing is in them."""
        later = {record_tables.table_name(kind) for kind in RECORDS}
        there = sorted(later & set(inspect(connection).get_table_names()))
        if there:
            raise Problem(
                f"{self} is of version {version} and holds tables of a later one, as an interrupted"
                f" migration leaves them: say SET foreign_key_checks = 0; DROP TABLE"
                f" {', '.join(f'`{name}`' for name in there)}; and run it again."
            )


def _checked(url: str) -> URL:
    try:
        parsed = make_url(url)
    except ArgumentError:
        raise Problem(f"{url!r} is not the URL of a database.") from None
    driver = DRIVERS.get(parsed.get_backend_name())
    if driver is None or not parsed.database:
        raise Problem(
            f"{parsed!s} names no database: write mysql://user@host/name or sqlite:///file."
        )
    query = {"charset": "utf8mb4"} if driver.startswith("mysql") else {}
    return parsed.set(drivername=driver).update_query_dict(query)
