"""On PostgreSQL: from nothing, from release 0.1.0 with its data, twice, at once, interrupted."""

from concurrent.futures import ThreadPoolExecutor

import psycopg
import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import create_engine
from sqlalchemy.pool import StaticPool

from inventory_core.domain import Limits
from inventory_core.problems import Problem
from inventory_core.records import RECORDS
from inventory_core.stores import migrations
from inventory_core.stores.sql import PostgresqlStore, record_tables
from inventory_core.stores.sql.schema import Schema
from inventory_core.stores.sql.service_schema import ServiceSchema
from inventory_core.stores.sql.tables import Tables
from tests.stores.migrations import catalogue

pytestmark = [pytest.mark.live, pytest.mark.slow]
OLD = ("cell", "hold", "deduction_log", "stock_task", "adjustment")


def content(owner: psycopg.Connection, schema: str) -> dict[str, list[tuple]]:
    """Every row of the five old tables."""
    asked = {table: f"SELECT * FROM {schema}.{table} ORDER BY 1, 2, 3" for table in OLD}
    return {table: owner.execute(query.encode()).fetchall() for table, query in asked.items()}


def say(owner: psycopg.Connection, schema: ServiceSchema, command: str) -> None:
    """A command of the owner; `SCHEMA.` stands for the schema."""
    owner.execute(command.replace("SCHEMA.", f"{schema.name}.").encode())


@pytest.fixture
def expected(schema: ServiceSchema, owner: psycopg.Connection) -> set[tuple[str, ...]]:
    """The catalogue of the tables as the code declares them."""
    other = f"{schema.name}_x"
    commands = (*Schema(schema.url, other).creation(), *record_tables.creation(other))
    for command in commands:
        owner.execute(command.encode())
    said = catalogue.of_postgresql(owner, other)
    owner.execute(f"DROP SCHEMA {other} CASCADE".encode())
    return said


def test_from_nothing_every_column_constraint_and_index_is_as_declared(
    schema: ServiceSchema, owner: psycopg.Connection, expected: set[tuple[str, ...]]
) -> None:
    schema.migrate()
    assert catalogue.of_postgresql(owner, schema.name) == expected
    assert len([row for row in expected if row[2].startswith("CHECK")]) > 80


def test_from_the_previous_release_it_is_the_same(
    released: ServiceSchema, owner: psycopg.Connection, expected: set[tuple[str, ...]]
) -> None:
    released.migrate()
    assert catalogue.of_postgresql(owner, released.name) == expected


@pytest.mark.parametrize(
    "drift",
    [
        "ALTER TABLE SCHEMA.warehouse_stock DROP CONSTRAINT warehouse_stock_physical_least",
        "ALTER TABLE SCHEMA.hold DROP CONSTRAINT hold_state_check",
        "DROP INDEX SCHEMA.hold_due",
        "ALTER TABLE SCHEMA.order_line ALTER sku DROP NOT NULL",
    ],
)
def test_a_planted_difference_is_seen(
    schema: ServiceSchema, owner: psycopg.Connection, expected: set[tuple[str, ...]], drift: str
) -> None:
    schema.migrate()
    say(owner, schema, drift)
    assert catalogue.of_postgresql(owner, schema.name) != expected


def test_alembic_finds_nothing_to_add(schema: ServiceSchema) -> None:
    schema.migrate()
    declared = Tables(schema.name).metadata
    record_tables.record_tables(declared, RECORDS)
    engine = create_engine(
        "postgresql+psycopg://", creator=lambda: psycopg.connect(schema.url), poolclass=StaticPool
    )
    with engine.connect() as connection:
        options = {
            "include_schemas": True,
            "version_table_schema": schema.name,
            "include_name": lambda name, kind, _: kind != "schema" or name == schema.name,
        }
        context = MigrationContext.configure(connection, opts=options)
        assert compare_metadata(context, declared) == []
    engine.dispose()


def test_orders_logs_tasks_and_adjustments_survive(
    released: ServiceSchema, owner: psycopg.Connection
) -> None:
    before = content(owner, released.name)
    assert [len(rows) for rows in before.values()] == [2, 3, 2, 1, 1]
    assert released.version() == "0001"
    released.migrate()
    assert content(owner, released.name) == before
    assert released.version() == migrations.newest() == "0003"
    released.check()


def test_twice_is_as_good_as_once(released: ServiceSchema, owner: psycopg.Connection) -> None:
    released.migrate()
    before = content(owner, released.name)
    released.migrate()
    assert content(owner, released.name) == before


def test_several_processes_at_once_make_it_once(schema: ServiceSchema) -> None:
    with ThreadPoolExecutor(4) as others:
        for done in [others.submit(schema.migrate) for _ in range(4)]:
            done.result()
    schema.check()


def test_an_interrupted_migration_leaves_the_old_version_at_work(
    released: ServiceSchema, owner: psycopg.Connection
) -> None:
    before = content(owner, released.name)
    say(owner, released, "CREATE TABLE SCHEMA.transfer_line (in_the_way int)")
    with pytest.raises(Problem, match="transfer_line"):
        released.migrate()
    assert released.version() == "0001"
    assert content(owner, released.name) == before
    made = {row[0] for row in catalogue.of_postgresql(owner, released.name)}
    assert made == {*OLD, "transfer_line"}
    PostgresqlStore(released.url, released.name).connect(Limits()).close()
    say(owner, released, "DROP TABLE SCHEMA.transfer_line")
    released.migrate()
    released.check()


def test_what_was_never_migrated_is_told_from_what_is_old_and_what_is_too_new(
    schema: ServiceSchema, owner: psycopg.Connection
) -> None:
    with pytest.raises(Problem, match="stockproof migrate"):
        schema.check()
    PostgresqlStore(schema.url, schema.name).create()
    with pytest.raises(Problem, match=r"0001.*stockproof migrate"):
        schema.check()
    schema.migrate()
    say(owner, schema, "UPDATE SCHEMA.alembic_version SET version_num = '9999'")
    for attempt in (schema.check, schema.migrate):
        with pytest.raises(Problem, match=r"9999.*newer stockproof"):
            attempt()


def test_a_schema_of_somebody_else_is_left_alone(
    schema: ServiceSchema, owner: psycopg.Connection
) -> None:
    say(owner, schema, f"CREATE SCHEMA {schema.name}")
    with pytest.raises(Problem, match="not made by stockproof"):
        schema.migrate()
    assert catalogue.of_postgresql(owner, schema.name) == set()
