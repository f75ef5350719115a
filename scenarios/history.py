"""What a run leaves behind: records of attempts, and the folder that holds them.

Workloads record, checkers judge; nothing is judged while it runs. One schema serves every world.

    runs/<comparison>/comparison.json        scenario, seed, grade, machine, rows, proofs
    runs/<comparison>/<run>/run.json         what was run, where, with which durability
    runs/<comparison>/<run>/attempts.parquet one row an attempt (columns: ATTEMPT)
    runs/<comparison>/<run>/steps.parquet    one row a step, sampled (columns: STEP)
    runs/<comparison>/<run>/timeline.parquet stock left, as seen from outside (columns: TIMELINE)
    runs/<comparison>/<run>/audit.parquet    what the stores held at the end (columns: AUDIT)
    runs/<comparison>/<run>/faults.parquet   one row a fault that happened (columns: FAULTS)
    runs/<comparison>/<run>/looks.parquet    one row a look at a shop window (columns: LOOKS)
    runs/<comparison>/<run>/changes.parquet  what the source behind it became (columns: CHANGES)
    runs/<comparison>/<run>/verdict.json     the row of the table, and the violations

Times are nanoseconds on the run's own clock, 0 at its start: monotonic when measured, virtual when
simulated. This module writes and reads; it imports nothing of ours, so that reports can use it.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

FORMAT = 1
"""Raised when a reader of the old records would misread the new ones."""

_WORD = pa.dictionary(pa.int16(), pa.string())

ATTEMPT = pa.schema(
    [
        ("operation", pa.int64()),  # one a delivery: its attempts share it
        ("client", pa.int32()),
        ("order_number", pa.string()),
        ("lines", pa.string()),  # "SKU@PLACE=2;SKU@PLACE=1", as placed
        ("units", pa.int32()),
        ("kind", _WORD),  # deduct, roll_back, pay, expire, ship, ...
        ("delivery", pa.int16()),  # 0: first time this order number was sent
        ("attempt", pa.int16()),  # 0: first try of this delivery
        ("intended_ns", pa.int64()),  # when it should have been sent
        ("sent_ns", pa.int64()),
        ("replied_ns", pa.int64()),
        ("outcome", _WORD),  # the outcome vocabulary, and error, unknown, dropped
        ("observed", pa.int64()),  # remainder seen by a read; null otherwise
        ("token", pa.int64()),  # fencing token; null otherwise
    ]
)
STEP = pa.schema(
    [
        ("operation", pa.int64()),
        ("place", pa.int16()),  # 0 is the plan's first step
        ("step", _WORD),
        ("sent_ns", pa.int64()),
        ("replied_ns", pa.int64()),
    ]
)
TIMELINE = pa.schema(
    [
        ("at_ns", pa.int64()),
        ("remaining", pa.int64()),  # as the store counts that decides
        ("copied", pa.int64()),  # as the rows count that follow it; null where none follow
        ("wal_bytes", pa.int64()),  # written by the database so far; null where it does not say
        ("commands", pa.int64()),  # carried out by Redis so far
    ]
)
AUDIT = pa.schema(
    [
        ("store", _WORD),  # sql, kv
        ("entry", _WORD),  # counter, hold, line, journal, pending
        ("key", pa.string()),  # order number or adjustment key; empty for counters
        ("cell", pa.string()),
        ("quantity", pa.int64()),
        ("generation", pa.int32()),
        ("state", _WORD),
    ]
)
FAULTS = pa.schema(
    [
        ("kind", _WORD),  # client_dies, reply_lost, server_killed, ...
        ("began_ns", pa.int64()),
        ("over_ns", pa.int64()),  # when the server answered again, the process went on
        ("whom", pa.string()),  # valkey, process 2, the buyers, a client
        ("what", pa.string()),  # what it did, in words
    ]
)
LOOKS = pa.schema(
    [
        ("operation", pa.int64()),  # the order that may follow
        ("client", pa.int32()),
        ("sku", pa.string()),
        ("intended_ns", pa.int64()),
        ("sent_ns", pa.int64()),
        ("replied_ns", pa.int64()),
        ("outcome", _WORD),  # in stock, sold out, turned away; error, unknown
        ("units", pa.int64()),  # shown
        ("as_of_ns", pa.int64()),  # the newest change that the window knew; null: not answered
    ]
)
CHANGES = pa.schema(
    [
        ("at_ns", pa.int64()),  # when it was committed
        ("sku", pa.string()),
        ("units", pa.int64()),  # left since then
    ]
)
SCHEMAS: Mapping[str, pa.Schema] = {
    "attempts": ATTEMPT,
    "steps": STEP,
    "timeline": TIMELINE,
    "audit": AUDIT,
    "faults": FAULTS,
}
"""What every run may have."""

BESIDE_A_WINDOW: Mapping[str, pa.Schema] = {"looks": LOOKS, "changes": CHANGES}
"""What only a run with a shop window has."""


@dataclass(frozen=True, slots=True)
class RunFolder:
    """One run's records on disk."""

    path: Path

    def write_table(self, name: str, columns: Mapping[str, Sequence[Any]]) -> None:
        """Write a table of one of the schemas from columns of equal length."""
        self.path.mkdir(parents=True, exist_ok=True)
        table = pa.table(dict(columns), schema=_schema_of(name))
        _replace(self.path / f"{name}.parquet", lambda to: pq.write_table(table, to))

    def table(self, name: str) -> pa.Table:
        """Read a table; an absent one (a run without samples) is empty."""
        path = self.path / f"{name}.parquet"
        return pq.read_table(path) if path.exists() else _schema_of(name).empty_table()

    def write_json(self, name: str, content: Mapping[str, Any]) -> None:
        """Write `<name>.json`; the file is whole or absent, never half."""
        self.path.mkdir(parents=True, exist_ok=True)
        text = json.dumps(content, indent=1) + "\n"
        _replace(self.path / f"{name}.json", lambda to: to.write_text(text, encoding="utf-8"))

    def json(self, name: str) -> dict[str, Any]:
        """Read `<name>.json`."""
        loaded: dict[str, Any] = json.loads((self.path / f"{name}.json").read_text("utf-8"))
        return loaded

    @property
    def finished(self) -> bool:
        """A run is finished when its verdict, which is written last, is there."""
        return (self.path / "verdict.json").exists()

    def runs(self) -> Iterator[RunFolder]:
        """The finished runs of a comparison, by name."""
        for path in sorted(self.path.iterdir()):
            if path.is_dir() and RunFolder(path).finished:
                yield RunFolder(path)


def _schema_of(name: str) -> pa.Schema:
    return BESIDE_A_WINDOW.get(name) or SCHEMAS[name]


def folder_name(name: str) -> str:
    """A name as a folder can have it: a strategy may be called by a module's path, or a file's."""
    return name.replace(":", ".").replace("/", ".").lstrip(".")


def _replace(path: Path, write: Any) -> None:
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        write(draft)
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)
