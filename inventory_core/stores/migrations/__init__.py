"""A service's tables, version by version: from nothing, or from an older release with its data.

    migrations.upgrade(connection)      # an SQLAlchemy connection, in a transaction
    migrations.version_of(connection)   # "0002", or None

A migration is never changed once it was released, and there is no way down: a backup is the way
back. On PostgreSQL and SQLite an upgrade is one transaction; MariaDB commits every table by itself,
so one that was interrupted says which version it reached.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Connection, inspect, text

if TYPE_CHECKING:
    from alembic.config import Config

VERSION_TABLE = "alembic_version"
FIRST = "0001"
"""The version of release 0.1.0, whose schemas have no version table."""

_HERE = Path(__file__).parent
_VERSION = text(f"SELECT version_num FROM {VERSION_TABLE}")


# Alembic is imported by who migrates: who only looks at the version need not wait for it.


def upgrade(connection: Connection, to: str = "head") -> None:
    """Bring the tables up to this version, or to an older one; the caller commits."""
    from alembic import command

    command.upgrade(_config(connection), to)


def stamp(connection: Connection, version: str) -> None:
    """Say that the tables are of that version, without touching them."""
    from alembic import command

    command.stamp(_config(connection), version)


def version_of(connection: Connection) -> str | None:
    """The version of the tables that are there; None if nobody has said."""
    if not inspect(connection).has_table(VERSION_TABLE):
        return None
    version: str | None = connection.execute(_VERSION).scalar()
    return version


def newest() -> str:
    """The version that this code needs."""
    return known()[-1]


def known() -> tuple[str, ...]:
    """Every version, oldest first, by the names of the files."""
    return tuple(sorted(one.name[1:5] for one in (_HERE / "versions").glob("v*.py")))


def _config(connection: Connection | None = None) -> Config:
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(_HERE).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    return config
