"""From what workers, daemons and auditors bring back to the columns of the record tables.

Only here, after the run, does a position of the stream become an order number, lines and a kind.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Any

import numpy as np
import pyarrow as pa

from inventory_core.domain import Outcome
from inventory_core.stores.audit import Audit, Book
from inventory_core.stores.meters import Reading
from scenarios.demand import KINDS, Demand, order_number, serial_of
from scenarios.history import SCHEMAS
from scenarios.measuring.client import ANSWERS, Answer
from scenarios.measuring.daemons import Expiry
from scenarios.measuring.job import FaultEvent, Integers, Result

NOBODY, HELPER = -1, -2
"""Clients that are none: an arrival that nobody served, and a daemon."""

_EXPIRE = KINDS.index("expire")


def word_of(answer: Answer) -> str:
    """An answer as the records spell it."""
    return answer.value if isinstance(answer, Outcome) else answer


_PLACE = {answer: place for place, answer in enumerate(ANSWERS)}


def attempt_columns(
    demand: Demand, results: Sequence[Result], expiries: Sequence[Expiry], starts_ns: int
) -> dict[str, Any]:
    """The columns of `attempts.parquet`, by the time of sending."""
    gathered = _gather(demand, results) + _of_daemons(expiries, starts_ns)
    columns = {name: np.concatenate(parts) for name, parts in _transposed(gathered).items()}
    order = np.argsort(columns["sent_ns"], kind="stable")
    columns = {name: column[order] for name, column in columns.items()}
    serials, serial_code = np.unique(columns.pop("serial"), return_inverse=True)
    lines, texts, units = demand.bodies(serials[serial_code], columns.pop("body"))
    empty = pa.nulls(len(order), pa.int64())
    return {
        **columns,
        "order_number": _texts(serial_code, [order_number(each) for each in serials.tolist()]),
        "lines": _texts(lines, texts),
        "units": pa.array(units, pa.int32()),
        "kind": _words(columns["kind"], KINDS),
        "outcome": _words(columns["outcome"], [word_of(answer) for answer in ANSWERS]),
        "observed": empty,
        "token": empty,
    }


def _gather(demand: Demand, results: Sequence[Result]) -> list[dict[str, Integers]]:
    open_loop = demand.wishes.open_loop
    parts = []
    for result in results:
        block = demand.columns(result.position)
        parts.append(
            {
                "operation": result.position,
                "client": result.client,
                "serial": block.serial,
                "body": block.body,
                "kind": block.kind,
                "delivery": block.delivery,
                "attempt": result.attempt,
                "intended_ns": block.intended_ns if open_loop else result.sent_ns,
                "sent_ns": result.sent_ns,
                "replied_ns": result.replied_ns,
                "outcome": result.answer,
            }
        )
    return parts


def _of_daemons(expiries: Sequence[Expiry], starts_ns: int) -> list[dict[str, Integers]]:
    """What the sweeper did, as attempts of nobody's."""
    count = len(expiries)
    sent = np.asarray([each.sent_ns - starts_ns for each in expiries], dtype=np.int64)
    replied = np.asarray([each.replied_ns - starts_ns for each in expiries], dtype=np.int64)
    serials = np.asarray([serial_of(each.order_number) for each in expiries], dtype=np.int64)
    answers = np.asarray([_PLACE[each.answer] for each in expiries], dtype=np.int64)
    zero = np.zeros(count, dtype=np.int64)
    return [
        {
            "operation": -1 - np.arange(count, dtype=np.int64),
            "client": zero + HELPER,
            "serial": serials,
            "body": zero,
            "kind": zero + _EXPIRE,
            "delivery": zero,
            "attempt": zero,
            "intended_ns": sent,
            "sent_ns": sent,
            "replied_ns": replied,
            "outcome": answers,
        }
    ]


def _transposed(parts: Iterable[Mapping[str, Integers]]) -> dict[str, list[Integers]]:
    columns: dict[str, list[Integers]] = {}
    for part in parts:
        for name, column in part.items():
            columns.setdefault(name, []).append(column)
    return columns


def _texts(code: Integers, texts: Sequence[str]) -> pa.Array:
    indices = pa.array(code, pa.int32())
    return pa.DictionaryArray.from_arrays(indices, pa.array(texts, pa.string())).cast(pa.string())


def _words(code: Integers, words: Sequence[str]) -> pa.Array:
    return pa.DictionaryArray.from_arrays(pa.array(code, pa.int16()), pa.array(words, pa.string()))


def step_columns(results: Sequence[Result]) -> dict[str, Any]:
    """The columns of `steps.parquet`."""
    rows = [row for result in results for row in result.steps]
    names = ("operation", "place", "step", "sent_ns", "replied_ns")
    return {name: [row[at] for row in rows] for at, name in enumerate(names)}


def timeline_columns(
    samples: Sequence[tuple[int, int]],
    starts_ns: int,
    readings: Sequence[tuple[int, Reading]] = (),
    copies: Sequence[int | None] = (),
) -> dict[str, Any]:
    """The columns of `timeline.parquet`; what was seen before the start was seen at the start."""
    read = [reading for _, reading in readings] or [Reading()] * len(samples)
    return {
        "at_ns": [max(0, at_ns - starts_ns) for at_ns, _ in samples],
        "remaining": [units for _, units in samples],
        "copied": list(copies) or [None] * len(samples),
        "wal_bytes": [reading.wal_bytes for reading in read],
        "commands": [reading.commands for reading in read],
    }


def fault_columns(events: Iterable[FaultEvent]) -> dict[str, Any]:
    """The columns of `faults.parquet`, by the time at which each began."""
    rows = sorted(events, key=lambda event: event.began_ns)
    return {name: [getattr(row, name) for row in rows] for name in FaultEvent._fields}


TOGETHER = 100_000
"""Entries of a book that become columns at a time."""


def audit_columns(audit: Audit) -> dict[str, Any]:
    """The columns of `audit.parquet`: every entry of every book."""
    schema = SCHEMAS["audit"]
    chunks: list[list[pa.Array]] = [[] for _ in schema]
    entries = (row for book in audit.books for row in _entries(book))
    while rows := list(islice(entries, TOGETHER)):
        for chunk, field, column in zip(chunks, schema, zip(*rows, strict=True), strict=True):
            chunk.append(pa.array(column, field.type))
    return {
        field.name: pa.chunked_array(chunk, field.type)
        for field, chunk in zip(schema, chunks, strict=True)
    }


def _entries(book: Book) -> Iterator[tuple[str, str, str, str, int, int, str]]:
    for cell, units in book.remaining.items():
        yield book.store, "counter", "", str(cell), units, 0, ""
    for cell, units in book.pending.items():
        yield book.store, "pending", "", str(cell), units, 0, ""
    for key, (cell, delta) in book.journal.items():
        yield book.store, "journal", key, str(cell), delta, 0, ""
    for number, order in book.orders.items():
        yield book.store, "hold", number, "", 0, order.generation, order.state.value
        for line in order.lines:
            where, quantity = str(line.line.cell), line.line.quantity
            yield book.store, "line", number, where, quantity, line.generation, line.state.value
