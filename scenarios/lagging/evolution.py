"""The study `stock_in_the_product_system`: one wide row for all (v1), or a core and a copy (v2).

    v1  product(sku, title, description, price_cents, stock): sellers and editors write that row
    v2  cell(sku, sellable, version) in a core of its own; the product system's database has the
        product and a copy of the stock, streamed there: a row a source row, and a total

Told on a real PostgreSQL, in figures: where the stock is kept, what a sale writes, how long it
waits beside an editor, and how many sales an editor forgets who saves the whole row that he once
read, as mappers of objects do. In v2 his row has no stock in it.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from threading import Event
from typing import Any
from urllib.parse import urlsplit

from inventory_core.stores.sql.address import connect

ARTICLES, OPENING = 200, 1_000_000
HOT = "sku-0001"
DESCRIPTION = "A thing of beauty, and a joy. " * 50
BATCH = 20
"""Changes that the consumer of v2 applies in one transaction."""

EDIT_S, APART_S = 0.02, 0.02
"""How long an editor's transaction holds his row, and how long he thinks in between."""

SALE_EVERY_S = 0.002
FORGOTTEN_OF = 50
FIGURES = ["stock", "sellable", "units", "total"]
"""What the stock is called wherever it is kept."""

_NUMBERED = "SELECT 'sku-' || lpad(n::text, 4, '0'), {} FROM generate_series(1, %(articles)s) n"
_PRODUCT = (
    "CREATE TABLE product"
    " (sku text PRIMARY KEY, title text, description text, price_cents bigint{})"
)
_V1 = (
    _PRODUCT.format(", stock bigint"),
    "INSERT INTO product " + _NUMBERED.format("'A thing', %(text)s, 100, %(opening)s"),
)
_CORE = (
    "CREATE TABLE cell (sku text PRIMARY KEY, sellable bigint, version bigint)",
    "INSERT INTO cell " + _NUMBERED.format("%(opening)s, 0"),
)
_SHOP = (
    _PRODUCT.format(""),
    "INSERT INTO product " + _NUMBERED.format("'A thing', %(text)s, 100"),
    "CREATE TABLE source_row (sku text PRIMARY KEY, units bigint, version bigint)",
    "INSERT INTO source_row " + _NUMBERED.format("%(opening)s, 0"),
    "CREATE TABLE product_stock (sku text PRIMARY KEY, total bigint)",
    "INSERT INTO product_stock " + _NUMBERED.format("%(opening)s"),
)
_APPLY = """
    WITH newer AS (
        UPDATE source_row SET units = units - 1, version = version + 1 WHERE sku = %s RETURNING sku)
    UPDATE product_stock SET total = total - 1 WHERE sku IN (SELECT sku FROM newer)
"""
_KEPT = """
    SELECT count(*) FROM information_schema.columns
    WHERE table_schema = 'public' AND column_name = ANY(%s)
"""


@dataclass(frozen=True, slots=True)
class Evolved:
    """A design in figures: rows and bytes of log for one sale, the copy's included."""

    design: str
    copies: int  # tables that keep the stock
    rows_per_sale: int
    wal_bytes_per_sale: float
    sale_ms_p50: float  # of an article that an editor is at
    sale_ms_p99: float
    forgotten_sales: int
    of_sales: int


@dataclass(frozen=True, slots=True)
class _Design:
    """How a design sells, and which columns an editor saves."""

    name: str
    sell: str
    left: str
    saved: str


V1 = _Design(
    "v1",
    "UPDATE product SET stock = stock - 1 WHERE sku = %s AND stock > 0",
    "SELECT sum(stock) FROM product",
    "title, description, price_cents, stock",
)
V2 = _Design(
    "v2",
    "UPDATE cell SET sellable = sellable - 1, version = version + 1"
    " WHERE sku = %s AND sellable > 0",
    "SELECT sum(sellable) FROM cell",
    "title, description, price_cents",
)


def study(url: str, sales: int = 2_000, beside_editor: int = 300) -> list[Evolved]:
    """Both designs, in databases that are made for them on this server, and dropped again."""
    found = []
    for design in (V1, V2):
        with ExitStack() as stack:
            place = _Place(design, url, stack)
            found.append(place.figures(sales, beside_editor))
    return found


