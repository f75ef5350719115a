"""Read a key prefix back, key by key, without the scripts: the auditor's book of Redis."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from typing import Any

import hiredis
from redis import Redis

from inventory_core.domain import Cell, HoldState, Line
from inventory_core.steps.kv import counted_cell, parse_cell
from inventory_core.stores.audit import Book, BookedLine, BookedOrder

BATCH = 2_000
_FIELDS: tuple[Any, ...] = ("state", "gen", "fp", "lines")
_STATES = {state.value: state for state in HoldState}


def read_book(client: Redis, prefix: str) -> Book | None:
    """What lies under the prefix (a client that decodes answers); None if nothing is counted."""
    remaining: dict[Cell, int] = {}
    for kind in ("cell:", "part:"):
        for key, units in _strings(client, prefix + kind):
            cell = _counted(key.removeprefix(prefix))
            remaining[cell] = remaining.get(cell, 0) + int(units)
    orders = {order.order_number: order for order in _orders(client, f"{prefix}order:", prefix)}
    journal: dict[str, tuple[Cell, int]] = {}
    for key, entry in client.hscan_iter(f"{prefix}journal", count=BATCH):
        delta, _, name = entry.partition(" ")
        journal[key] = (parse_cell(name), int(delta))
    return Book("kv", remaining, orders, journal) if remaining or orders or journal else None


def pattern_of(text: str) -> str:
    """A SCAN pattern for keys that begin with exactly this text."""
    return "".join(f"\\{c}" if c in "*?[]\\^" else c for c in text) + "*"


def _strings(client: Redis, start: str) -> Iterator[tuple[str, str]]:
    for keys in _batches(client.scan_iter(match=pattern_of(start), count=BATCH)):
        yield from zip(keys, client.mget(keys), strict=True)


def _orders(client: Redis, start: str, prefix: str) -> Iterator[BookedOrder]:
    pool: Any = client.connection_pool
    for keys in _batches(client.scan_iter(match=pattern_of(start), count=BATCH)):
        # Packed by hand: a pipeline of redis-py takes three times as long over 300,000 orders.
        connection = pool.get_connection()
        try:
            asked = [hiredis.pack_command(("HMGET", key, *_FIELDS)) for key in keys]
            connection.send_packed_command([b"".join(asked)])
            entries = [connection.read_response() for _ in keys]
        finally:
            pool.release(connection)
        for key, entry in zip(keys, entries, strict=True):
            yield _order(prefix, key.removeprefix(start), *entry)


def _order(
    prefix: str, number: str, state: str, generation: str, fingerprint: str, lines: str
) -> BookedOrder:
    stands, at = _STATES[state], int(generation)
    booked = []
    for text in lines.split("\n")[:-1]:
        key, _, quantity = text.rpartition(" ")
        cell = _counted(key.removeprefix(prefix))
        booked.append(BookedLine(at, Line(cell, int(quantity)), stands))
    return BookedOrder(number, stands, at, fingerprint, tuple(booked))


@lru_cache(maxsize=100_000)
def _counted(key: str) -> Cell:
    return counted_cell(key)


def _batches(keys: Iterator[str]) -> Iterator[list[str]]:
    seen: set[str] = set()  # SCAN may answer a key twice
    batch: list[str] = []
    for key in keys:
        if key in seen:
            continue
        seen.add(key)
        batch.append(key)
        if len(batch) == BATCH:
            yield batch
            batch = []
    if batch:
        yield batch
