"""A real PostgreSQL for a file of comparisons, and the comparison of one case."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from secrets import token_hex

import pytest

from scenarios.model import SqlModel
from tests.conformance.steps.catalogue import BEFORE
from tests.conformance.steps.script import Comparison
from tests.conformance.steps.twins import ModelTwin, RealTwin

SESSIONS = 2
Compare = Callable[..., Comparison]


@pytest.fixture(scope="session")
def real_twin(postgresql_url: str) -> Iterator[RealTwin]:
    """A schema of its own with two sessions."""
    twin = RealTwin(postgresql_url, f"twin_{token_hex(4)}", SESSIONS)
    yield twin
    twin.close()


@pytest.fixture
def compare(real_twin: RealTwin) -> Compare:
    """Starts a case: what every case begins with is there, on both sides."""

    def start(make: Callable[[int], SqlModel] = SqlModel) -> Comparison:
        real_twin.clear()
        comparison = Comparison(ModelTwin(SESSIONS, make), real_twin)
        for step in BEFORE:
            comparison.move(0, step)
        return comparison

    return start
