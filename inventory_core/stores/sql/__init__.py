"""PostgreSQL as a store of plans: tables, statements, a connection close to the wire, the audit."""

from inventory_core.stores.sql.audit import Gauge, read_book, read_remaining
from inventory_core.stores.sql.postgresql import PostgresqlPart
from inventory_core.stores.sql.store import DEFAULT_SCHEMA, PostgresqlStore

__all__ = [
    "DEFAULT_SCHEMA",
    "Gauge",
    "PostgresqlPart",
    "PostgresqlStore",
    "read_book",
    "read_remaining",
]
