"""What a database says of its tables: every column, constraint and index, in its own words."""

from __future__ import annotations

from typing import Any

import psycopg
from sqlalchemy import Connection, inspect, text

from inventory_core.stores.migrations import VERSION_TABLE

_OF_POSTGRESQL = """
    SELECT c.relname, 'column ' || a.attname, concat_ws(' ', format_type(a.atttypid, a.atttypmod),
        a.attnotnull, a.attidentity, l.collname, pg_get_expr(d.adbin, d.adrelid))
    FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
    LEFT JOIN pg_collation l ON l.oid = a.attcollation
    LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
    WHERE c.relnamespace = %(name)s::text::regnamespace AND c.relkind = 'r' AND a.attnum > 0
    UNION ALL
    SELECT c.relname, 'constraint ' || k.conname, pg_get_constraintdef(k.oid)
    FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid
    WHERE k.connamespace = %(name)s::text::regnamespace
    UNION ALL
    SELECT tablename, 'index ' || indexname, indexdef FROM pg_indexes
    WHERE schemaname = %(name)s::text
    UNION ALL
    SELECT relname, 'stored with', reloptions::text FROM pg_class
    WHERE relnamespace = %(name)s::text::regnamespace AND relkind = 'r'
"""


def of_postgresql(connection: psycopg.Connection[Any], schema: str) -> set[tuple[str, ...]]:
    """What PostgreSQL says of a schema, which is left out of its answers."""
    rows = connection.execute(_OF_POSTGRESQL, {"name": schema}).fetchall()
    said = {tuple(str(field).replace(f"{schema}.", "") for field in row) for row in rows}
    return {row for row in said if row[0] != VERSION_TABLE}


def of_another(connection: Connection, *tables: str) -> set[tuple[str, ...]]:
    """What MariaDB or SQLite says of these tables, line by line; the order is left out."""
    said: set[tuple[str, ...]] = set()
    for table in tables:
        lines = _written(connection, table)
        said |= {(table, line.strip().rstrip(",").replace('"', "")) for line in lines}
    return said


def _written(connection: Connection, table: str) -> list[str]:
    if connection.dialect.name == "sqlite":
        asked = text("SELECT sql FROM sqlite_master WHERE tbl_name = :name AND sql IS NOT NULL")
        found = connection.execute(asked, {"name": table}).scalars()
        return [line for one in found for line in one.splitlines()]
    row = connection.execute(text(f"SHOW CREATE TABLE `{table}`")).one()
    return str(row[1]).splitlines()


def tables_in(connection: Connection) -> set[str]:
    """The tables of the database."""
    return set(inspect(connection).get_table_names()) - {VERSION_TABLE}
