"""A town to synchronise: a warehouse system with its shelves, and an inventory that has drifted.

    warehouse system (its file)      inventory (its tables)
    s000021 in w3: 84 units          s000021 in w3: 85 units, 75 of all for sale, 10 for nobody

Everything follows from its size. So many shelves differ by a unit, half of them by one too many,
and some articles are ours alone: every figure of a synchronisation can be foretold.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from inventory_core.domain import Cell, Opening
from inventory_core.drivers.blocking import carry_out
from inventory_core.records import (
    Channel,
    Entry,
    FeedMark,
    Kind,
    OpenedCell,
    Service,
    Unassigned,
    Warehouse,
    WarehouseKind,
    WarehouseStock,
)
from inventory_core.steps import rows, sql
from inventory_core.steps.engine import on
from inventory_core.stores.session import Session
from inventory_core.strategy import Strategy, registry
from inventory_core.sync.limits import SyncLimits
from warehouse_system.database import Database

ENGINE = "conditional_update"
ENGINES: dict[str, Strategy] = {ENGINE: registry.make(ENGINE)}
CHANNEL = "mall"
HOT_UNITS = 1_000_000
TOGETHER = 1_000
"""Articles that are loaded in one transaction."""


@dataclass(frozen=True, slots=True)
class Size:
    """How large the town is. The first `hot` articles are what the flash sale sells."""

    skus: int = 100_000
    warehouses: int = 5
    hot: int = 20
    drift_every: int = 100  # one shelf in so many differs by a unit
    page: int = SyncLimits().page
    absent: int = 10  # articles that we know everywhere, and no warehouse names

    @property
    def codes(self) -> tuple[str, ...]:
        """The warehouses; each is the nearest one of a region of the same name."""
        return tuple(f"w{number}" for number in range(1, self.warehouses + 1))

    def lies(self, article: int, warehouse: int) -> int:
        """Units that really lie there."""
        return HOT_UNITS if article < self.hot else 20 + (7 * article + 3 * warehouse) % 80

    def drift(self, article: int, warehouse: int) -> int:
        """So many units more than that do we believe in."""
        if article < self.hot or (5 * article + warehouse) % self.drift_every:
            return 0
        return 1 if article % 2 else -1

    @property
    def drifted(self) -> tuple[int, ...]:
        """How many shelves of each warehouse differ."""
        return tuple(
            sum(self.drift(article, at) != 0 for article in range(self.skus))
            for at in range(self.warehouses)
        )


def sku_of(article: int) -> str:
    """The name of an article."""
    return f"s{article:06}"


def write_system(file: Path, size: Size) -> None:
    """The warehouse system's file: a receipt for every shelf, a thousand to a document."""
    Database(file).close()
    with closing(sqlite3.connect(file)) as connection, connection:
        for at, code in enumerate(size.codes):
            last = (code, size.skus, False, "", "[]")
            connection.execute("INSERT INTO warehouse VALUES (?, ?, ?, ?, ?)", last)
            connection.executemany("INSERT INTO shelf VALUES (?, ?, ?)", _shelves(size, at, code))
            moved = _receipts(size, at, code)
            connection.executemany("INSERT INTO movement VALUES (?, ?, ?, ?, ?, ?, ?, ?)", moved)


def _shelves(size: Size, at: int, code: str) -> Iterator[tuple[Any, ...]]:
    return ((code, sku_of(one), size.lies(one, at)) for one in range(size.skus))


def _receipts(size: Size, at: int, code: str) -> Iterator[tuple[Any, ...]]:
    for one in range(size.skus):
        units = size.lies(one, at)
        document = f"opening {one // TOGETHER}"
        yield (code, one + 1, sku_of(one), "receipt", units, units, document, 0)


def furnish(session: Session, size: Size, url: str) -> None:
    """Load the inventory, through its own steps."""

    def do(plan: Any) -> None:
        carry_out(plan, session.perform)

    do(_places(size, url))
    for first in range(0, size.skus, TOGETHER):
        articles = range(first, min(first + TOGETHER, size.skus))
        do(_stock(size, [(sku_of(one), _believed(size, one), one % 10 != 0) for one in articles]))
    ours_alone = [(f"x{one:06}", [1] * size.warehouses, True) for one in range(size.absent)]
    do(_stock(size, ours_alone))


def _believed(size: Size, article: int) -> list[int]:
    return [size.lies(article, at) + size.drift(article, at) for at in range(size.warehouses)]


async def _places(size: Size, url: str) -> None:
    """Every warehouse serves every region; its own first."""
    async with sql.transaction():
        await rows.Insert(Channel(CHANNEL, "Mall", ENGINE))
        for at, code in enumerate(size.codes):
            kind = WarehouseKind.THIRD_PARTY
            await rows.Insert(Warehouse(code, code, kind, code, system_url=url))
            await rows.Insert(FeedMark(code, size.skus))
            for region, name in enumerate(size.codes):
                rank = (region - at) % size.warehouses + 1
                await rows.Insert(Service(code, name, rank, rank, 100 * rank))


async def _stock(size: Size, articles: Iterable[tuple[str, list[int], bool]]) -> None:
    """Shelves with their opening entries; a few units for nobody (or none), the rest for sale."""
    shelves: list[WarehouseStock] = []
    entries: list[Entry] = []
    spare: list[Unassigned] = []
    sold: list[Opening] = []
    for sku, believed, with_spare in articles:
        left = min(10, sum(believed) - 1) if with_spare else 0
        shelves += [WarehouseStock(sku, *one) for one in zip(size.codes, believed, strict=True)]
        entries += [
            Entry("opened", sku, Kind.PHYSICAL, code, units, "opened", 0)
            for code, units in zip(size.codes, believed, strict=True)
        ]
        entries.append(Entry("opened", sku, Kind.UNASSIGNED, "", left, "opened", 0))
        spare.append(Unassigned(sku, left))
        sold.append(Opening(Cell(sku, f"channel:{CHANNEL}"), sum(believed) - left))
    async with sql.transaction():
        await rows.InsertAll(tuple(shelves))
        await rows.InsertAll(tuple(entries))
        await rows.InsertAll(tuple(spare))
        opened = tuple(OpenedCell(ENGINE, one.cell.sku, one.cell.place) for one in sold)
        await rows.InsertAll(opened)
    await on(ENGINE, ENGINES[ENGINE].load(sold))


def shelves_of_system(file: Path, code: str) -> dict[str, int]:
    """What lies in a warehouse, read from the system's file."""
    with closing(sqlite3.connect(file)) as connection:
        asked = "SELECT sku, quantity FROM shelf WHERE warehouse = ?"
        return dict(connection.execute(asked, [code]).fetchall())
