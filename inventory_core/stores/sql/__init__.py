"""PostgreSQL as a store of plans: tables, statements, a connection close to the wire, the audit.

What is named here is imported when it is asked for: who only wants an address (change data capture,
whose processes are started anew after every crash) does not wait for SQLAlchemy.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
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
_HOMES = {
    "DEFAULT_SCHEMA": "store",
    "Gauge": "audit",
    "PostgresqlPart": "postgresql",
    "PostgresqlStore": "store",
    "read_book": "audit",
    "read_remaining": "audit",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(name)
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
