"""A reader for one run: it brings a shop's cells to a product system by polling, as `lag` does."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from inventory_core.stores.sql.address import connect
from scenarios.lagging.paths import SyncPath
from scenarios.lagging.refreshing import Refreshing, refreshing


@dataclass(frozen=True, slots=True)
class PrivatePolling:
    """A thread that polls."""

    reader: Refreshing
    kept: Future[None]

    def check(self) -> None:
        """Raises what has ended it, if anything has."""
        if self.kept.done():
            self.kept.result()

    def rest(self) -> None:
        """Read all once more."""
        self.reader.rest()


@contextmanager
def private_polling(
    path: SyncPath, source: str, schema: str, product: Path
) -> Iterator[PrivatePolling]:
    """Read the cells in a schema every so often, and tell the product, while the block runs."""
    over = threading.Event()
    with (
        _seen_as_shop_cell(source, schema),
        closing(refreshing(path, source, product)) as reader,
        ThreadPoolExecutor(1) as beside,
    ):
        try:
            yield PrivatePolling(reader, beside.submit(reader.keep, over))
        finally:
            over.set()


@contextmanager
def _seen_as_shop_cell(source: str, schema: str) -> Iterator[None]:
    """The reader knows the table `shop.cell`: here a view of the service's own cells."""
    with closing(connect(source)) as connection:
        connection.execute(b"CREATE SCHEMA shop")
        columns = "sku, place, sellable, version"
        view = f"CREATE VIEW shop.cell AS SELECT {columns} FROM {schema}.cell"
        connection.execute(view.encode())
        try:
            yield
        finally:
            connection.execute(b"DROP SCHEMA shop CASCADE")
