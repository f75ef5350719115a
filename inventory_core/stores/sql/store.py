"""A PostgreSQL store: an address that any process can carry, and everything one does with it."""

from __future__ import annotations

from dataclasses import dataclass, field

from inventory_core.domain import Limits
from inventory_core.stores.audit import Book
from inventory_core.stores.sql.address import hosts_of, masked
from inventory_core.stores.sql.audit import Gauge, read_book
from inventory_core.stores.sql.fingerprint import read_fingerprint
from inventory_core.stores.sql.postgresql import PostgresqlPart
from inventory_core.stores.sql.schema import Schema

DEFAULT_SCHEMA = "stockproof"


@dataclass(frozen=True, slots=True)
class PostgresqlStore:
    """The tables of one schema at one URL. It holds no connection, so it can be pickled.

    Whatever the user can mend (URL, password, server, foreign schema) is a `Problem`.
    """

    url: str = field(repr=False)
    schema: str = DEFAULT_SCHEMA

    def __post_init__(self) -> None:
        Schema(self.url, self.schema)  # refuses an impossible name
        hosts_of(self.url)  # refuses an impossible URL

    def __str__(self) -> str:
        return f"schema {self.schema} of {masked(self.url)}"

    @property
    def hosts(self) -> tuple[str, ...]:
        """Where the URL leads: names, addresses, or directories of sockets."""
        return hosts_of(self.url)

    def connect(self, limits: Limits) -> PostgresqlPart:
        """A connection for one client. The store must have been created."""
        return PostgresqlPart(Schema(self.url, self.schema), limits)

    def planned(self) -> tuple[str, ...]:
        """What `create` and `remove` would do, in sentences, without a look at the server."""
        return Schema(self.url, self.schema).planned()

    def create(self) -> None:
        """Make schema and tables; nothing happens if they are there and ours."""
        Schema(self.url, self.schema).create()

    def remove(self) -> None:
        """Remove exactly what `create` made; nothing happens if there is nothing."""
        Schema(self.url, self.schema).remove()

    def clear(self) -> None:
        """Empty the tables between two runs."""
        Schema(self.url, self.schema).clear()

    def book(self) -> Book:
        """The auditor's books."""
        return read_book(self.url, self.schema)

    def gauge(self) -> Gauge:
        """A connection that reads the units left, for timelines. Close it."""
        return Gauge(self.url, self.schema)

    def fingerprint(self) -> dict[str, str]:
        """The settings that the figures rest on."""
        return read_fingerprint(self.url)
