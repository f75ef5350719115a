"""What this PostgreSQL promises when it says "committed": the settings that figures rest on."""

from __future__ import annotations

from inventory_core.stores.sql.address import connect

SETTINGS = (
    "server_version",
    "fsync",
    "synchronous_commit",
    "full_page_writes",
    "wal_level",
    "wal_sync_method",
    "synchronous_standby_names",
    "commit_delay",
    "shared_buffers",
    "max_connections",
    "max_wal_size",
    "default_transaction_isolation",
    "deadlock_timeout",
)


def read_fingerprint(url: str) -> dict[str, str]:
    """The settings by name, as a session of ours finds them."""
    asked = "SELECT name, current_setting(name, true) FROM unnest(%s::text[]) AS name"
    with connect(url) as connection:
        return {name: value or "" for name, value in connection.execute(asked, [list(SETTINGS)])}
