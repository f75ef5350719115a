"""Which store of rows a URL leads to: the scheme says so."""

from __future__ import annotations

from inventory_core.stores.mariadb import MariadbStore
from inventory_core.stores.mariadb.address import is_mariadb
from inventory_core.stores.sql import PostgresqlStore


def row_store(url: str, schema: str) -> PostgresqlStore | MariadbStore:
    """The store of rows at a URL, under a name of its own there."""
    return MariadbStore(url, schema) if is_mariadb(url) else PostgresqlStore(url, schema)


def database_of(url: str) -> str:
    """What the server of rows at a URL is called in the names of stacks."""
    return "mariadb" if is_mariadb(url) else "postgresql"
