"""A Redis store with a session, empty for every test."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from inventory_core.domain import Limits
from inventory_core.steps import Step
from inventory_core.stores.kv import RedisPart, RedisStore
from inventory_core.stores.session import Session

Ask = Callable[[Step[Any]], Any]


@pytest.fixture
def store(valkey_url: str) -> Iterator[RedisStore]:
    """A store under a prefix with characters that a pattern would take for something else."""
    made = RedisStore(valkey_url, f"test*[{secrets.token_hex(4)}]:")
    made.create()
    yield made
    made.remove()
    made.close()


@pytest.fixture
def part(store: RedisStore) -> Iterator[RedisPart]:
    """One connection."""
    made = store.connect(Limits())
    yield made
    made.close()


@pytest.fixture
def ask(part: RedisPart) -> Ask:
    """Performs a step."""
    return Session([part]).perform
