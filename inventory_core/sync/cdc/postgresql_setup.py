"""What a PostgreSQL must have before it can be captured: checked, explained, made where it is ours.

Ours are the publication and the slot, both named for the pipeline. The server's settings are its
owner's: what is missing is said in a sentence with the line to add.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import psycopg
from psycopg import sql

from inventory_core.problems import Problem
from inventory_core.stores.sql.address import connect, masked
from inventory_core.sync.cdc.errors import SourceLost
from inventory_core.sync.cdc.rules import Rules

_KEY = """
    SELECT a.attname FROM pg_index i
    JOIN unnest(i.indkey) WITH ORDINALITY AS k(number, place) ON true
    JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = k.number
    WHERE i.indrelid = %s::regclass AND i.indisprimary ORDER BY k.place
"""
_COLUMNS = """
    SELECT attname FROM pg_attribute
    WHERE attrelid = %s::regclass AND attnum > 0 AND NOT attisdropped ORDER BY attnum
"""
_SLOT = """
    SELECT active, coalesce(wal_status, ''),
        coalesce(pg_current_wal_lsn() - restart_lsn, 0)::bigint,
        coalesce(pg_current_wal_lsn() - confirmed_flush_lsn, 0)::bigint,
        coalesce(safe_wal_size, -1)::bigint
    FROM pg_replication_slots WHERE slot_name = %s
"""


class Slot(NamedTuple):
    """What the server keeps for a capture."""

    active: bool
    status: str  # reserved, extended, unreserved, lost
    retained_bytes: int  # of log, because this slot has not acknowledged it
    behind_bytes: int  # of log, that was not acknowledged yet
    room_bytes: int  # until the server gives the slot up; -1: it never does


class Names(NamedTuple):
    """What is ours on the server."""

    slot: str
    publication: str

    @classmethod
    def of(cls, pipeline: str) -> Names:
        """Named for the pipeline."""
        return cls(f"stockproof_{pipeline}", f"stockproof_{pipeline}")


def opened(url: str) -> psycopg.Connection[Any]:
    """An ordinary connection; a server that is not there now is `SourceLost`."""
    try:
        return connect(url)
    except Problem as problem:
        if "cannot be reached" in str(problem) or "takes no connection now" in str(problem):
            raise SourceLost(str(problem)) from None
        raise


def prepare(connection: psycopg.Connection[Any], url: str, names: Names, rules: Rules) -> None:
    """Check the server, the tables and the publication; make the publication if there is none."""
    (level,) = _one(connection, "SHOW wal_level")
    if level != "logical":
        raise Problem(
            f"{masked(url)} has wal_level = {level}, and its changes cannot be read from that log:"
            " set wal_level = logical in postgresql.conf and restart the server"
        )
    with connection.transaction():
        _publish(connection, url, names.publication, rules)


def keys_of(connection: psycopg.Connection[Any], rules: Rules) -> Mapping[str, tuple[str, ...]]:
    """By which columns each watched table tells its rows apart; `Problem` if it cannot."""
    keys = {}
    for table, rule in rules.by_table.items():
        quoted = _quoted(connection, table)
        try:
            columns = [name for (name,) in connection.execute(_COLUMNS, [quoted])]
        except (psycopg.errors.UndefinedTable, psycopg.errors.InvalidSchemaName):
            raise Problem(f"there is no table {table} in the source: correct the rules") from None
        rule.check(columns)
        key = rule.key or tuple(name for (name,) in connection.execute(_KEY, [quoted]))
        if not key:
            raise Problem(
                f"table {table} has no primary key, so its rows cannot be told apart: name one"
                ' in its rule, like key = ["id"], and set REPLICA IDENTITY to an index of it'
            )
        keys[table] = key
    return keys


def slot_of(connection: psycopg.Connection[Any], names: Names) -> Slot | None:
    """The slot as it is now."""
    row = connection.execute(_SLOT, [names.slot]).fetchone()
    return None if row is None else Slot(*row)


def remove(connection: psycopg.Connection[Any], names: Names) -> None:
    """Drop slot and publication: the server keeps nothing for us any more."""
    drop_slot(connection, names)
    publication = sql.Identifier(names.publication)
    connection.execute(sql.SQL("DROP PUBLICATION IF EXISTS {}").format(publication))


def drop_slot(connection: psycopg.Connection[Any], names: Names) -> None:
    """Drop the slot, if it is there and nobody reads it."""
    try:
        connection.execute(
            "SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots"
            " WHERE slot_name = %s",
            [names.slot],
        )
    except psycopg.errors.ObjectInUse as error:
        raise SourceLost(f"slot {names.slot} is still read by another capture") from error


def _publish(connection: psycopg.Connection[Any], url: str, publication: str, rules: Rules) -> None:
    asked = (
        "SELECT schemaname || '.' || tablename FROM pg_publication_tables WHERE pubname = %s"
        " ORDER BY 1"
    )
    there = connection.execute(
        "SELECT 1 FROM pg_publication WHERE pubname = %s", [publication]
    ).fetchone()
    published = tuple(name for (name,) in connection.execute(asked, [publication]))
    if there and set(published) == set(rules.tables):
        return
    wanted = sql.SQL(", ").join(sql.Identifier(*table.split(".")) for table in rules.tables)
    if there:
        change = sql.SQL("ALTER PUBLICATION {} SET TABLE {}")
    else:
        change = sql.SQL("CREATE PUBLICATION {} FOR TABLE {}")
    try:
        connection.execute(change.format(sql.Identifier(publication), wanted))
    except (psycopg.errors.UndefinedTable, psycopg.errors.InsufficientPrivilege) as error:
        said = error.diag.message_primary
        raise Problem(
            f"the watched tables cannot be published by {masked(url)} ({said}): correct the rules,"
            " or let a role that owns the tables do it"
        ) from None


def published(connection: psycopg.Connection[Any], names: Names) -> frozenset[str]:
    """The tables of our publication."""
    asked = "SELECT schemaname || '.' || tablename FROM pg_publication_tables WHERE pubname = %s"
    return frozenset(name for (name,) in connection.execute(asked, [names.publication]))


def _quoted(connection: psycopg.Connection[Any], table: str) -> str:
    return sql.Identifier(*table.split(".")).as_string(connection)


def _one(connection: psycopg.Connection[Any], query: str) -> tuple[Any, ...]:
    row = connection.execute(query.encode()).fetchone()
    assert row is not None, query
    return tuple(row)
