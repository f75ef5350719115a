"""A table as CSV: UTF-8, RFC 4180, a header line, rows in the order of their keys.

The same rows give the same bytes. What is on a shelf or in a channel is written even where it is 0,
so that a file can be filled in and sent back.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from typing import TypeVar

from inventory_core.domain import Cell
from inventory_core.records import Channel, OpenedCell, WarehouseStock
from inventory_core.services.csv_columns import written
from inventory_core.services.csv_tables import CsvRow, CsvTable, Physical, Sellable, table
from inventory_core.services.parts import Engines
from inventory_core.steps import rows, sql

PAGE = 1_000
PAGES_MOST = 100_000
CELLS = 200
"""Asked of an engine at once."""
R = TypeVar("R", bound=rows.Record)


async def export_csv(engines: Engines, what: str) -> str:
    """A table as it is, as of one moment (what channels hold: cell by cell)."""
    wanted = table(what)
    return text_of(wanted, await all_rows(engines, wanted))


def text_of(wanted: CsvTable, found: Iterable[CsvRow]) -> str:
    """Rows as a text."""
    text = io.StringIO(newline="")
    out = csv.writer(text, lineterminator="\r\n")
    out.writerow(wanted.header)
    for row in sorted(found, key=wanted.key_of):
        out.writerow(written(getattr(row, name)) for name in wanted.header)
    return text.getvalue()


async def all_rows(engines: Engines, wanted: CsvTable) -> list[CsvRow]:
    """Every row of a table."""
    if wanted.kind is Physical:
        shelves = await whole_kind(WarehouseStock)
        return [Physical(one.warehouse, one.sku, one.physical) for one in shelves]
    if wanted.kind is Sellable:
        return list(await _sellable(engines))
    return list(await whole_kind(wanted.kind))  # type: ignore[type-var]


async def _sellable(engines: Engines) -> list[Sellable]:
    """What channels hold, of every cell that was ever opened for them."""
    engine_of = {one.place: (one.engine, one.code) for one in await whole_kind(Channel)}
    mine: dict[str, list[Cell]] = {}
    for opened in await whole_kind(OpenedCell):
        engine, _ = engine_of.get(opened.place, ("", ""))
        if engine == opened.engine:
            mine.setdefault(engine, []).append(Cell(opened.sku, opened.place))
    found: list[Sellable] = []
    for engine, cells in sorted(mine.items()):
        for first in range(0, len(cells), CELLS):
            some = cells[first : first + CELLS]
            for cell, units in zip(some, await engines.read(engine, some), strict=True):
                found.append(Sellable(engine_of[cell.place][1], cell.sku, units))
    return found


async def whole_kind(kind: type[R]) -> list[R]:
    """Every row of a kind, page by page, as of one moment."""
    found: list[R] = []
    after: tuple[object, ...] | None = None
    async with sql.transaction(sql.Isolation.REPEATABLE_READ):
        for _ in range(PAGES_MOST):
            page = await rows.Select(kind, (), (), after, PAGE)
            found += page
            if len(page) < PAGE:
                break
            after = tuple(getattr(page[-1], name) for name in kind.KEY)
    return found
