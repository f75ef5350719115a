"""Private PostgreSQL and Valkey servers from wheels: no Docker, no root, gone when we are gone."""

from inventory_core.stores.embedded.disk import fsync_us, is_tmpfs
from inventory_core.stores.embedded.postgresql import EmbeddedPostgresql
from inventory_core.stores.embedded.private_directory import sweep
from inventory_core.stores.embedded.private_server import PrivateServer
from inventory_core.stores.embedded.valkey import AppendFsync, EmbeddedValkey

__all__ = [
    "AppendFsync",
    "EmbeddedPostgresql",
    "EmbeddedValkey",
    "PrivateServer",
    "fsync_us",
    "is_tmpfs",
    "sweep",
]
