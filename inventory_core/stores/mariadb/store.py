"""A MariaDB store: an address that any process can carry, and everything one does with it."""

from __future__ import annotations

from dataclasses import dataclass, field

from inventory_core.domain import Limits
from inventory_core.stores.audit import Book
from inventory_core.stores.mariadb.address import hosts_of
from inventory_core.stores.mariadb.audit import Gauge, read_book, read_fingerprint
from inventory_core.stores.mariadb.part import MariadbPart
from inventory_core.stores.mariadb.schema import Schema


@dataclass(frozen=True, slots=True)
class MariadbStore:
    """The tables of one database at one URL. It holds no connection, so it can be pickled."""

    url: str = field(repr=False)
    schema: str

    def __post_init__(self) -> None:
        Schema(self.url, self.schema)  # refuses an impossible name
        hosts_of(self.url)  # refuses an impossible URL

    def connect(self, limits: Limits) -> MariadbPart:
        """A connection for one client. The store must have been created."""
        return MariadbPart(self.url, self.schema, limits)

    def planned(self) -> tuple[str, ...]:
        """What `create` and `remove` would do, in sentences."""
        return Schema(self.url, self.schema).planned()

    def create(self) -> None:
        """Make database and tables."""
        Schema(self.url, self.schema).create()

    def remove(self) -> None:
        """Remove exactly what `create` made."""
        Schema(self.url, self.schema).remove()

    def clear(self) -> None:
        """Empty the tables between two runs."""
        Schema(self.url, self.schema).clear()

    def book(self) -> Book:
        """The auditor's books."""
        return read_book(self.url, self.schema)

    def gauge(self) -> Gauge:
        """A connection that reads the units left. Close it."""
        return Gauge(self.url, self.schema)

    def fingerprint(self) -> dict[str, str]:
        """The settings that the figures rest on."""
        return read_fingerprint(self.url)
