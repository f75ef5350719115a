"""The schema is made, recognised, emptied and removed; what is not ours is never touched."""

import pickle
from collections.abc import Iterator

import psycopg
import pytest

from inventory_core.domain import Limits
from inventory_core.problems import Problem
from inventory_core.steps import sql
from inventory_core.stores.sql import PostgresqlStore
from inventory_core.stores.sql.schema import FORMAT, MARK
from tests.stores.sql.clients import A, B, Client, order

pytestmark = pytest.mark.live
RELATIONS = """
    SELECT coalesce(array_agg(relname::text ORDER BY relname), '{}') FROM pg_class
    JOIN pg_namespace n ON n.oid = relnamespace WHERE nspname = %s AND relkind = 'r'
"""


@pytest.fixture
def owner(postgresql_url: str) -> Iterator[psycopg.Connection]:
    """The owner of the database, who does as he likes."""
    with psycopg.connect(postgresql_url, autocommit=True) as connection:
        yield connection


def tables(owner: psycopg.Connection, schema: str) -> list[str]:
    """The tables that are there now."""
    row = owner.execute(RELATIONS, [schema]).fetchone()
    return row[0] if row else []


def run(owner: psycopg.Connection, store: PostgresqlStore, command: str) -> None:
    """A command of the owner; SCHEMA stands for the store's."""
    owner.execute(command.replace("SCHEMA_", store.schema).encode())


def test_create_makes_what_was_planned_and_remove_leaves_nothing(
    unmade: PostgresqlStore, owner: psycopg.Connection
) -> None:
    planned = [line.split(" (")[0] for line in unmade.planned() if "CREATE TABLE" in line]
    unmade.create()
    made = tables(owner, unmade.schema)
    assert set(made) > {"adjustment", "cell", "deduction_log", "hold", "stock_task", "part"}
    assert sorted(line.split("CREATE TABLE ")[1] for line in planned) == [
        f"{unmade.schema}.{name}" for name in made
    ]
    unmade.remove()
    assert owner.execute("SELECT to_regnamespace(%s)", [unmade.schema]).fetchone() == (None,)


def test_a_schema_of_an_older_version_gets_the_tables_that_it_lacks(
    store: PostgresqlStore, owner: psycopg.Connection
) -> None:
    before = tables(owner, store.schema)
    run(owner, store, "DROP TABLE SCHEMA_.part, SCHEMA_.stock_unit")
    store.create()
    assert tables(owner, store.schema) == before


def test_a_plan_changes_nothing(unmade: PostgresqlStore, owner: psycopg.Connection) -> None:
    first, *_, last = unmade.planned()
    assert first.endswith(f": CREATE SCHEMA {unmade.schema}")
    assert last.startswith("remove from ")
    assert last.endswith(f": DROP SCHEMA {unmade.schema} RESTRICT")
    assert owner.execute("SELECT to_regnamespace(%s)", [unmade.schema]).fetchone() == (None,)


def test_creating_again_keeps_what_is_there(unmade: PostgresqlStore) -> None:
    unmade.create()
    part = unmade.connect(Limits())
    part.handlers[sql.Bury](sql.Bury("1"))
    unmade.create()
    assert list(unmade.book().orders) == ["1"]
    part.close()


def test_removing_what_is_not_there_is_no_error(unmade: PostgresqlStore) -> None:
    unmade.remove()
    unmade.create()
    unmade.remove()
    unmade.remove()


FOREIGN = [
    "CREATE SCHEMA SCHEMA_",
    "CREATE SCHEMA SCHEMA_; CREATE TABLE SCHEMA_.hold (mine int)",
    "CREATE SCHEMA SCHEMA_; COMMENT ON SCHEMA SCHEMA_ IS 'the books of a library'",
]


@pytest.mark.parametrize("foreign", FOREIGN)
def test_a_schema_of_somebody_else_is_refused_and_left_alone(
    unmade: PostgresqlStore, owner: psycopg.Connection, foreign: str
) -> None:
    run(owner, unmade, foreign)
    before = tables(owner, unmade.schema)
    for act in (unmade.create, unmade.remove, unmade.clear, lambda: unmade.connect(Limits())):
        with pytest.raises(Problem, match="was not made by stockproof: choose another"):
            act()
    assert tables(owner, unmade.schema) == before


def test_the_public_schema_is_never_ours(postgresql_url: str) -> None:
    with pytest.raises(Problem, match="was not made by stockproof"):
        PostgresqlStore(postgresql_url, "public").create()


