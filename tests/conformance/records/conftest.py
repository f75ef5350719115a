"""One real PostgreSQL for a file of comparisons, and the comparison of one case."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from secrets import token_hex

import pytest

from scenarios.model import SqlModel
from tests.conformance.records.catalogue import BEFORE
from tests.conformance.records.twins import ModelRecords, RealRecords
from tests.conformance.steps.script import Comparison

SESSIONS = 2
Compare = Callable[..., Comparison]


@pytest.fixture(scope="session")
def real_records(postgresql_url: str) -> Iterator[RealRecords]:
    """A schema of its own with two sessions."""
    twin = RealRecords(postgresql_url, f"records_{token_hex(4)}", SESSIONS)
    yield twin
    twin.close()


@pytest.fixture
def compare(real_records: RealRecords) -> Compare:
    """Starts a case: what every case begins with is there, on both sides."""

    def start(make: Callable[[int], SqlModel] = SqlModel) -> Comparison:
        real_records.clear()
        comparison = Comparison(ModelRecords(SESSIONS, make), real_records)
        for step in BEFORE:
            comparison.move(0, step)
        return comparison

    return start
