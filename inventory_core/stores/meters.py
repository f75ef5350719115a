"""What servers have done so far, by their own counts: log written, commands carried out.

The counts are those of a whole server, so they speak of a run only where nobody else uses it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import psycopg

from inventory_core.problems import Problem
from inventory_core.stores.kv import RedisStore
from inventory_core.stores.sql import PostgresqlStore
from inventory_core.stores.sql.address import connect
from inventory_core.stores.store import Store

_WAL = b"SELECT (pg_current_wal_lsn() - '0/0'::pg_lsn)::bigint"


class Reading(NamedTuple):
    """What was counted up to now; None where there is no such server, or it does not say."""

    wal_bytes: int | None = None  # of PostgreSQL's write-ahead log
    commands: int | None = None  # of Redis; a script counts, and so does each command in it


class Meters:
    """Reads the counts of a stack's servers over connections of its own. Close it."""

    def __init__(self, stores: Mapping[str, Store]) -> None:
        sql, kv = stores.get("sql"), stores.get("kv")
        self._wal = _WalMeter(sql.url) if isinstance(sql, PostgresqlStore) else None
        self._keys = kv.gauge() if isinstance(kv, RedisStore) else None

    def read(self) -> Reading:
        """What was counted up to now; a server that is away says nothing."""
        return Reading(
            _unless_away(self._wal.read) if self._wal else None,
            _unless_away(self._keys.commands) if self._keys else None,
        )

    def close(self) -> None:
        """Hang up."""
        for meter in (self._wal, self._keys):
            if meter is not None:
                meter.close()


class _WalMeter:
    """How many bytes of log a PostgreSQL has written."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._connection: psycopg.Connection[Any] | None = None

    def read(self) -> int:
        if self._connection is None or self._connection.closed:
            self._connection = connect(self._url)
        try:
            row = self._connection.execute(_WAL).fetchone()
        except psycopg.OperationalError:
            self.close()  # the server was killed: the next look has another connection
            raise
        assert row is not None, "an expression always has a row"
        return int(row[0])

    def close(self) -> None:
        if self._connection is not None:
            self._connection.close()


def _unless_away(read: Callable[[], int]) -> int | None:
    try:
        return read()
    except (Problem, psycopg.Error):
        return None
