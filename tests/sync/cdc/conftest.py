"""A PostgreSQL whose log can be read, a Valkey that keeps what it confirms, and a small shop."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from inventory_core.stores.embedded import AppendFsync, EmbeddedPostgresql, EmbeddedValkey
from inventory_core.sync.cdc import postgresql_setup
from tests.sync.cdc.shop import Shop, once_free


@pytest.fixture(scope="session")
def logical_url() -> Iterator[str]:
    with EmbeddedPostgresql(settings={"wal_level": "logical"}) as server:
        yield server.url


@pytest.fixture(scope="session")
def broker_url() -> Iterator[str]:
    with EmbeddedValkey(append_fsync=AppendFsync.ALWAYS) as server:
        yield server.url


@pytest.fixture
def shop(logical_url: str, broker_url: str, tmp_path: Path) -> Iterator[Shop]:
    there = Shop(logical_url, broker_url, tmp_path, f"shop_{secrets.token_hex(4)}")
    there.make()
    yield there
    there.hang_up()
    with closing(postgresql_setup.opened(logical_url)) as connection:
        names = postgresql_setup.Names.of(there.name)
        once_free(lambda: postgresql_setup.remove(connection, names))
        connection.execute(f"DROP SCHEMA {there.name} CASCADE".encode())
