"""A shelf of a test's own, in the place of `reports/published`."""

from pathlib import Path

import pytest

from reports.questions import shelf


@pytest.fixture
def own_shelf(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(shelf, "PUBLISHED", tmp_path)
    return tmp_path
