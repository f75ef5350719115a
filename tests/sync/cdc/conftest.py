"""A PostgreSQL whose log can be read, a Valkey that keeps what it confirms, and a small shop."""

from __future__ import annotations

import secrets
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from inventory_core.stores.embedded import AppendFsync, EmbeddedPostgresql, EmbeddedValkey
from inventory_core.sync.cdc import postgresql_setup
from inventory_core.sync.cdc.errors import SourceLost
from tests.sync.cdc.shop import Shop

FREE_WITHIN_S = 20.0


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
        remove_once_free(connection, postgresql_setup.Names.of(there.name))
        connection.execute(f"DROP SCHEMA {there.name} CASCADE".encode())


def remove_once_free(connection: Any, names: postgresql_setup.Names) -> None:
    """The server finds out by itself, a moment later, that who read the slot has hung up."""
    deadline_s = time.monotonic() + FREE_WITHIN_S
    while True:
        try:
            return postgresql_setup.remove(connection, names)
        except SourceLost:
            if time.monotonic() > deadline_s:
                raise
            time.sleep(0.05)
