"""The writer of a soak: changes of cells and of their parts, by seed, counted row by row.

Two tables: `shop.cell` has a row a cell; `shop.part` has several, as a strategy that splits its
counters has. Now and then a cell is deleted and made again: its version begins anew, and only the
place in the log tells which change is newer.
"""

from __future__ import annotations

import random
from contextlib import closing
from typing import Any, Protocol

from inventory_core.stores.mariadb.address import connect as connect_mariadb
from inventory_core.stores.mariadb.address import is_mariadb
from inventory_core.stores.sql.address import connect as connect_postgresql

CELLS, PARTS_EACH = 400, 4
RULES = """
[[table]]
name = "shop.cell"
columns = { sku = "sku", place = "place", sellable = "units", version = "version" }

[[table]]
name = "shop.part"
columns = { sku = "sku", place = "place", units = "units", version = "version" }
"""
TABLES = (
    "CREATE TABLE shop.cell (sku VARCHAR(60), place VARCHAR(60), sellable BIGINT NOT NULL,"
    " version BIGINT NOT NULL, PRIMARY KEY (sku, place))",
    "CREATE TABLE shop.part (sku VARCHAR(60), place VARCHAR(60), part INT, units BIGINT NOT NULL,"
    " version BIGINT NOT NULL, PRIMARY KEY (sku, place, part))",
)
Row = tuple[str, str, int]
"""Table, key as the product writes it, units."""


class Connection(Protocol):
    """What psycopg and PyMySQL have in common."""

    def cursor(self) -> Any:
        """Executes."""

    def close(self) -> None:
        """Hang up."""


def connected(url: str) -> Connection:
    """A connection on which each statement commits by itself."""
    found: Connection = connect_mariadb(url) if is_mariadb(url) else connect_postgresql(url)
    return found


class Writer:
    """Writes to one source; `changes` counts the rows that changed since the opening."""

    def __init__(self, url: str, seed: int, rows_each: int) -> None:
        self._connection = connected(url)
        self._dice = random.Random(seed)
        self._rows_each = rows_each
        self.changes = 0

    def open(self) -> int:
        """Make the tables and their rows; how many rows."""
        with closing(self._connection.cursor()) as cursor:
            cursor.execute("CREATE SCHEMA shop")
            for table in TABLES:
                cursor.execute(table)
            cells = [(_sku(number), "mall") for number in range(CELLS)]
            cursor.executemany("INSERT INTO shop.cell VALUES (%s, %s, 1000, 0)", cells)
            parts = [(*cell, part) for cell in cells for part in range(PARTS_EACH)]
            cursor.executemany("INSERT INTO shop.part VALUES (%s, %s, %s, 100, 0)", parts)
        return len(cells) + len(parts)

    def write(self) -> int:
        """One transaction; how many rows it changed."""
        with closing(self._connection.cursor()) as cursor:
            done = self._anew(cursor) if self._dice.random() < 0.02 else self._sell(cursor)
        self.changes += done
        return done

    def rows(self) -> set[Row]:
        """What the source holds now."""
        with closing(self._connection.cursor()) as cursor:
            cursor.execute("SELECT sku, place, sellable FROM shop.cell")
            rows = {
                ("shop.cell", _key(sku, place), units) for sku, place, units in cursor.fetchall()
            }
            cursor.execute("SELECT sku, place, part, units FROM shop.part")
            for sku, place, part, units in cursor.fetchall():
                rows.add(("shop.part", _key(sku, place, str(part)), units))
        return rows

    def close(self) -> None:
        """Hang up."""
        self._connection.close()

    def _sell(self, cursor: Any) -> int:
        skus = [_sku(number) for number in self._dice.sample(range(CELLS), self._rows_each)]
        marks = ", ".join(["%s"] * len(skus))
        units = self._dice.randrange(1_000)
        if self._dice.random() < 0.5:
            change = (
                f"UPDATE shop.cell SET sellable = %s, version = version + 1 WHERE sku IN ({marks})"
            )
            cursor.execute(change, [units, *skus])
        else:
            change = (
                f"UPDATE shop.part SET units = %s, version = version + 1"
                f" WHERE sku IN ({marks}) AND part = %s"
            )
            cursor.execute(change, [units, *skus, self._dice.randrange(PARTS_EACH)])
        return int(cursor.rowcount)

    def _anew(self, cursor: Any) -> int:
        sku = _sku(self._dice.randrange(CELLS))
        cursor.execute("DELETE FROM shop.cell WHERE sku = %s", [sku])
        cursor.execute("INSERT INTO shop.cell VALUES (%s, 'mall', %s, 0)", [sku, 7])
        return 2


def _sku(number: int) -> str:
    return f"sku-{number:04}"


def _key(*words: str) -> str:
    return "[" + ", ".join(f'"{word}"' for word in words) + "]"
