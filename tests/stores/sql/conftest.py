"""A store of its own for every test, and clients of it."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any
from uuid import uuid4

import psycopg
import pytest

from inventory_core.domain import Limits, Opening
from inventory_core.steps import sql
from inventory_core.stores.sql import PostgresqlStore
from tests.stores.sql.clients import WITHIN_S, A, B, Client, Watch


@pytest.fixture(scope="session")
def made(postgresql_url: str) -> Iterator[PostgresqlStore]:
    store = PostgresqlStore(postgresql_url, f"test_{uuid4().hex[:12]}")
    store.create()
    yield store
    store.remove()


@pytest.fixture
def store(made: PostgresqlStore) -> PostgresqlStore:
    """An empty store."""
    made.clear()
    return made


@pytest.fixture
def unmade(postgresql_url: str) -> Iterator[PostgresqlStore]:
    """A store that nobody has created yet; its schema is gone after the test."""
    store = PostgresqlStore(postgresql_url, f"test_{uuid4().hex[:12]}")
    yield store
    with psycopg.connect(postgresql_url, autocommit=True) as connection:
        connection.execute(f"DROP SCHEMA IF EXISTS {store.schema} CASCADE".encode())


@pytest.fixture
def watch(postgresql_url: str) -> Iterator[Watch]:
    """A look at the server from outside."""
    watch = Watch(postgresql_url)
    yield watch
    watch.connection.close()


@pytest.fixture
def connect(store: PostgresqlStore, watch: Watch) -> Iterator[Callable[..., Client]]:
    """Opens clients, with other limits if asked; they are closed after the test."""
    clients: list[Client] = []

    def open_one(**limits: Any) -> Client:
        clients.append(Client(store, replace(Limits(lock_wait_s=WITHIN_S), **limits), watch))
        return clients[-1]

    yield open_one
    for client in clients:
        client.part.close()
        client.close()


@pytest.fixture
def client(connect: Callable[..., Client]) -> Client:
    """A client of a shop with ten of A and five of B."""
    one: Client = connect()
    one.do(sql.OpenCells((Opening(A, 10), Opening(B, 5))))
    return one


@pytest.fixture
def other(connect: Callable[..., Client]) -> Client:
    """A second client."""
    two: Client = connect()
    return two
