"""Directories that a private server can use, whoever runs the tests."""

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest


@pytest.fixture
def open_directory() -> Iterator[Path]:
    """A directory with a short path that every user may go through (`tmp_path` is private)."""
    directory = Path(tempfile.mkdtemp(prefix="so-"))
    directory.chmod(0o755)
    yield directory
    shutil.rmtree(directory, ignore_errors=True)