class _Place:
    """The databases of a design; in v1 the core's is the shop's."""

    def __init__(self, design: _Design, url: str, stack: ExitStack) -> None:
        self._design = design
        core = stack.enter_context(_database(url, "lag_core", _V1 if design is V1 else _CORE))
        shop = core if design is V1 else stack.enter_context(_database(url, "lag_shop", _SHOP))
        self._shop_url = shop
        self._core = stack.enter_context(closing(connect(core)))
        self._shop = stack.enter_context(closing(connect(shop)))
        self._databases = [self._core] if design is V1 else [self._core, self._shop]

    def figures(self, sales: int, beside_editor: int) -> Evolved:
        """All of them, one after the other, so that none is in another's way."""
        self._sell(ARTICLES)  # the first update of a page is dearer
        bytes_each = self._log_bytes(self._sell, sales)
        rows = 1
        if self._design is V2:
            self._apply(ARTICLES)
            bytes_each += self._log_bytes(self._apply, sales)
            rows += len(("source_row", "product_stock"))
        waits_ms = sorted(self._beside_an_editor(beside_editor))
        return Evolved(
            design=self._design.name,
            copies=sum(int(_one(each, _KEPT, [FIGURES])) for each in self._databases),
            rows_per_sale=rows,
            wal_bytes_per_sale=bytes_each,
            sale_ms_p50=waits_ms[len(waits_ms) // 2],
            sale_ms_p99=waits_ms[int(0.99 * len(waits_ms))],
            forgotten_sales=self._forgotten(),
            of_sales=FORGOTTEN_OF,
        )

    def _sell(self, count: int) -> None:
        statement = self._design.sell.encode()
        for number in range(count):
            self._core.execute(statement, [f"sku-{number % ARTICLES + 1:04}"])

    def _apply(self, count: int) -> None:
        """As the consumer does: some changes in one transaction, row and total of each."""
        for begin in range(0, count, BATCH):
            with self._shop.transaction():
                for number in range(begin, min(begin + BATCH, count)):
                    self._shop.execute(_APPLY.encode(), [f"sku-{number % ARTICLES + 1:04}"])

    def _log_bytes(self, work: Callable[[int], None], count: int) -> float:
        """What the server wrote to its log for each. Nothing else is going on."""
        asked = "SELECT pg_current_wal_insert_lsn() - '0/0'::pg_lsn"
        before = _one(self._core, asked)
        work(count)
        return float(_one(self._core, asked) - before) / count

    def _beside_an_editor(self, count: int) -> Iterator[float]:
        """Milliseconds of each sale of the article that somebody edits again and again."""
        over = Event()
        statement = self._design.sell.encode()
        with ThreadPoolExecutor(1) as pool:
            editor = pool.submit(_edit, self._shop_url, over)
            try:
                for _ in range(count):
                    time.sleep(SALE_EVERY_S)
                    begun_s = time.perf_counter()
                    self._core.execute(statement, [HOT])
                    yield (time.perf_counter() - begun_s) * 1e3
            finally:
                over.set()
            editor.result()

    def _forgotten(self) -> int:
        """Sales that are as if they had not been, because an editor saved what he had read."""
        saved = self._design.saved
        before = _one(self._core, self._design.left)
        read = self._shop.execute(
            f"SELECT {saved} FROM product WHERE sku = %s".encode(), [HOT]
        ).fetchone()
        assert read is not None
        for _ in range(FORGOTTEN_OF):
            self._core.execute(self._design.sell.encode(), [HOT])
        marks = ", ".join(["%s"] * len(read))
        save = f"UPDATE product SET ({saved}) = ROW({marks}) WHERE sku = %s"
        self._shop.execute(save.encode(), [*read, HOT])
        return FORGOTTEN_OF - int(before - _one(self._core, self._design.left))


def _edit(url: str, over: Event) -> None:
    """Correct a description, in transactions that take their time."""
    with closing(connect(url)) as connection:
        while not over.wait(APART_S):
            with connection.transaction():
                connection.execute(
                    b"UPDATE product SET description = %s WHERE sku = %s", [DESCRIPTION, HOT]
                )
                time.sleep(EDIT_S)


@contextmanager
def _database(url: str, name: str, made: tuple[str, ...]) -> Iterator[str]:
    """A database of its own on this server, with its tables; its URL."""
    said = {"articles": ARTICLES, "opening": OPENING, "text": DESCRIPTION}
    where = urlsplit(url)._replace(path=f"/{name}").geturl()
    with closing(connect(url)) as server:
        server.execute(f"CREATE DATABASE {name}".encode())
        try:
            with closing(connect(where)) as connection:
                for statement in made:
                    connection.execute(statement.encode(), said if "%(" in statement else None)
            yield where
        finally:
            server.execute(f"DROP DATABASE {name} WITH (FORCE)".encode())


def _one(connection: Any, query: str, said: list[Any] | None = None) -> Any:
    row = connection.execute(query.encode(), said).fetchone()
    assert row is not None, query
    return row[0]
