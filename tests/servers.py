"""Servers for tests: private ones, started once a session, or those that the environment names.

A machine that cannot start one skips the tests that need it, with the reason. In CI nothing passes
by skipping: there they fail.
"""

import os
from collections.abc import Iterator

import pytest

from inventory_core.problems import Problem
from inventory_core.stores.embedded import EmbeddedPostgresql, EmbeddedValkey, PrivateServer


@pytest.fixture(scope="session")
def postgresql_url() -> Iterator[str]:
    """A PostgreSQL in which tests may make schemas (`STOCKPROOF_SQL_URL`, or a private one)."""
    yield from _url("STOCKPROOF_SQL_URL", EmbeddedPostgresql)


@pytest.fixture(scope="session")
def valkey_url() -> Iterator[str]:
    """A Valkey or Redis for keys with a prefix (`STOCKPROOF_REDIS_URL`, or a private one)."""
    yield from _url("STOCKPROOF_REDIS_URL", EmbeddedValkey)


def _url(variable: str, server: type[EmbeddedPostgresql] | type[EmbeddedValkey]) -> Iterator[str]:
    named = os.environ.get(variable)
    if named:
        yield named
        return
    running = server()
    _start(running)
    try:
        yield running.url
    finally:
        running.stop()


def _start(server: PrivateServer) -> None:
    try:
        server.start()
    except Problem as problem:
        if os.environ.get("CI"):
            pytest.fail(str(problem), pytrace=False)
        pytest.skip(str(problem))
