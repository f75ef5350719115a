"""A town on the model and on PostgreSQL: tea 10 in the east, 4 in the west; 6 may be sold."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from inventory_core.stores.service import ServiceAddress, connect_service, open_service
from inventory_core.sync.limits import SyncLimits
from inventory_core.sync.warehouse_client import Patience, WarehouseClient
from scenarios.model import model_place
from tests.sync.town import Town, build, give_to_channel
from warehouse_system.api import application
from warehouse_system.database import Database
from warehouse_system.shelves import open_warehouse

LIMITS = SyncLimits(page=2, batch=2, feed_pages=50)
HURRIED = Patience(connect_s=1, answer_s=2, tries=3, back_off_s=0.01, back_off_most_s=0.02)


@pytest.fixture(params=["model", pytest.param("postgresql", marks=pytest.mark.live)])
def connect(request: pytest.FixtureRequest) -> Iterator[Callable[[], Any]]:
    """Opens sessions on fresh stores."""
    if request.param == "model":
        yield model_place().connect
        return
    with made_service(request.getfixturevalue("postgresql_url")) as address, ExitStack() as held:

        def connected() -> Any:
            session = connect_service(address)
            held.callback(session.close)
            return session

        yield connected


@contextmanager
def made_service(url: str) -> Iterator[ServiceAddress]:
    """A service's stores, removed at the end."""
    address = ServiceAddress(url, f"stockproof_sync_{secrets.token_hex(4)}")
    with open_service(address) as service:
        service.create()
        yield address
        service.remove()


@pytest.fixture
def town(connect: Callable[[], Any], tmp_path: Path) -> Iterator[Town]:
    """The town, with a warehouse system in this process."""
    database = Database(tmp_path / "system.db")
    with database.writing() as connection:
        for code in ("east", "west"):
            open_warehouse(connection, code)
    with TestClient(application(database)) as system:
        client = WarehouseClient("", HURRIED, transport=system._transport)
        there = Town(connect, client, system, LIMITS)
        there.carry(build("http://testserver"))
        there.moves("receipts", "opening", ("tea", 10))
        there.moves("receipts", "opening", ("tea", 4), code="west")
        for code in ("east", "west"):
            there.do(there.sync.read_feed(code))
        there.carry(give_to_channel("tea", 6))
        yield there
        client.close()
    database.close()
