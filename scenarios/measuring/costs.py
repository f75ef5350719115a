"""What a success cost: round trips, locks and connections held, log written, commands carried out.

| field of `cost` | says |
|---|---|
| round_trips_per_success | replies waited for, of everybody who asked, a first-time deduction |
| connection_held_ms | from the first statement of a transaction to its end |
| lock_held_ms | from when a row (or a lease) was ours until others could have it |
| wal_bytes_per_success | PostgreSQL's log |
| commands_per_success | of Redis, those inside scripts included |

All within the window over which speed is measured; of locks and connections `_p50` and `_p99`.
Steps are timed for every so many operations only (`run.sample_every`), so nothing here costs the
driver more; the servers count by themselves, and are asked beside the run.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from inventory_core.strategy.contract import RIDES
from scenarios.statistics import percentile
from scenarios.verdict import Window

LOCKING = frozenset(
    {"TakeIfEnough", "GiveBack", "ReadCellLocked", "ReadCellsLocked", "WriteCell",
     "WriteCellIfVersion"}
)  # fmt: skip
"""Steps of a transaction after which the row is ours until its end."""

SHORTEST_NS = 150_000_000
"""In a shorter window the servers' counts, which are read now and then, say too little."""


class StepRow(NamedTuple):
    """One timed step, as recorded."""

    operation: int
    place: int
    step: str
    sent_ns: int
    replied_ns: int


@dataclass
class Held:
    """How long connections and locks were held, in nanoseconds."""

    connections: list[int] = field(default_factory=list)
    locks: list[int] = field(default_factory=list)

    def take_in(self, steps: Iterable[StepRow]) -> None:
        """Follow one operation from step to step."""
        began = locked = lease = asked = None
        opened = False
        for row in steps:
            name = row.step
            if name == "Begin":
                opened, began, locked = True, None, None
            elif name in ("Commit", "Rollback"):
                if began is not None:
                    self.connections.append(row.replied_ns - began)
                if locked is not None and lease is None:
                    self.locks.append(row.replied_ns - locked)
                opened, began, locked = False, None, None
            elif name == "SetIfAbsent":
                asked = row.replied_ns
            elif name == "DeleteIfEqual":
                if asked is not None:
                    self.locks.append(row.replied_ns - asked)
                asked = lease = None
            elif name not in RIDES:
                lease = asked
                if opened and began is None:
                    began = row.sent_ns
                if opened and locked is None and name in LOCKING:
                    locked = row.replied_ns


def costs(
    steps: Sequence[tuple[Any, ...]], attempts: pa.Table, timeline: Mapping[str, Any],
    window: Window,
) -> dict[str, float | None]:  # fmt: skip
    """The field `cost` of a row."""
    deduct = attempts.filter(_is(attempts, "kind", "deduct"))
    succeeded = deduct.filter(_is(deduct, "outcome", "deducted"))
    replied_ns = succeeded["replied_ns"].to_numpy()
    successes = int(((replied_ns >= window.from_ns) & (replied_ns <= window.until_ns)).sum())
    trips, held = _followed(
        steps, set(deduct["operation"].to_pylist()), set(succeeded["operation"].to_pylist()), window
    )
    return {
        "round_trips_per_success": trips,
        **_percentiles("connection_held_ms", held.connections),
        **_percentiles("lock_held_ms", held.locks),
        "wal_bytes_per_success": _each(timeline, "wal_bytes", window, successes),
        "commands_per_success": _each(timeline, "commands", window, successes),
    }


def _is(table: pa.Table, column: str, word: str) -> Any:
    return pc.equal(table[column].cast(pa.string()), word)


def _followed(
    steps: Sequence[tuple[Any, ...]], deductions: set[int], successes: set[int], window: Window
) -> tuple[float | None, Held]:
    """Of the deductions that were timed: round trips a success, and what was held."""
    held, trips, found = Held(), 0, 0
    for operation, rows in _operations(steps):
        inside = window.from_ns <= rows[0].sent_ns <= window.until_ns
        if inside and operation in deductions:
            trips += sum(row.step not in RIDES for row in rows)
            found += operation in successes
            held.take_in(rows)
    return (trips / found if found else None), held


def _operations(steps: Sequence[tuple[Any, ...]]) -> Iterator[tuple[int, list[StepRow]]]:
    for operation, rows in groupby((StepRow(*row) for row in steps), key=lambda row: row.operation):
        yield operation, list(rows)


def _percentiles(name: str, values: Sequence[int]) -> dict[str, float | None]:
    taken_ms = np.asarray(values, dtype=np.float64) / 1e6
    return {f"{name}_p{which}": percentile(taken_ms, which) for which in (50, 99)}


def _each(
    timeline: Mapping[str, Any], counter: str, window: Window, successes: int
) -> float | None:
    """How much a counter rose within the window, a success."""
    read = [
        (at_ns, count)
        for at_ns, count in zip(timeline["at_ns"], timeline[counter], strict=True)
        if count is not None
    ]
    if len(read) < 2 or not successes or window.until_ns - window.from_ns < SHORTEST_NS:
        return None
    at_ns, counts = (np.asarray(column, dtype=np.int64) for column in zip(*read, strict=True))
    risen = np.concatenate([[0], np.cumsum(_rises(counts))])
    low, high = np.interp([window.from_ns, window.until_ns], at_ns, risen)
    return float(high - low) / successes


def _rises(counts: Any) -> Any:
    """From one reading to the next; a server that was started again counts from zero."""
    rises = np.diff(counts)
    return np.where(rises < 0, counts[1:], rises)
