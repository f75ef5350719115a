"""Private servers, of wheels or of the machine: no Docker, no root, gone when we are gone."""

from inventory_core.stores.embedded.disk import fsync_us, is_tmpfs
from inventory_core.stores.embedded.mariadb import EmbeddedMariadb
from inventory_core.stores.embedded.nats import EmbeddedNats
from inventory_core.stores.embedded.postgresql import EmbeddedPostgresql
from inventory_core.stores.embedded.private_directory import sweep
from inventory_core.stores.embedded.private_server import PrivateServer
from inventory_core.stores.embedded.rabbitmq import EmbeddedRabbitmq
from inventory_core.stores.embedded.valkey import AppendFsync, EmbeddedValkey
from inventory_core.stores.embedded.valkey_cluster import EmbeddedValkeyCluster

__all__ = [
    "AppendFsync",
    "EmbeddedMariadb",
    "EmbeddedNats",
    "EmbeddedPostgresql",
    "EmbeddedRabbitmq",
    "EmbeddedValkey",
    "EmbeddedValkeyCluster",
    "PrivateServer",
    "fsync_us",
    "is_tmpfs",
    "sweep",
]
