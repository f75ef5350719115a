"""A schema of its own for every test of migrations, as nothing and as release 0.1.0 left it."""

from collections.abc import Iterator
from uuid import uuid4

import psycopg
import pytest

from inventory_core.stores.sql.service_schema import ServiceSchema
from tests.stores.migrations.release_0_1_0 import COMMANDS

WRITTEN = """
    INSERT INTO schema_.cell VALUES ('pen', 'channel:mall', 7, 3), ('ink', 'channel:mall', 0, 1);
    INSERT INTO schema_.hold VALUES
        ('o-1', 'f', 'ann', 'held', 1, 1, now()), ('o-2', 'f', 'bob', 'paid', 1, 2, now()),
        ('o-3', 'f', 'cyd', 'tombstone', 1, 1, NULL);
    INSERT INTO schema_.deduction_log VALUES
        ('o-1', 1, 1, 'pen', 'channel:mall', 2, 'held'),
        ('o-2', 1, 1, 'pen', 'channel:mall', 1, 'paid');
    INSERT INTO schema_.stock_task (order_number, generation, sku, place, delta)
        VALUES ('o-1', 1, 'pen', 'channel:mall', -2);
    INSERT INTO schema_.adjustment VALUES ('opening:pen', 'pen', 'channel:mall', 10, 'opening', 1)
"""


@pytest.fixture
def owner(postgresql_url: str) -> Iterator[psycopg.Connection]:
    """The owner of the database, who does as he likes."""
    with psycopg.connect(postgresql_url, autocommit=True) as connection:
        yield connection


@pytest.fixture
def schema(postgresql_url: str, owner: psycopg.Connection) -> Iterator[ServiceSchema]:
    """A schema that nobody has made yet; it is gone after the test."""
    schema = ServiceSchema(postgresql_url, f"test_{uuid4().hex[:12]}")
    yield schema
    owner.execute(f"DROP SCHEMA IF EXISTS {schema.name} CASCADE".encode())


@pytest.fixture
def released(schema: ServiceSchema, owner: psycopg.Connection) -> ServiceSchema:
    """A schema that release 0.1.0 made and sold from."""
    for command in (*COMMANDS, WRITTEN):
        owner.execute(command.replace("schema_", schema.name).encode())
    return schema
