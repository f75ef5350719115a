"""A store in MariaDB, by PyMySQL: the same steps on the same tables as in PostgreSQL."""

from inventory_core.stores.mariadb.part import MariadbPart
from inventory_core.stores.mariadb.store import MariadbStore

__all__ = ["MariadbPart", "MariadbStore"]
