"""The warehouse `east` in this process: tea 10, cup 4 (movements 1 and 2)."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from tests.warehouse_system.running import post
from warehouse_system.api import application
from warehouse_system.database import Database
from warehouse_system.shelves import open_warehouse


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    there = Database(tmp_path / "east.db")
    with there.writing() as connection:
        open_warehouse(connection, "east")
    yield there
    there.close()


@pytest.fixture
def http(database: Database) -> Iterator[TestClient]:
    with TestClient(application(database)) as client:
        assert post(client, "receipts", "opening", ("tea", 10), ("cup", 4)).status_code == 201
        yield client