@pytest.mark.parametrize(
    "stranger",
    ["CREATE TABLE SCHEMA_.customer (name text)", "CREATE VIEW SCHEMA_.stock AS SELECT 1 AS one"],
)
def test_a_stranger_in_our_schema_is_named_and_survives(
    unmade: PostgresqlStore, owner: psycopg.Connection, stranger: str
) -> None:
    unmade.create()
    run(owner, unmade, stranger)
    name = stranger.split("SCHEMA_.")[1].split()[0]
    with pytest.raises(Problem, match=f"also holds {name}"):
        unmade.create()
    with pytest.raises(Problem, match=f"is not removed: .*{name}"):
        unmade.remove()
    assert "cell" in tables(owner, unmade.schema)


def test_a_view_of_somebody_else_on_our_table_keeps_the_table(
    unmade: PostgresqlStore, owner: psycopg.Connection
) -> None:
    unmade.create()
    view = f"{unmade.schema}_view"
    run(owner, unmade, f"CREATE VIEW public.{view} AS SELECT sku FROM SCHEMA_.cell")
    with pytest.raises(Problem, match=f"is not removed: .*{view}"):
        unmade.remove()
    run(owner, unmade, f"DROP VIEW public.{view}")
    unmade.remove()


def test_another_format_is_refused_but_can_be_removed(
    unmade: PostgresqlStore, owner: psycopg.Connection
) -> None:
    unmade.create()
    old = MARK.format(format=FORMAT - 1)
    run(owner, unmade, f"COMMENT ON SCHEMA SCHEMA_ IS '{old}'")
    for act in (unmade.create, unmade.clear, lambda: unmade.connect(Limits())):
        with pytest.raises(Problem, match=f"has format {FORMAT - 1}, .* needs format {FORMAT}"):
            act()
    unmade.remove()
    assert tables(owner, unmade.schema) == []


def test_clearing_empties_every_table_and_starts_task_ids_again(
    client: Client, store: PostgresqlStore
) -> None:
    client.do(sql.ClaimOrder(order("1", (A, 1))), sql.RecordAdjustment("k", A, 1, ""))
    client.do(sql.AddTasks("1", 1, ((A, 1),)))
    store.clear()
    book = store.book()
    assert not any((book.remaining, book.orders, book.journal, book.pending))
    client.do(sql.AddTasks("1", 1, ((B, 1),)))
    assert client.do(sql.TakeTasks(9))[0].task_id == 1


def test_a_schema_in_use_is_not_waited_for_for_ever(
    client: Client, store: PostgresqlStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("inventory_core.stores.sql.schema.LOCKS_WITHIN_S", 0.05)
    client.do(sql.Begin(), sql.ReadCellLocked(A))
    with pytest.raises(Problem, match="is in use: end the other run"):
        store.clear()
    client.do(sql.Rollback())


def test_a_role_without_the_right_is_told_so(
    unmade: PostgresqlStore, owner: psycopg.Connection
) -> None:
    role = f"{unmade.schema}_clerk"
    owner.execute(f"CREATE ROLE {role} LOGIN".encode())
    try:
        named = f"{unmade.url}{'&' if '?' in unmade.url else '?'}user={role}"
        with pytest.raises(Problem, match=r"permission denied .* use another role"):
            PostgresqlStore(named, unmade.schema).create()
    finally:
        owner.execute(f"DROP ROLE {role}".encode())


@pytest.mark.parametrize("name", ["", "Big", "a-b", "1st", "pg_mine", "x" * 64, 'a"; DROP'])
def test_an_impossible_name_is_refused(name: str) -> None:
    with pytest.raises(Problem, match="cannot be the name of a schema"):
        PostgresqlStore("postgresql://localhost/x", name)


def test_the_address_of_a_store_can_be_sent_to_another_process(store: PostgresqlStore) -> None:
    assert pickle.loads(pickle.dumps(store)) == store


def test_the_fingerprint_names_what_a_commit_promises(store: PostgresqlStore) -> None:
    found = store.fingerprint()
    assert found["fsync"] == "on"
    assert found["synchronous_commit"] == "on"
    assert int(found["max_connections"]) > 0
    assert found["server_version"].split(".")[0].isdigit()


def test_vacuum_never_locks_a_table_to_shorten_it(
    store: PostgresqlStore, owner: psycopg.Connection
) -> None:
    with_it = """
        SELECT count(*) FROM pg_class JOIN pg_namespace n ON n.oid = relnamespace
        WHERE nspname = %s AND relkind = 'r' AND 'vacuum_truncate=off' = ANY (reloptions)
    """
    assert owner.execute(with_it, [store.schema]).fetchone() == (len(tables(owner, store.schema)),)
