"""What a capture must remember over its own death: its epoch, how far it is, what was asked of it.

A small SQLite file beside the pipeline's other files. It is written after the broker has confirmed,
so whoever continues from it tells some changes twice and none never.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from inventory_core.problems import Problem

BUSY_S = 10.0
_TABLES = """
    CREATE TABLE IF NOT EXISTS capture (
        source TEXT PRIMARY KEY, epoch INTEGER NOT NULL, phase TEXT NOT NULL,
        position TEXT NOT NULL, snapshot_wanted INTEGER NOT NULL DEFAULT 0,
        rules TEXT NOT NULL DEFAULT '');
    CREATE TABLE IF NOT EXISTS figure (
        source TEXT, name TEXT, value REAL NOT NULL, PRIMARY KEY (source, name)) WITHOUT ROWID;
"""


class Phase(StrEnum):
    """Where a capture is. A snapshot that did not end is begun again."""

    NEW = "new"
    SNAPSHOT = "snapshot"
    STREAM = "stream"


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a capture is."""

    epoch: int
    phase: Phase
    position: str
    rules: str  # the fingerprint of those that the snapshot was taken by


def has_begun(file: Path, source: str) -> bool:
    """Has a capture of that source ever begun? Looks, and makes no file."""
    if not file.exists():
        return False
    try:
        url = f"{file.absolute().as_uri()}?mode=ro"
        with closing(sqlite3.connect(url, timeout=BUSY_S, uri=True)) as connection:
            known = connection.execute("SELECT 1 FROM capture WHERE source = ?", [source])
            return known.fetchone() is not None
    except sqlite3.Error as error:
        raise Problem(f"{file} cannot be read as the state of a capture: {error}") from None


class CaptureState:
    """The file, for one source; several processes may have it open."""

    def __init__(self, file: Path, source: str) -> None:
        self._source = source
        try:
            file.parent.mkdir(parents=True, exist_ok=True)
            self._connection = sqlite3.connect(file, timeout=BUSY_S, isolation_level=None)
            self._connection.execute("PRAGMA journal_mode=WAL")
            self._connection.execute("PRAGMA synchronous=FULL")
            self._connection.executescript(_TABLES)
            self._connection.execute(
                "INSERT OR IGNORE INTO capture (source, epoch, phase, position)"
                " VALUES (?, 0, 'new', '')",
                [source],
            )
        except (sqlite3.Error, OSError) as error:
            raise Problem(f"{file} cannot be used for the state of a capture: {error}") from None

    def progress(self) -> Progress:
        """How far the capture is."""
        epoch, phase, position, rules = self._connection.execute(
            "SELECT epoch, phase, position, rules FROM capture WHERE source = ?", [self._source]
        ).fetchone()
        return Progress(epoch, Phase(phase), position, rules)

    def snapshot_begins(self, epoch: int, rules: str) -> None:
        """Before the first row of it is published. What was asked of us is under way."""
        begun = "phase = 'snapshot', position = '', snapshot_wanted = 0"
        self._write(f"{begun}, epoch = ?, rules = ?", epoch, rules)

    def stream_begins(self, position: str) -> None:
        """After the last row of the snapshot is published."""
        self._write("phase = 'stream', position = ?", position)

    def moved(self, position: str) -> None:
        """Everything up to there is published."""
        self._write("position = ?", position)

    def want_snapshot(self) -> None:
        """Ask the capture, which may be another process, for a new snapshot."""
        self._write("snapshot_wanted = ?", 1)

    def snapshot_wanted(self) -> bool:
        """Has somebody asked?"""
        (wanted,) = self._connection.execute(
            "SELECT snapshot_wanted FROM capture WHERE source = ?", [self._source]
        ).fetchone()
        return bool(wanted)

    def note(self, figures: Mapping[str, float]) -> None:
        """Leave figures for `status`."""
        rows = [(self._source, name, value) for name, value in figures.items()]
        self._connection.execute("BEGIN IMMEDIATE")
        self._connection.executemany("INSERT OR REPLACE INTO figure VALUES (?, ?, ?)", rows)
        self._connection.execute("COMMIT")

    def noted(self) -> dict[str, float]:
        """The figures that were left last."""
        asked = "SELECT name, value FROM figure WHERE source = ? ORDER BY name"
        return dict(self._connection.execute(asked, [self._source]).fetchall())

    def close(self) -> None:
        """Hang up."""
        self._connection.close()

    def _write(self, assignments: str, *values: int | str) -> None:
        self._connection.execute(
            f"UPDATE capture SET {assignments} WHERE source = ?", [*values, self._source]
        )
