"""What the tables really hold, through a connection and SQL of the auditor's own.

It shares nothing with the statements under test but the names of tables and columns. Everything is
read in one snapshot, so that the books of a store at work are consistent too.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import psycopg

from inventory_core.domain import Cell, HoldState, Line
from inventory_core.records.engines import COUNTED
from inventory_core.stores.audit import Book, BookedLine, BookedOrder
from inventory_core.stores.sql.address import connect
from inventory_core.stores.sql.record_tables import table_name

_HOLDS = "SELECT order_number, state, generation, fingerprint FROM {}.hold"
_LOG = """
    SELECT order_number, generation, sku, place, quantity, state FROM {}.deduction_log
    ORDER BY order_number, generation, line
"""
_JOURNAL = "SELECT adjustment_key, sku, place, delta FROM {}.adjustment"
_PENDING = "SELECT sku, place, sum(delta) FROM {}.stock_task WHERE NOT done GROUP BY sku, place"


def _counted(kind: type[Any]) -> str:
    """The units of a strategy's own rows, as `sku, place, units`."""
    terms = " ".join(f"{'+' if sign > 0 else '-'} {field}" for field, sign in kind.UNITS)
    return f"SELECT sku, place, 0 {terms} AS units FROM {{0}}.{table_name(kind)}"


_EVERY = " UNION ALL ".join(
    ["SELECT sku, place, sellable AS units FROM {0}.cell", *map(_counted, COUNTED)]
)
_CELLS = f"SELECT sku, place, sum(units)::bigint FROM ({_EVERY}) AS counted GROUP BY sku, place"
_REMAINING = f"SELECT coalesce(sum(units), 0)::bigint FROM ({_EVERY}) AS counted"

Row = tuple[str, ...]


def read_book(url: str, schema: str) -> Book:
    """The store's books, as they were at one moment."""
    with connect(url) as connection:
        connection.execute("BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        return Book(
            store="sql",
            remaining=_units(_rows(connection, schema, _CELLS)),
            orders=_orders(connection, schema),
            journal={
                key: (Cell(sku, place), int(delta))
                for key, sku, place, delta in _rows(connection, schema, _JOURNAL)
            },
            pending=_units(_rows(connection, schema, _PENDING)),
        )


def read_remaining(url: str, schema: str) -> int:
    """The units left in all cells together."""
    with Gauge(url, schema) as gauge:
        return gauge.read()


class Gauge:
    """The units left in all cells, again and again over one connection: for a timeline."""

    def __init__(self, url: str, schema: str) -> None:
        self._connection = connect(url)
        self._asked = _REMAINING.format(schema).encode()

    def read(self) -> int:
        """The units left now, of what is committed."""
        row = self._connection.execute(self._asked).fetchone()
        assert row is not None, "an aggregate always has a row"
        return int(row[0])

    def close(self) -> None:
        """Hang up."""
        self._connection.close()

    def __enter__(self) -> Gauge:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def _rows(connection: psycopg.Connection[Any], schema: str, query: str) -> Iterator[Row]:
    """COPY is the fastest way out; every field is its text."""
    command = f"COPY ({query.format(schema)}) TO STDOUT".encode()
    with connection.cursor().copy(command) as copy:
        yield from copy.rows()


def _units(rows: Iterator[Row]) -> dict[Cell, int]:
    return {Cell(sku, place): int(units) for sku, place, units in rows}


def _orders(connection: psycopg.Connection[Any], schema: str) -> dict[str, BookedOrder]:
    """Every hold with its log; a log without a hold is not hidden, but booked as it stands."""
    lines = _lines(_rows(connection, schema, _LOG))
    orders = {
        number: BookedOrder(
            number, HoldState(state), int(generation), fingerprint, tuple(lines.pop(number, ()))
        )
        for number, state, generation, fingerprint in _rows(connection, schema, _HOLDS)
    }
    for number, left_over in lines.items():
        newest = left_over[-1]
        orders[number] = BookedOrder(number, newest.state, newest.generation, "", tuple(left_over))
    return orders


def _lines(rows: Iterator[Row]) -> dict[str, list[BookedLine]]:
    """The log by order number. Equal lines of many orders are one object: there are few kinds."""
    known: dict[Row, BookedLine] = {}
    by_order: dict[str, list[BookedLine]] = {}
    for number, *what in rows:
        key = tuple(what)
        line = known.get(key)
        if line is None:
            generation, sku, place, quantity, state = key
            placed = Line(Cell(sku, place), int(quantity))
            line = known[key] = BookedLine(int(generation), placed, HoldState(state))
        by_order.setdefault(number, []).append(line)
    return by_order
