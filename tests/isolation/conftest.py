"""Real servers for the comparisons of isolation levels."""

from __future__ import annotations

from collections.abc import Iterator
from secrets import token_hex

import pytest

from tests.conformance.steps.twins import RealTwin
from tests.isolation.mariadb_twin import MariadbTwin

SESSIONS = 3


@pytest.fixture(scope="session")
def on_postgresql(postgresql_url: str) -> Iterator[RealTwin]:
    """A schema of its own on PostgreSQL."""
    twin = RealTwin(postgresql_url, f"twin_{token_hex(4)}", SESSIONS)
    yield twin
    twin.close()


@pytest.fixture(scope="session")
def on_mariadb(mariadb_url: str) -> Iterator[MariadbTwin]:
    """A database of its own on MariaDB, as it comes."""
    twin = MariadbTwin(mariadb_url, SESSIONS)
    yield twin
    twin.close()


@pytest.fixture(scope="session")
def on_mariadb_with_snapshots(mariadb_url: str) -> Iterator[MariadbTwin]:
    """Another one, asked with `innodb_snapshot_isolation` on."""
    twin = MariadbTwin(mariadb_url, SESSIONS, snapshot_isolation=True)
    yield twin
    twin.close()
