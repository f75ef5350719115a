"""On MariaDB and SQLite: the declared tables, bad rows refused, interrupted and gone on."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Connection, Engine, MetaData, create_engine, event, text
from sqlalchemy.exc import DBAPIError

from inventory_core.problems import Problem
from inventory_core.stores import migrations
from inventory_core.stores.migrations.databases import Database
from inventory_core.stores.sql.record_tables import record_tables
from tests.stores.migrations import catalogue

BAD = {
    "physical below zero": "INSERT INTO warehouse_stock VALUES ('ink', 'north', -1, 0, 0, 0, 0)",
    "promised beyond physical": "INSERT INTO warehouse_stock VALUES"
    " ('ink', 'north', 1, 2, 0, 0, 0)",
    "a warehouse that is not there": "INSERT INTO warehouse_stock VALUES"
    " ('pen', 'south', 1, 0, 0, 0, 0)",
    "a kind that nobody knows": "INSERT INTO warehouse VALUES"
    " ('west', 'W', 'lost', '', 0, 'active', '17:00', 0, 0, '')",
    "a key that is taken": "INSERT INTO warehouse VALUES"
    " ('north', 'N', 'own', '', 0, 'active', '17:00', 0, 0, '')",
    "sellable below zero": "INSERT INTO cell VALUES ('pen', 'channel:mall', -1, 0)",
    "a hold in no known state": "INSERT INTO hold VALUES ('o', 'f', 'b', 'lost', 1, 1, NULL)",
    "no name at all": "INSERT INTO unassigned VALUES (NULL, 1)",
}
GOOD = (
    "INSERT INTO warehouse VALUES ('north', 'N', 'own', '', 0, 'active', '17:00', 0, 0, '')",
    "INSERT INTO warehouse_stock VALUES ('pen', 'north', 1, 1, 0, 0, 0)",
)


@pytest.fixture(
    params=[
        "sqlite",
        pytest.param("mariadb", marks=[pytest.mark.live, pytest.mark.slow]),
    ]
)
def url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """An empty database."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'shop.db'}"
        return
    given = request.getfixturevalue("mariadb_url")
    engine = create_engine(Database(given)._url)
    _emptied(engine)
    yield given
    _emptied(engine)
    engine.dispose()


def _emptied(engine: Engine) -> None:
    """The database is shared by the session: every test begins with nothing."""
    with engine.begin() as connection:
        connection.execute(text("SET foreign_key_checks = 0"))
        for (table,) in connection.execute(text("SHOW TABLES")).all():
            connection.execute(text(f"DROP TABLE `{table}`"))


@pytest.fixture
def engine(url: str) -> Iterator[Engine]:
    """The database, with foreign keys in force."""
    engine = create_engine(Database(url)._url)
    if engine.dialect.name == "sqlite":
        on = "PRAGMA foreign_keys = ON"
        event.listen(engine, "connect", lambda raw, _: raw.execute(on))
    yield engine
    engine.dispose()


def test_the_records_are_kept_as_declared(url: str, engine: Engine) -> None:
    declared = MetaData()
    names = [table.name for table in record_tables(declared).values()]
    with engine.begin() as connection:
        declared.create_all(connection)
        expected = catalogue.of_another(connection, *names)
        declared.drop_all(connection)
    Database(url).migrate()
    with engine.begin() as connection:
        assert catalogue.of_another(connection, *names) == expected
        connection.execute(text("DROP INDEX entry_by_sku_kind_place" + _of(connection)))
        assert catalogue.of_another(connection, *names) != expected


def _of(connection: Connection) -> str:
    return "" if connection.dialect.name == "sqlite" else " ON entry"


def refused(engine: Engine, command: str) -> bool:
    """Does the database refuse the row?"""
    try:
        with engine.begin() as connection:
            connection.execute(text(command))
    except DBAPIError:
        return True
    return False


def test_bad_rows_are_refused_one_by_one(url: str, engine: Engine) -> None:
    Database(url).migrate()
    with engine.begin() as connection:
        for command in GOOD:
            connection.execute(text(command))
    for why, command in BAD.items():
        assert refused(engine, command), why


def test_interrupted_it_says_what_to_do_and_that_helps(url: str, engine: Engine) -> None:
    """MariaDB commits every table by itself; SQLite does nothing by halves."""
    with engine.begin() as connection:
        migrations.upgrade(connection, to=migrations.FIRST)
        connection.execute(text("INSERT INTO cell VALUES ('pen', 'channel:mall', 7, 3)"))
        connection.execute(text("CREATE TABLE transfer_line (in_the_way int)"))
    with pytest.raises(Problem, match="transfer_line") as told:
        Database(url).migrate()
    assert Database(url).version() == "0001"
    with engine.begin() as connection:
        assert connection.execute(text("SELECT sellable FROM cell")).scalar() == 7
        connection.execute(text("DROP TABLE transfer_line"))
    assert "run it again" in str(told.value)
    Database(url).migrate()
    assert Database(url).version() == migrations.newest()


def test_what_a_killed_migration_left_is_named(url: str, engine: Engine) -> None:
    with engine.begin() as connection:
        migrations.upgrade(connection, to=migrations.FIRST)
        connection.execute(text("CREATE TABLE act (half int)"))
        connection.execute(text("CREATE TABLE theirs (a int)"))
    with pytest.raises(Problem, match=r"DROP TABLE `act`; and run it again"):
        Database(url).migrate()
