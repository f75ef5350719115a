"""The audit: read everything of an article as of one moment, ask its engines, compare.

Rows are read in one snapshot; engines are asked between two snapshots. Only if these are the same
and nothing is under way can both sides of the law be compared to the unit; else it is tried again.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import TypeVar

from inventory_core.domain import Cell
from inventory_core.domain.law import Breach
from inventory_core.records import (
    Activity,
    Allocation,
    AllocationState,
    Channel,
    Entry,
    Intent,
    OpenedCell,
    OrderLine,
    ShopOrder,
    StockMove,
    TransferLine,
    Unassigned,
    WarehouseStock,
)
from inventory_core.services.ledger import Stored, Survey, Surveys
from inventory_core.services.moving import UNDER_WAY
from inventory_core.services.parts import Engines
from inventory_core.steps import rows, sql

R = TypeVar("R", bound=rows.Record)
PAGE = 1_000
PAGES_MOST = 100_000
CELLS = 200
"""Asked of an engine at once."""
TRIES = 3
"""Of a survey that somebody disturbs."""

OPEN = tuple(state for state in AllocationState if state.open)


async def survey(engines: Engines, sku: str) -> Survey | None:
    """Everything of one article; None if nothing is known of it."""
    found = Survey(Stored(sku), {}, settled=False)
    for _ in range(TRIES):
        before = (await _snapshot(sku)).get(sku)
        if before is None:
            return None
        cells = (await _cells(engines, (sku,)))[sku]
        after = (await _snapshot(sku)).get(sku)
        found = Survey(before, cells, settled=before == after)
        if found.settled:
            break
    return found


async def read_ledger(engines: Engines, sku: str | None = None) -> Surveys:
    """Everything of every article, or of one; those that were disturbed are not `settled`."""
    before = await _snapshot(sku)
    cells = await _cells(engines, tuple(before))
    after = await _snapshot(sku)
    return {
        name: Survey(stored, cells[name], settled=stored == after.get(name))
        for name, stored in before.items()
    }


async def audit(engines: Engines) -> tuple[Breach, ...]:
    """Every breach that no work under way explains; what was disturbed is looked at again."""
    broken: list[Breach] = []
    for sku, first in (await read_ledger(engines)).items():
        again = first if first.settled else await survey(engines, sku)
        if again is not None:
            broken += again.breaches
    return tuple(broken)


# ------------------------------------------------------------------------------------ the engines


async def _cells(engines: Engines, skus: Collection[str]) -> Mapping[str, Mapping[str, int]]:
    """Units by SKU and place, of every place that an engine of ours holds."""
    found: dict[str, dict[str, int]] = {sku: {} for sku in skus}
    wanted = await _places_of(skus)
    for engine in sorted({engine for engine, _ in wanted}):
        cells = sorted(cell for name, cell in wanted if name == engine)
        for first in range(0, len(cells), CELLS):
            some = cells[first : first + CELLS]
            for cell, units in zip(some, await engines.read(engine, some), strict=True):
                found[cell.sku][cell.place] = units
    return found


async def _places_of(skus: Collection[str]) -> set[tuple[str, Cell]]:
    """Every cell that may have units: all channels, and the activities that were ever opened."""
    channels, running = await _all(Channel), await _all(Activity)
    wanted = {(one.engine, Cell(sku, one.place)) for one in channels for sku in skus}
    engine_of = {one.place: one.engine for one in running}
    where: tuple[rows.Where, ...] = ()
    if len(skus) == 1:
        where = (("sku", "=", next(iter(skus))),)
    for opened in await _all(OpenedCell, *where):
        if opened.sku in skus and engine_of.get(opened.place) == opened.engine:
            wanted.add((opened.engine, Cell(opened.sku, opened.place)))
    return wanted


# --------------------------------------------------------------------------------------- the rows


@dataclass(frozen=True, slots=True)
class _Read:
    """The rows of one snapshot, by SKU."""

    shelves: Mapping[str, list[WarehouseStock]]
    unassigned: Mapping[str, int]
    lines: Mapping[str, list[TransferLine]]
    allocations: Mapping[str, list[Allocation]]
    entries: Mapping[str, list[Entry]]
    moves: Mapping[str, list[StockMove]]
    orders: Mapping[str, set[str]]

    def stored(self, sku: str) -> Stored:
        """What one article has."""
        allocated: dict[str, int] = defaultdict(int)
        for one in self.allocations.get(sku, ()):
            allocated[one.warehouse] += one.quantity
        entries: dict[tuple[object, str], int] = defaultdict(int)
        for entry in self.entries.get(sku, ()):
            entries[entry.kind, entry.place] += entry.delta
        return Stored(
            sku,
            tuple(self.shelves.get(sku, ())),
            self.unassigned.get(sku, 0),
            {one.transfer: one.in_transit for one in self.lines.get(sku, ())},
            dict(allocated),
            {what: units for what, units in entries.items() if units},  # type: ignore[misc]
            len(self.entries.get(sku, ())),
            tuple(self.moves.get(sku, ())),
            tuple(sorted(self.orders.get(sku, ()))),
        )


async def _snapshot(sku: str | None) -> Mapping[str, Stored]:
    """What is stored of every article (or one), as of one moment."""
    of: tuple[rows.Where, ...] = () if sku is None else (("sku", "=", sku),)
    async with sql.transaction(sql.Isolation.REPEATABLE_READ):
        unassigned = {row.sku: row.quantity for row in await _all(Unassigned, *of)}
        read = _Read(
            _by_sku(await _all(WarehouseStock, *of)),
            unassigned,
            _by_sku(await _all(TransferLine, *of, ("in_transit", ">", 0))),
            _by_sku(await _all(Allocation, *of, ("state", "in", OPEN))),
            _by_sku(await _all(Entry, *of)),
            _by_sku(await _all(StockMove, *of, ("state", "in", UNDER_WAY))),
            await _orders_under_way(),
        )
    kinds = (read.shelves, read.unassigned, read.lines, read.allocations, read.entries, read.moves)
    known = sorted({name for kind in kinds for name in kind})
    return {name: read.stored(name) for name in known}


async def _orders_under_way() -> Mapping[str, set[str]]:
    """The orders that somebody is at, by the SKUs of their lines."""
    orders: dict[str, set[str]] = defaultdict(set)
    for order in await _all(ShopOrder, ("intent", "!=", Intent.NONE)):
        for line in await rows.Select(OrderLine, (("order_id", "=", order.order_id),)):
            orders[line.sku].add(order.order_id)
    return orders


def _by_sku(found: Collection[R]) -> Mapping[str, list[R]]:
    grouped: dict[str, list[R]] = defaultdict(list)
    for row in found:
        grouped[row.sku].append(row)  # type: ignore[attr-defined]
    return grouped


async def _all(kind: type[R], *where: rows.Where) -> list[R]:
    """Every row that meets the conditions, page by page."""
    found: list[R] = []
    after: tuple[object, ...] | None = None
    for _ in range(PAGES_MOST):
        page = await rows.Select(kind, where, (), after, PAGE)
        found += page
        if len(page) < PAGE:
            break
        after = tuple(_plain(getattr(page[-1], name)) for name in kind.KEY)
    return found


def _plain(value: object) -> object:
    return getattr(value, "value", value)
