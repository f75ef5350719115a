"""The live paths that read the source: by polling, and on demand. Streaming needs nobody here.

Both write the product's copy through the product system's own door, as messages whose position is
the row's version; so it is the same copy, with the same rules, on every path.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import Protocol

from inventory_core.sync.cdc import wire
from inventory_core.sync.cdc.change import Change, Operation, Position, marker
from product_system.shelf import Shelf
from scenarios.lagging.demand import sku_of
from scenarios.lagging.paths import Kind, SyncPath
from scenarios.lagging.shop import PLACE, SOURCE, TABLE, Till
from scenarios.lagging.source import Row

EPOCH, MESSAGE_CHANGES, MESSAGE_BYTES = 1, 500, 256_000


class Refreshing(Protocol):
    """What keeps the copy in step, as shoppers know it."""

    read: int

    def asked(self, article: int) -> None:
        """A shopper is about to look."""

    def keep(self, over: threading.Event) -> None:
        """What is to be done beside the shoppers, on a thread of its own, until it is over."""

    def rest(self) -> None:
        """Nothing changes any more: bring the copy up to date, if that is how this path does it."""

    def close(self) -> None:
        """Hang up."""


class Streamed:
    """The pipeline does it, in processes of its own."""

    read = 0

    def asked(self, article: int) -> None:
        """Nothing is read for a shopper."""

    def keep(self, over: threading.Event) -> None:
        """Nothing to do beside it."""

    def rest(self) -> None:
        """What is under way arrives by itself."""

    def close(self) -> None:
        """Nothing is held."""


class Refreshed:
    """Reads the source and tells the product: the two ways have that in common."""

    def __init__(self, url: str, product: Path, own_s: float) -> None:
        self._own_s = own_s
        self._shelf, self._till = Shelf(product), Till(url)
        self._turn = threading.Lock()  # one connection each, and shoppers on many threads
        self.read = 0
        self._tell(self._till.rows(), first=True)

    def asked(self, article: int) -> None:
        """Nothing, unless the way is to read when asked."""

    def keep(self, over: threading.Event) -> None:
        """Nothing, unless the way is to read again and again."""

    def rest(self) -> None:
        """Read all once more."""
        self.refresh()

    def refresh(self, articles: Sequence[int] = ()) -> None:
        """Read these, or all, and tell the product."""
        with self._turn:
            rows = self._till.rows(articles)
            self.read += len(rows)
            self._tell(rows)

    def close(self) -> None:
        """Hang up."""
        self._shelf.close()
        self._till.close()

    def _tell(self, rows: dict[int, Row], *, first: bool = False) -> None:
        at_us = time.time_ns() // 1_000
        puts = [_put(article, row, at_us) for article, row in rows.items()]
        if first:
            begun, whole = marker(Operation.BEGUN, at_us), marker(Operation.COMPLETE, at_us)
            puts = [begun, *puts, whole]
        self._shelf.apply(list(wire.packed(SOURCE, EPOCH, puts, MESSAGE_CHANGES, MESSAGE_BYTES)))


class Polled(Refreshed):
    """Reads all of the source every so often."""

    def keep(self, over: threading.Event) -> None:
        """Poll at even times; one that took too long is followed by the next at once."""
        due_s = time.monotonic()
        while True:
            due_s += self._own_s
            if over.wait(max(0.0, due_s - time.monotonic())):
                return
            self.refresh()


class OnDemand(Refreshed):
    """Reads an article when somebody asks and what is shown is too old."""

    def __init__(self, url: str, product: Path, own_s: float) -> None:
        super().__init__(url, product, own_s)
        self._read_s: dict[int, float] = {}
        self._begun_s = time.monotonic()

    def asked(self, article: int) -> None:
        """The first who finds it too old reads; others meanwhile see what is there."""
        now_s = time.monotonic()
        if now_s - self._read_s.get(article, self._begun_s) > self._own_s:
            self._read_s[article] = now_s
            self.refresh([article])


def refreshing(path: SyncPath, url: str, product: Path) -> Refreshing:
    """What carries out this path."""
    if path.kind is Kind.STREAMING:
        return Streamed()
    kind = Polled if path.kind is Kind.POLLING else OnDemand
    return kind(url, product, path.own_s)


def _put(article: int, row: Row, at_us: int) -> Change:
    sku = sku_of(article)
    columns = {
        "sku": sku,
        "place": PLACE,
        "units": str(row.units),
        "version": str(row.version),
    }
    return Change(TABLE, Operation.PUT, (sku, PLACE), columns, Position(row.version, 0), at_us)


def level(url: str, product: Path) -> int:
    """How many articles of the copy are not what the source is."""
    with closing(Till(url)) as till, closing(Shelf(product)) as shelf:
        rows = till.rows()
        shown = {article: shelf.stock(sku_of(article)) for article in rows}
        return sum(
            [each.total for each in shown[article]] != [row.units] for article, row in rows.items()
        )
