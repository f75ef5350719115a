"""A service's tables, version by version: from nothing, or from an older release with its data.

    migrations.upgrade(connection)      # an SQLAlchemy connection, in a transaction
    migrations.version_of(connection)   # "0002", or None

A migration is never changed once it was released, and there is no way down: a backup is the way
back. On PostgreSQL and SQLite an upgrade is one transaction; MariaDB commits every table by itself,
so one that was interrupted says which version it reached.
"""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection

VERSION_TABLE = "alembic_version"
FIRST = "0001"
"""The version of release 0.1.0, whose schemas have no version table."""


def upgrade(connection: Connection, to: str = "head") -> None:
    """Bring the tables up to this version, or to an older one; the caller commits."""
    command.upgrade(_config(connection), to)


def stamp(connection: Connection, version: str) -> None:
    """Say that the tables are of that version, without touching them."""
    command.stamp(_config(connection), version)


def version_of(connection: Connection) -> str | None:
    """The version of the tables that are there; None if nobody has said."""
    return MigrationContext.configure(connection).get_current_revision()


def newest() -> str:
    """The version that this code needs."""
    head = ScriptDirectory.from_config(_config()).get_current_head()
    assert head is not None, "there are no migrations"
    return head


def known() -> tuple[str, ...]:
    """Every version, oldest first."""
    script = ScriptDirectory.from_config(_config())
    return tuple(reversed([revision.revision for revision in script.walk_revisions()]))


def _config(connection: Connection | None = None) -> Config:
    config = Config()
    here = str(Path(__file__).parent)
    config.set_main_option("script_location", here.replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    return config
