"""What every real store can do beside performing steps: be created, cleared, read back, removed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from inventory_core.domain import Limits
from inventory_core.stores.audit import Book
from inventory_core.stores.session import Part


class Gauge(Protocol):
    """Reads the units left in all counters of a store, cheaply."""

    def read(self) -> int | None:
        """The units left now; None if the store counts nothing."""

    def close(self) -> None:
        """Hang up."""


class Store(Protocol):
    """A place of our own (a schema, a key prefix) on one server."""

    def connect(self, limits: Limits) -> Part:
        """One more connection, for one plan at a time."""

    def planned(self) -> tuple[str, ...]:
        """What `create` would create and `remove` would remove, in sentences."""

    def create(self) -> None:
        """Make the place, or take over an empty one of ours; refuse what is somebody else's."""

    def clear(self) -> None:
        """Empty the place between two runs."""

    def remove(self) -> None:
        """Remove exactly what `create` made."""

    def book(self) -> Book | None:
        """What the store holds, read back without the code under test; None if nothing."""

    def gauge(self) -> Gauge:
        """Something that reads all units left, again and again. Close it."""

    def fingerprint(self) -> Mapping[str, str]:
        """Versions and durability settings that are in force."""
