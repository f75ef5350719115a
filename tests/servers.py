"""Servers for tests: private ones, started once a session, or those that the environment names.

A machine that cannot start one skips the tests that need it, with the reason. In CI nothing passes
by skipping: there they fail.
"""

import os
import secrets
import socket
from collections.abc import Iterator
from typing import TypeVar

import pytest
from sqlalchemy import create_engine, make_url, text
from sqlalchemy.exc import OperationalError

from inventory_core.problems import Problem
from inventory_core.stores.embedded import (
    EmbeddedMariadb,
    EmbeddedPostgresql,
    EmbeddedValkey,
    EmbeddedValkeyCluster,
    PrivateServer,
)

Server = TypeVar("Server", bound=PrivateServer | EmbeddedValkeyCluster)


@pytest.fixture(scope="session")
def postgresql_url() -> Iterator[str]:
    """A PostgreSQL in which tests may make schemas (`STOCKPROOF_SQL_URL`, or a private one)."""
    yield from _url("STOCKPROOF_SQL_URL", EmbeddedPostgresql)


@pytest.fixture(scope="session")
def valkey_url() -> Iterator[str]:
    """A Valkey or Redis for keys with a prefix (`STOCKPROOF_REDIS_URL`, or a private one)."""
    yield from _url("STOCKPROOF_REDIS_URL", EmbeddedValkey)


@pytest.fixture(scope="session")
def mariadb_url() -> Iterator[str]:
    """An empty database on a MariaDB (named, on its usual port, or private; see below)."""
    for server in _mariadb():
        yield from _database_on(server)


@pytest.fixture(scope="session")
def mariadb_server_url() -> Iterator[str]:
    """A MariaDB in which tests may make databases."""
    yield from _mariadb()


def _mariadb() -> Iterator[str]:
    """`STOCKPROOF_MARIADB_URL`, or the one on its usual port, or a private one."""
    named = os.environ.get("STOCKPROOF_MARIADB_URL", "")
    if named or listens(3306):
        yield named or "mysql://root@127.0.0.1:3306/"
        return
    for running in started(EmbeddedMariadb):
        yield running.url


def listens(port: int) -> bool:
    """Is there a server on this port of this machine?"""
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1.0).close()
    except OSError:
        return False
    return True


def _database_on(server: str) -> Iterator[str]:
    engine = create_engine(make_url(server).set(drivername="mysql+pymysql"))
    name = f"stockproof_{secrets.token_hex(4)}"
    try:
        with engine.begin() as connection:
            connection.execute(text(f"CREATE DATABASE {name}"))
    except OperationalError as error:
        _unavailable(f"no MariaDB at {server}: {error.orig}; name one in STOCKPROOF_MARIADB_URL")
    yield make_url(server).set(database=name).render_as_string(hide_password=False)
    with engine.begin() as connection:
        connection.execute(text(f"DROP DATABASE {name}"))
    engine.dispose()


def _unavailable(reason: str) -> None:
    if os.environ.get("CI"):
        pytest.fail(reason, pytrace=False)
    pytest.skip(reason)


def _url(variable: str, server: type[EmbeddedPostgresql] | type[EmbeddedValkey]) -> Iterator[str]:
    named = os.environ.get(variable)
    if named:
        yield named
        return
    for running in started(server):
        yield running.url


def started(server: type[Server]) -> Iterator[Server]:
    """A private server, for as long as its one turn of the loop lasts."""
    running = server()
    _start(running)
    try:
        yield running
    finally:
        running.stop()


def _start(server: PrivateServer | EmbeddedValkeyCluster) -> None:
    try:
        server.start()
    except Problem as problem:
        _unavailable(str(problem))
