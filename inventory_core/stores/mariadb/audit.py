"""What the tables really hold, read by the auditor's own SQL in one snapshot; and the settings."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import closing
from typing import Any

from inventory_core.domain import Cell, HoldState, Line
from inventory_core.records.engines import COUNTED
from inventory_core.stores.audit import Book, BookedLine, BookedOrder
from inventory_core.stores.mariadb.address import SNAPSHOTS, connect, level_of
from inventory_core.stores.sql.record_tables import table_name

_HOLDS = "SELECT order_number, state, generation, fingerprint FROM hold"
_LOG = """SELECT order_number, generation, sku, place, quantity, state FROM deduction_log
    ORDER BY order_number, generation, line"""
_JOURNAL = "SELECT adjustment_key, sku, place, delta FROM adjustment"
_PENDING = "SELECT sku, place, sum(delta) FROM stock_task WHERE NOT done GROUP BY sku, place"
SETTINGS: tuple[str, ...] = (
    "version",
    "innodb_flush_log_at_trx_commit",
    "sync_binlog",
    "innodb_doublewrite",
)
SETTINGS += ("innodb_buffer_pool_size", "max_connections", "log_bin", SNAPSHOTS)


def _counted(kind: type[Any]) -> str:
    terms = " ".join(f"{'+' if sign > 0 else '-'} {field}" for field, sign in kind.UNITS)
    return f"SELECT sku, place, 0 {terms} AS units FROM {table_name(kind)}"


_EVERY = " UNION ALL ".join(
    ["SELECT sku, place, sellable AS units FROM cell", *map(_counted, COUNTED)]
)
_CELLS = f"SELECT sku, place, sum(units) FROM ({_EVERY}) AS counted GROUP BY sku, place"
_REMAINING = f"SELECT coalesce(sum(units), 0) FROM ({_EVERY}) AS counted"


def read_book(url: str, schema: str) -> Book:
    """The store's books, as they were at one moment."""
    with closing(connect(url)) as connection, connection.cursor() as cursor:
        connection.select_db(schema)
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        cursor.execute("START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY")
        journal = _rows(cursor, _JOURNAL)
        return Book(
            store="sql",
            remaining=_units(_rows(cursor, _CELLS)),
            orders=_orders(cursor),
            journal={key: (Cell(sku, place), delta) for key, sku, place, delta in journal},
            pending=_units(_rows(cursor, _PENDING)),
        )


class Gauge:
    """The units left in all cells, again and again over one connection."""

    def __init__(self, url: str, schema: str) -> None:
        self._connection = connect(url)
        self._connection.select_db(schema)

    def read(self) -> int:
        """The units left now, of what is committed."""
        with self._connection.cursor() as cursor:
            return int(_rows(cursor, _REMAINING)[0][0])

    def close(self) -> None:
        """Hang up."""
        self._connection.close()


def read_fingerprint(url: str) -> dict[str, str]:
    """The settings by name, as a session of ours finds them; empty where the server has none."""
    with closing(connect(url)) as connection, connection.cursor() as cursor:
        wanted = ", ".join(f"'{name}'" for name in SETTINGS)
        found = dict(_rows(cursor, f"SHOW VARIABLES WHERE variable_name IN ({wanted})"))
        settings = {name: str(found.get(name, "")) for name in SETTINGS}
        return {"server": f"MariaDB {settings['version']}", **settings, "isolation": level_of(url)}


def _rows(cursor: Any, query: str) -> list[tuple[Any, ...]]:
    cursor.execute(query)
    return list(cursor.fetchall())


def _units(rows: Iterable[tuple[Any, ...]]) -> dict[Cell, int]:
    return {Cell(sku, place): int(units) for sku, place, units in rows}


def _orders(cursor: Any) -> dict[str, BookedOrder]:
    """Every hold with its log; a log without a hold is not hidden, but booked as it stands."""
    lines: dict[str, list[BookedLine]] = {}
    for number, generation, sku, place, quantity, state in _rows(cursor, _LOG):
        placed = Line(Cell(sku, place), quantity)
        lines.setdefault(number, []).append(BookedLine(generation, placed, HoldState(state)))
    orders = {
        number: BookedOrder(
            number, HoldState(state), generation, fingerprint, tuple(lines.pop(number, ()))
        )
        for number, state, generation, fingerprint in _rows(cursor, _HOLDS)
    }
    for number, left_over in lines.items():
        newest = left_over[-1]
        orders[number] = BookedOrder(number, newest.state, newest.generation, "", tuple(left_over))
    return orders
