"""The audit: read everything of an article as of one moment, ask its engines, compare.

Rows are read in one snapshot; engines are asked between two snapshots. Only if these are the same
and nothing is under way can both sides of the law be compared to the unit; else it is tried again.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Mapping
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
    Kind,
    OpenedCell,
    OrderLine,
    ShopOrder,
    StockMove,
    TransferLine,
    Unassigned,
    WarehouseStock,
)
from inventory_core.services.ledger import Held, Stored, Survey, Surveys, UnderWay
from inventory_core.services.moving import UNDER_WAY
from inventory_core.services.parts import Engines
from inventory_core.steps import rows, sql

R = TypeVar("R", bound=rows.Record)
PAGE = 1_000
PAGES_MOST = 100_000
CELLS = 200
"""Asked of an engine at once; orders and places that are looked up at once."""
ARTICLES_MOST = 1_000
"""Named in one condition."""
TRIES = 3
"""Of a survey that somebody disturbs."""

OPEN = tuple(state for state in AllocationState if state.open)


async def survey(engines: Engines, sku: str) -> Survey | None:
    """Everything of one article; None if nothing is known of it."""
    found: Survey | None = None
    for _ in range(TRIES):
        found = (await _read_once(engines, (sku,))).get(sku)
        if found is None or found.settled:
            break
    return found


async def read_ledger(engines: Engines, skus: Collection[str] | None = None) -> Surveys:
    """Everything of these articles, or of every one; what was disturbed is looked at again."""
    surveys = dict(await _read_once(engines, skus))
    for sku, first in tuple(surveys.items()):
        again = first if first.settled else await survey(engines, sku)
        if again is not None:
            surveys[sku] = again
    return surveys


async def audit(engines: Engines) -> tuple[Breach, ...]:
    """Every breach that no work under way explains."""
    surveys = await read_ledger(engines)
    return tuple(breach for one in surveys.values() for breach in one.breaches)


async def glance(engines: Engines, sku: str) -> Survey | None:
    """Both sides of the law for one article, without its journal: quick, however long that is.

    Only the quantities are read, once: while something is under way, units may be seen in two
    places or in none.
    """
    stored = (await _snapshot((sku,), whole=False)).get(sku)
    if stored is None:
        return None
    return Survey(stored, (await _held(engines, (sku,)))[sku], settled=False)


async def under_way() -> UnderWay:
    """What is begun and not finished."""
    intents, moves = Tally(), Tally()
    await _each(ShopOrder, intents, ("intent", "!=", Intent.NONE))
    await _each(StockMove, moves, ("state", "in", UNDER_WAY))
    return UnderWay(intents.number, moves.number)


@dataclass(slots=True)
class Tally:
    """Counts what it is given."""

    number: int = 0

    def __call__(self, row: object) -> None:
        """One more."""
        self.number += 1


async def _read_once(engines: Engines, skus: Collection[str] | None) -> Surveys:
    """Everything of articles; those that were disturbed meanwhile are not `settled`."""
    if skus is not None and not skus:
        return {}
    before = await _snapshot(skus)
    held = await _held(engines, tuple(before))
    after = await _snapshot(skus)
    return {
        name: Survey(stored, held[name], settled=stored == after.get(name))
        for name, stored in before.items()
    }


# ------------------------------------------------------------------------------------ the engines


async def _held(engines: Engines, skus: Collection[str]) -> Mapping[str, tuple[Held, ...]]:
    """What engines have of articles, in every cell that was ever opened for them.

    A place that has had several engines is asked for by the last: two may count the same rows.
    """
    found: dict[str, list[Held]] = {sku: [] for sku in skus}
    cells_of = [one for one in await _all(OpenedCell, *_among(skus)) if one.sku in found]
    engine_of = await _engines_of({one.place for one in cells_of})
    opened: dict[str, list[Cell]] = defaultdict(list)
    for one in cells_of:
        if engine_of.get(one.place) == one.engine:
            opened[one.engine].append(Cell(one.sku, one.place))
    for engine, cells in sorted(opened.items()):
        cells.sort()
        for first in range(0, len(cells), CELLS):
            some = cells[first : first + CELLS]
            for cell, units in zip(some, await engines.read(engine, some), strict=True):
                found[cell.sku].append(Held(cell.place, engine, units))
    return {sku: tuple(held) for sku, held in found.items()}


async def _engines_of(places: Collection[str]) -> Mapping[str, str]:
    """The engine of each of these places, `channel:CODE` or `activity:CODE`."""
    codes = sorted({place.partition(":")[2] for place in places})
    found: dict[str, str] = {}
    for first in range(0, len(codes), CELLS):
        some = ("code", "in", tuple(codes[first : first + CELLS]))
        places_here: tuple[Channel | Activity, ...] = (
            *await _all(Channel, some),
            *await _all(Activity, some),
        )
        found |= {one.place: one.engine for one in places_here}
    return found


def _among(skus: Collection[str] | None) -> tuple[rows.Where, ...]:
    """The condition for these articles; of very many, all are read and the others left out."""
    if skus is None or len(skus) > ARTICLES_MOST:
        return ()
    return (("sku", "in", tuple(skus)),)


# --------------------------------------------------------------------------------------- the rows


@dataclass(frozen=True, slots=True)
class _Read:
    """The rows of one snapshot, by SKU."""

    shelves: Mapping[str, list[WarehouseStock]]
    unassigned: Mapping[str, int]
    lines: Mapping[str, list[TransferLine]]
    allocated: Mapping[str, Counter[str]]
    entries: Mapping[str, Counter[tuple[Kind, str]]]
    entry_counts: Mapping[str, int]
    moves: Mapping[str, list[StockMove]]
    orders: Mapping[str, set[str]]

    def stored(self, sku: str) -> Stored:
        """What one article has."""
        return Stored(
            sku,
            tuple(self.shelves.get(sku, ())),
            self.unassigned.get(sku, 0),
            {one.transfer: one.in_transit for one in self.lines.get(sku, ())},
            dict(self.allocated.get(sku, {})),
            {what: units for what, units in self.entries.get(sku, {}).items() if units},
            self.entry_counts.get(sku, 0),
            tuple(self.moves.get(sku, ())),
            tuple(sorted(self.orders.get(sku, ()))),
        )


async def _snapshot(skus: Collection[str] | None, whole: bool = True) -> Mapping[str, Stored]:
    """What is stored of these articles, or of every one, as of one moment.

    Unless it is `whole`, without what grows with every order: the journal and the allocations.
    """
    of = _among(skus)
    allocated: dict[str, Counter[str]] = defaultdict(Counter)
    entries: dict[str, Counter[tuple[Kind, str]]] = defaultdict(Counter)
    counts: Counter[str] = Counter()

    def allot(one: Allocation) -> None:
        allocated[one.sku][one.warehouse] += one.quantity

    def enter(one: Entry) -> None:
        entries[one.sku][one.kind, one.place] += one.delta
        counts[one.sku] += 1

    async with sql.transaction(sql.Isolation.REPEATABLE_READ):
        if whole:
            await _each(Allocation, allot, *of, ("state", "in", OPEN))
            await _each(Entry, enter, *of)
        read = _Read(
            _by_sku(await _all(WarehouseStock, *of)),
            {row.sku: row.quantity for row in await _all(Unassigned, *of)},
            _by_sku(await _all(TransferLine, *of, ("in_transit", ">", 0))),
            allocated,
            entries,
            counts,
            _by_sku(await _all(StockMove, *of, ("state", "in", UNDER_WAY))),
            await _orders_under_way() if whole else {},
        )
    kinds = (read.shelves, read.unassigned, read.lines, allocated, entries, read.moves)
    known = {name for kind in kinds for name in kind}
    wanted = known if skus is None else known.intersection(skus)
    return {name: read.stored(name) for name in sorted(wanted)}


async def _orders_under_way() -> Mapping[str, set[str]]:
    """The orders that somebody is at, by the SKUs of their lines."""
    orders: dict[str, set[str]] = defaultdict(set)
    begun = [one.order_id for one in await _all(ShopOrder, ("intent", "!=", Intent.NONE))]
    for first in range(0, len(begun), CELLS):
        some = tuple(begun[first : first + CELLS])
        for line in await _all(OrderLine, ("order_id", "in", some)):
            orders[line.sku].add(line.order_id)
    return orders


def _by_sku(found: Collection[R]) -> Mapping[str, list[R]]:
    grouped: dict[str, list[R]] = defaultdict(list)
    for row in found:
        grouped[row.sku].append(row)  # type: ignore[attr-defined]
    return grouped


async def _all(kind: type[R], *where: rows.Where) -> list[R]:
    """Every row that meets the conditions."""
    found: list[R] = []
    await _each(kind, found.append, *where)
    return found


async def _each(kind: type[R], take: Callable[[R], object], *where: rows.Where) -> None:
    """Hand over every row that meets the conditions, page by page: only a page is remembered."""
    after: tuple[object, ...] | None = None
    for _ in range(PAGES_MOST):
        page = await rows.Select(kind, where, (), after, PAGE)
        for row in page:
            take(row)
        if len(page) < PAGE:
            return
        after = tuple(_plain(getattr(page[-1], name)) for name in kind.KEY)
    raise AssertionError(f"there are more than {PAGES_MOST * PAGE} rows of {kind.__name__}")


def _plain(value: object) -> object:
    return getattr(value, "value", value)
