"""Every kind of record has its table, and comes back from it as it went in."""

from collections.abc import Iterator
from dataclasses import fields
from enum import Enum
from typing import Any
from uuid import uuid4

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import MetaData, create_engine
from sqlalchemy.dialects import mysql
from sqlalchemy.schema import CreateIndex, CreateTable

from inventory_core.domain import Limits
from inventory_core.records import ENGINE_RECORDS, RECORDS, Act, Channel, Unassigned
from inventory_core.records.laws import BOUNDS, REFERENCES
from inventory_core.steps import ConstraintBroken, Step, rows, sql
from inventory_core.stores.session import Session
from inventory_core.stores.sql import PostgresqlPart, PostgresqlStore
from inventory_core.stores.sql.record_statements import record_statement
from inventory_core.stores.sql.record_tables import (
    creation,
    fields_of,
    record_tables,
    removal,
    table_name,
)

AWKWARD = ("", " ", "a'b", 'a"b', "a\\b", "{a,b}", "NULL", "null", "é 库存 \U0001f4e6", "a\nb\t")
BIG = 2**61  # two of them still are a BIGINT
INDEX_MOST_BYTES = 3_072
TEXTS = st.sampled_from(AWKWARD) | st.text(
    st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=8
)


def _part(store: PostgresqlStore) -> PostgresqlPart:
    return store.connect(Limits())


@pytest.fixture(scope="module")
def session(postgresql_url: str) -> Iterator[Session]:
    """A session on a schema with the tables of the records, without what ties them together."""
    store = PostgresqlStore(postgresql_url, f"records_{uuid4().hex[:12]}")
    store.create()
    with psycopg.connect(postgresql_url, autocommit=True) as connection:
        for command in creation(store.schema):
            connection.execute(command.encode())
        for record, references in REFERENCES.items():
            for one in references:
                name = f"{table_name(record)}_{'_'.join(one.fields)}_fkey"
                table = f"{store.schema}.{table_name(record)}"
                connection.execute(f"ALTER TABLE {table} DROP CONSTRAINT {name}".encode())
        session = Session([_part(store)])
        yield session
        session.close()
        connection.execute(removal(store.schema)[0].encode())
    store.remove()


def values_of(record: type[Any], name: str, kind: type[Any]) -> st.SearchStrategy[Any]:
    """Lawful values of a field, the awkward ones among them."""
    if kind is bool:
        return st.booleans()
    if issubclass(kind, Enum):
        return st.sampled_from(list(kind))
    if kind is int:
        bounds = {bound.field: bound for bound in BOUNDS.get(record, ())}
        limited = {name for bound in bounds.values() if bound.most for name in bound.most}
        if name in limited:
            return st.just(BIG)
        return st.integers(bounds[name].least if name in bounds else -BIG, BIG)
    return TEXTS


def some(record: type[Any]) -> st.SearchStrategy[Any]:
    """Records of a kind."""
    return st.builds(
        record, **{one.name: values_of(record, one.name, one.kind) for one in fields_of(record)}
    )


@pytest.mark.live
@pytest.mark.slow
@pytest.mark.parametrize("record", RECORDS)
@settings(
    max_examples=8,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(data=st.data())
def test_a_record_comes_back_as_it_went_in(
    session: Session, record: type[Any], data: st.DataObject
) -> None:
    found = data.draw(st.lists(some(record), min_size=1, max_size=5, unique_by=_key))
    first, *_ = found
    session.reset()  # an example that failed leaves its transaction open
    session.perform(sql.Begin())
    assert session.perform(rows.Insert(first))
    assert session.perform(rows.Get(record, _key(first))) == first
    assert session.perform(rows.Remove(record, _key(first)))
    session.perform(rows.InsertAll(tuple(found)))
    back = session.perform(rows.Select(record))
    assert sorted(back, key=repr) == sorted(found, key=repr)
    assert session.perform(rows.Put(first))
    assert session.perform(rows.Lock(record, _key(first))) == first
    session.perform(sql.Rollback())


def _key(row: Any) -> tuple[Any, ...]:
    return tuple(getattr(row, name) for name in row.KEY)


@pytest.mark.live
def test_a_shape_is_prepared_while_a_begin_is_pending_and_again_after_a_reconnect(
    session: Session,
) -> None:
    step: Step[Any] = rows.Select(Act, (("who", "=", "x"), ("what", ">", "y")))
    session.perform(sql.Begin())
    assert session.perform(step) == ()
    session.perform(sql.Commit())
    session.close()
    session.reset()
    assert session.perform(step) == ()
    session.perform(sql.Begin())
    with pytest.raises(ConstraintBroken):
        session.perform(rows.Insert(Unassigned("x", -1)))
    session.perform(sql.Rollback())
    assert session.perform(rows.Get(Unassigned, ("x",))) is None


@pytest.mark.live
def test_the_clock_is_the_server_s_and_runs_on_within_a_transaction(session: Session) -> None:
    session.perform(sql.Begin())
    first = session.perform(rows.StoreClock())
    session.perform(sql.Commit())
    assert 1_700_000_000_000 < first <= session.perform(rows.StoreClock())


def test_names_of_statements_are_short_and_one_a_shape() -> None:
    steps = [
        rows.Get(Channel, ("a",)),
        rows.Lock(Channel, ("a",)),
        rows.Select(Channel),
        rows.Select(Channel, (("active", "=", True),)),
        rows.Select(Channel, (("active", "=", False),)),
        rows.Select(Channel, limit=3, lock_free=True),
    ]
    names = [record_statement("shop", step).name for step in steps]
    assert len(set(names)) == len(names)
    assert all(len(name) < 63 for name in names)
    other = rows.Get(Channel, ("b",))
    assert record_statement("shop", other) is record_statement("shop", steps[0])


def test_sqlite_takes_the_tables() -> None:
    metadata = MetaData()
    tables = record_tables(metadata)
    metadata.create_all(create_engine("sqlite://"))
    assert set(tables) == {*RECORDS, *ENGINE_RECORDS}
    for record, table in tables.items():
        assert [one.name for one in fields(record)] == list(table.c.keys())


def test_no_index_is_too_long_for_mariadb() -> None:
    dialect = mysql.dialect()  # type: ignore[no-untyped-call]
    for table in record_tables(MetaData()).values():
        assert "utf8mb4_bin" in str(CreateTable(table).compile(dialect=dialect))
        for index in (table.primary_key, *table.indexes):
            lengths = [getattr(_on(column.type, dialect), "length", 2) for column in index.columns]
            assert None not in lengths, f"{table.name}: an indexed text without a length"
            assert sum(4 * length for length in lengths) <= INDEX_MOST_BYTES
        for one in table.indexes:
            assert " WHERE " not in str(CreateIndex(one).compile(dialect=dialect))


def _on(kind: Any, dialect: Any) -> Any:
    return kind.dialect_impl(dialect)


def test_laws_speak_of_fields_that_are_there() -> None:
    for record, bounds in BOUNDS.items():
        names = {one.name for one in fields(record)}
        assert all({bound.field, *bound.most} <= names for bound in bounds)
    for record, references in REFERENCES.items():
        names = {one.name for one in fields(record)}
        for reference in references:
            assert set(reference.fields) <= names
            assert len(reference.fields) == len(reference.parent.KEY)
