"""The sale on real databases: the source's table in PostgreSQL, the product system's copy beside.

The same three verbs as in memory (`source.py`), each one statement that commits by itself.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

from inventory_core.stores.sql.address import connect
from scenarios.lagging.demand import article_of, sku_of
from scenarios.lagging.scenario import Sale
from scenarios.lagging.source import Row

SOURCE, TABLE, PLACE = "shop", "shop.cell", "mall"
BUSY_S = 10.0
MAKE = (
    "CREATE SCHEMA shop",
    "CREATE TABLE shop.cell (sku text, place text, sellable bigint NOT NULL CHECK (sellable >= 0),"
    " version bigint NOT NULL, owed bigint NOT NULL DEFAULT 0, PRIMARY KEY (sku, place))",
)
RULES = f'[[table]]\nname = "{TABLE}"\n'
_BECAME = " WHERE sku = %(sku)s{} RETURNING sellable, version"
TAKE = (
    "UPDATE shop.cell SET sellable = sellable - 1, version = version + 1"
    + _BECAME.format(" AND sellable > 0")
)  # fmt: skip
TAKE_ANYWAY = (
    "UPDATE shop.cell SET sellable = greatest(sellable - 1, 0), version = version + 1,"
    " owed = owed + (sellable = 0)::int" + _BECAME.format("")
)
GIVE = (
    "UPDATE shop.cell SET sellable = sellable + %(units)s - least(owed, %(units)s),"
    " owed = owed - least(owed, %(units)s), version = version + 1" + _BECAME.format("")
)
_SHOWN = """
    SELECT s.total, r.version FROM product_stock s JOIN source_row r USING (sku, place)
    WHERE s.sku = ? AND s.place = 'mall' AND NOT r.gone
"""
_VERSIONS = "SELECT sku, version FROM source_row WHERE NOT gone"


def open_source(url: str, sale: Sale) -> None:
    """Make the table, and what there is at the opening."""
    with closing(connect(url)) as connection:
        for statement in MAKE:
            connection.execute(statement.encode())
        rows = [(sku_of(article), PLACE, sale.quantity) for article in range(sale.articles)]
        with closing(connection.cursor()) as cursor:
            cursor.executemany(b"INSERT INTO shop.cell VALUES (%s, %s, %s, 0)", rows)


class Till:
    """A connection to the source, for one thread."""

    def __init__(self, url: str, *, by_the_copy: bool = False) -> None:
        self._connection = connect(url)
        self._take = (TAKE_ANYWAY if by_the_copy else TAKE).encode()

    def take(self, article: int) -> Row | None:
        """Take one, and what is there then; None: refused."""
        return self._row(self._take, {"sku": sku_of(article)})

    def give(self, article: int, units: int) -> Row:
        """Units come in."""
        row = self._row(GIVE.encode(), {"sku": sku_of(article), "units": units})
        assert row is not None, article
        return row

    def rows(self, articles: Sequence[int] = ()) -> dict[int, Row]:
        """What there is of these articles, or of all."""
        asked = b"SELECT sku, sellable, version FROM shop.cell"
        chosen: list[Any] = [[sku_of(article) for article in articles]] if articles else []
        where = b" WHERE sku = ANY(%s)" if articles else b""
        found = self._connection.execute(asked + where, chosen)
        return {article_of(sku): Row(units, version) for sku, units, version in found}

    def close(self) -> None:
        """Hang up."""
        self._connection.close()

    def _row(self, statement: bytes, said: dict[str, Any]) -> Row | None:
        row = self._connection.execute(statement, said).fetchone()
        return None if row is None else Row(*row)


class Showcase:
    """A connection to the product's copy, for one thread that only reads."""

    def __init__(self, product: Path) -> None:
        self._connection = sqlite3.connect(product, timeout=BUSY_S, check_same_thread=False)

    def shown(self, article: int) -> Row | None:
        """What a shopper sees; None of an article that the product does not know."""
        row = self._connection.execute(_SHOWN, [sku_of(article)]).fetchone()
        return None if row is None else Row(*row)

    def versions(self) -> dict[int, int]:
        """How far the copy is, article by article."""
        return {article_of(sku): version for sku, version in self._connection.execute(_VERSIONS)}

    def close(self) -> None:
        """Hang up."""
        self._connection.close()
