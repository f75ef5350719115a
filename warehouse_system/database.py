"""The database file: many readers, one writer, and nothing lost that was answered.

Write-ahead logging lets counts be read while shelves move. Each commit is on the disk before it is
answered (`synchronous=FULL`), so neither kill -9 nor a power cut takes a confirmed movement back.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.exc import DatabaseError

from warehouse_system.schema import metadata

BUSY_MS = 10_000


class CannotServe(Exception):
    """The warehouse system cannot start. Its text is one sentence that says what to do."""


class Database:
    """The tables in one SQLite file; several processes may have it open."""

    def __init__(self, file: Path) -> None:
        self._engine = _engine(file)
        self._writing = threading.Lock()
        try:
            metadata.create_all(self._engine)
        except DatabaseError as error:
            self._engine.dispose()
            raise CannotServe(
                f"{file} cannot be opened as a warehouse's database ({error.orig}); "
                "name another --database"
            ) from error

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """One snapshot: whatever is read within it belongs together."""
        with self._engine.connect() as connection, connection.begin():
            yield connection

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """A transaction that nobody else writes in; committed at the end, undone on an error.

        The lock spares this process's threads SQLite's own waiting, which polls.
        """
        with self._writing, self._engine.connect() as connection:
            connection.info["writes"] = True
            try:
                with connection.begin():
                    yield connection
            finally:
                connection.info.pop("writes", None)

    def close(self) -> None:
        """Hang up."""
        self._engine.dispose()


def _engine(file: Path) -> Engine:
    engine = create_engine(f"sqlite:///{file}", pool_size=20, max_overflow=40)

    @event.listens_for(engine, "connect")
    def _prepare(connection: Any, _record: object) -> None:
        connection.isolation_level = None  # we say BEGIN ourselves, below
        for pragma in (
            f"busy_timeout={BUSY_MS}",
            "journal_mode=WAL",
            "synchronous=FULL",
            "foreign_keys=ON",
        ):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        # A transaction that reads first and writes later could be refused half-way.
        connection.exec_driver_sql("BEGIN IMMEDIATE" if connection.info.get("writes") else "BEGIN")

    return engine
