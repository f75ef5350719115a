"""The schema of a service: the five tables of the strategies, and a table for every kind of record.

Its version is kept by the migrations; several processes may migrate at once, one does.
"""

from __future__ import annotations

from typing import Any

import psycopg

from inventory_core.problems import Problem
from inventory_core.stores.sql import record_tables
from inventory_core.stores.sql.schema import Schema


class ServiceSchema(Schema):
    """A schema of that name in the PostgreSQL database at that URL, with everything in it."""

    def __init__(self, url: str, name: str) -> None:
        super().__init__(url, name)
        self._records = [record_tables.table_name(kind) for kind in record_tables.RECORDS]
        self._names = [*self._names, *self._records]

    def creation(self) -> tuple[str, ...]:
        """The commands that make schema and tables."""
        return (*super().creation(), *record_tables.creation(self.name))

    def migrate(self) -> None:
        """Bring the schema to this version, from nothing or from the one before."""
        self.create()

    def check(self) -> None:
        """A `Problem` unless the schema is of this version."""
        with self._alone() as connection:
            self.must_be_ours(connection)
            if not self._complete(connection):
                raise Problem(f"{self._here} is of an older version: run `stockproof migrate`.")

    def _complete(self, connection: psycopg.Connection[Any]) -> bool:
        asked = "SELECT count(*) FROM pg_tables WHERE schemaname = %s AND tablename = ANY (%s)"
        row = connection.execute(asked, [self.name, self._records]).fetchone()
        return row is not None and row[0] == len(self._records)
