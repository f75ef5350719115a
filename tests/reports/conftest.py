"""A made-up comparison that all tests of the reports may read, and none may change."""

from pathlib import Path

import pytest

from tests.reports.made_up_records import write_comparison


@pytest.fixture(scope="session")
def made_up(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_comparison(tmp_path_factory.mktemp("records"))
